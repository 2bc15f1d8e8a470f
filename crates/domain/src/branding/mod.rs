//! An organization's branding, custom domain and feature toggles.

mod brand;
pub mod color;
pub mod custom_css;
mod domains;
mod manage;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::audit::{Audited, Resource};
use crate::ids::{BrandingId, OrganizationId};
use crate::organizations::Organization;
use crate::storage_error::StorageError;
use crate::text::text_value;
use crate::values::{DomainName, EmailAddress, HttpsUrl};

pub use brand::{Brand, Colors};
pub use color::Color;
pub use custom_css::CustomCss;
pub use domains::{
    CustomDomain, DomainCheck, DomainProof, DomainReader, domain_proof, verify_domain,
};
pub use manage::{BrandingChanges, BrandingError, change};

text_value! {
    /// The welcome on the sign-in page: text of up to 2000 characters.
    pub struct WelcomeMessage(multi_line, required, 2000);
}

text_value! {
    /// A phone number as people write it, up to 50 characters.
    pub struct PhoneNumber(single_line, required, 50);
}

impl PhoneNumber {
    /// The number as a telephone dials it (RFC 3966): without what makes it easy to read.
    pub fn dialled(&self) -> String {
        let number = self.0.trim();
        let plus = number.starts_with('+').then_some('+');
        let digits = number.chars().filter(char::is_ascii_digit);
        plus.into_iter().chain(digits).collect()
    }
}

text_value! {
    /// The text at the foot of every page, up to 1000 characters.
    pub struct FooterText(multi_line, required, 1000);
}

/// A part of the portal that an organization can switch off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Feature {
    /// Submitting and following tickets.
    Tickets,
    /// Borrowing and returning devices.
    AssetCheckout,
    /// Seeing the organization's devices.
    SelfService,
    /// Resetting a forgotten password by mail.
    PasswordReset,
    /// Looking up colleagues in the directory.
    Colleagues,
}

/// Which features an organization has switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches")]
pub struct FeatureToggles {
    /// See [`Feature::Tickets`].
    pub tickets: bool,
    /// See [`Feature::AssetCheckout`].
    pub asset_checkout: bool,
    /// See [`Feature::SelfService`].
    pub self_service: bool,
    /// See [`Feature::PasswordReset`].
    pub password_reset: bool,
    /// See [`Feature::Colleagues`].
    pub colleagues: bool,
}

impl FeatureToggles {
    /// Whether a feature is switched on.
    pub const fn is_enabled(self, feature: Feature) -> bool {
        match feature {
            Feature::Tickets => self.tickets,
            Feature::AssetCheckout => self.asset_checkout,
            Feature::SelfService => self.self_service,
            Feature::PasswordReset => self.password_reset,
            Feature::Colleagues => self.colleagues,
        }
    }
}

/// Everything but the directory of colleagues is on, for an organization that never chose.
impl Default for FeatureToggles {
    fn default() -> Self {
        Self {
            tickets: true,
            asset_checkout: true,
            self_service: true,
            password_reset: true,
            colleagues: false,
        }
    }
}

/// How an organization's portal looks, where it is found, and what it offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branding {
    /// Its id.
    pub id: BrandingId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The logo in the header.
    pub logo_url: Option<HttpsUrl>,
    /// The icon in the browser's tab.
    pub favicon_url: Option<HttpsUrl>,
    /// The main colour.
    pub primary_color: Option<Color>,
    /// The second colour.
    pub secondary_color: Option<Color>,
    /// The colour of what can be clicked.
    pub accent_color: Option<Color>,
    /// The organization's own domain for the portal.
    pub custom_domain: Option<DomainName>,
    /// Whether the organization has proven that the domain is its own.
    pub domain_verified: bool,
    /// The token in the domain's TXT record that proves it; minted with each new domain.
    pub domain_token: Option<String>,
    /// The welcome on the sign-in page.
    pub welcome_message: Option<WelcomeMessage>,
    /// The address for help, which also gets the team's notifications.
    pub support_email: Option<EmailAddress>,
    /// The number to call for help.
    pub support_phone: Option<PhoneNumber>,
    /// The text at the foot of every page.
    pub footer_text: Option<FooterText>,
    /// A style sheet for the portal's pages.
    pub custom_css: Option<CustomCss>,
    /// The features that are switched on.
    pub features: FeatureToggles,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Branding {
    /// The branding of an organization that never chose any.
    pub fn unset(id: BrandingId, organization_id: OrganizationId, now: DateTime<Utc>) -> Self {
        Self {
            id,
            organization_id,
            logo_url: None,
            favicon_url: None,
            primary_color: None,
            secondary_color: None,
            accent_color: None,
            custom_domain: None,
            domain_verified: false,
            domain_token: None,
            welcome_message: None,
            support_email: None,
            support_phone: None,
            footer_text: None,
            custom_css: None,
            features: FeatureToggles::default(),
            created_at: now,
            updated_at: now,
        }
    }

    /// The custom domain if it is verified, as links and sign-ins need it.
    pub fn verified_domain(&self) -> Option<&DomainName> {
        self.custom_domain.as_ref().filter(|_| self.domain_verified)
    }
}

/// The audit log names a branding by its organization's id.
impl Audited for Branding {
    fn resource(&self) -> Resource {
        Resource::unnamed("portal_branding", &self.organization_id)
    }
}

/// Reads an organization's branding.
#[async_trait]
pub trait BrandingReader: Send + Sync {
    /// The organization of this handle.
    async fn own_organization(&self) -> Result<Option<Organization>, StorageError>;

    /// Its branding, if it ever chose any.
    async fn branding(&self) -> Result<Option<Branding>, StorageError>;
}

/// Writes an organization's branding.
#[async_trait]
pub trait BrandingWriter: Send + Sync {
    /// Adds or replaces the branding; `false` when its domain is verified for another organization.
    async fn save_branding(&self, branding: &Branding) -> Result<bool, StorageError>;

    /// Replaces what is known of the domain's record.
    async fn save_domain_check(&self, check: &DomainCheck) -> Result<(), StorageError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_dialled_without_its_spaces() {
        for (written, dialled) in [
            ("+49 (30) 23125-100", "+493023125100"),
            ("0800 / 12 34", "08001234"),
        ] {
            let number: PhoneNumber = written.parse().unwrap();
            assert_eq!(number.dialled(), dialled);
        }
    }
}
