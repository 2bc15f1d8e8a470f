//! Operators change an organization's branding.

use serde_json::json;

use super::{Branding, Color, CustomCss, FooterText, PhoneNumber, WelcomeMessage};
use crate::actors::Operator;
use crate::audit::AuditAction;
use crate::environment::Environment;
use crate::ids::BrandingId;
use crate::operation::Operation;
use crate::storage_error::StorageError;
use crate::values::{DomainName, EmailAddress, HttpsUrl};

/// Changes to a branding: `None` leaves a field as it is, and `Some(None)` unsets it.
#[derive(Debug, Clone, Default)]
pub struct BrandingChanges {
    /// Another logo.
    pub logo_url: Option<Option<HttpsUrl>>,
    /// Another icon.
    pub favicon_url: Option<Option<HttpsUrl>>,
    /// Another main colour.
    pub primary_color: Option<Option<Color>>,
    /// Another second colour.
    pub secondary_color: Option<Option<Color>>,
    /// Another accent.
    pub accent_color: Option<Option<Color>>,
    /// Another domain, to be verified anew.
    pub custom_domain: Option<Option<DomainName>>,
    /// Another welcome.
    pub welcome_message: Option<Option<WelcomeMessage>>,
    /// Another address for help.
    pub support_email: Option<Option<EmailAddress>>,
    /// Another number for help.
    pub support_phone: Option<Option<PhoneNumber>>,
    /// Another footer.
    pub footer_text: Option<Option<FooterText>>,
    /// Another style sheet.
    pub custom_css: Option<Option<CustomCss>>,
    /// Switches tickets on or off.
    pub enable_tickets: Option<bool>,
    /// Switches borrowing on or off.
    pub enable_asset_checkout: Option<bool>,
    /// Switches the list of devices on or off.
    pub enable_self_service: Option<bool>,
    /// Switches password resets on or off.
    pub enable_password_reset: Option<bool>,
    /// Switches the directory of colleagues on or off.
    pub enable_colleagues: Option<bool>,
}

/// Why a branding could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum BrandingError {
    /// The organization has no domain of its own.
    #[error("the organization has no custom domain; set one first")]
    NoDomain,
    /// Another organization has shown that this domain is its own.
    #[error("the domain {0} is verified for another organization")]
    DomainTaken(DomainName),
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// The stored branding, or an unset one.
pub(super) async fn load(op: &Operation<'_, Operator>) -> Result<Branding, StorageError> {
    let unset = || Branding::unset(BrandingId::generate(op), op.organization(), op.now());
    Ok(op.tx.branding().await?.unwrap_or_else(unset))
}

pub(super) async fn save(
    op: &Operation<'_, Operator>,
    branding: &Branding,
) -> Result<(), BrandingError> {
    let saved = op.tx.save_branding(branding).await?;
    match (saved, &branding.custom_domain) {
        (false, Some(domain)) => Err(BrandingError::DomainTaken(domain.clone())),
        _ => Ok(()),
    }
}

/// Changes an organization's branding, and returns it. Another domain is unverified and gets a new
/// token. Without any change nothing happens.
///
/// # Errors
///
/// Those of storage.
pub async fn change(
    op: &Operation<'_, Operator>,
    changes: BrandingChanges,
) -> Result<Branding, BrandingError> {
    let mut branding = load(op).await?;
    let updated_fields = apply(&mut branding, changes);
    if updated_fields.is_empty() {
        return Ok(branding);
    }
    if updated_fields.contains(&"customDomain") {
        branding.domain_verified = false;
        branding.domain_token = branding.custom_domain.as_ref().map(|_| domain_token(op));
    }
    branding.updated_at = op.now();
    save(op, &branding).await?;
    let details = json!({ "updatedFields": updated_fields });
    op.audit(AuditAction::OrganizationBrandingUpdate, &branding, details)
        .await?;
    Ok(branding)
}

/// Applies the changes, and returns the names of the fields whose values differ now.
fn apply(branding: &mut Branding, changes: BrandingChanges) -> Vec<&'static str> {
    let mut updated = Vec::new();
    macro_rules! set {
        ($($name:literal: $change:ident => $($field:ident).+;)+) => {
            let BrandingChanges { $($change),+ } = changes;
            $(if let Some(value) = $change && value != branding.$($field).+ {
                branding.$($field).+ = value;
                updated.push($name);
            })+
        };
    }
    set! {
        "logoUrl": logo_url => logo_url;
        "faviconUrl": favicon_url => favicon_url;
        "primaryColor": primary_color => primary_color;
        "secondaryColor": secondary_color => secondary_color;
        "accentColor": accent_color => accent_color;
        "customDomain": custom_domain => custom_domain;
        "welcomeMessage": welcome_message => welcome_message;
        "supportEmail": support_email => support_email;
        "supportPhone": support_phone => support_phone;
        "footerText": footer_text => footer_text;
        "customCss": custom_css => custom_css;
        "enableTickets": enable_tickets => features.tickets;
        "enableAssetCheckout": enable_asset_checkout => features.asset_checkout;
        "enableSelfService": enable_self_service => features.self_service;
        "enablePasswordReset": enable_password_reset => features.password_reset;
        "enableColleagues": enable_colleagues => features.colleagues;
    }
    updated
}

/// Thirty-two random hexadecimal digits.
fn domain_token(env: &dyn Environment) -> String {
    uuid::Uuid::from_bytes(env.random()).simple().to_string()
}
