//! Rows of `portal_branding` and `domain_checks`.

use diesel::prelude::{AsChangeset, Insertable, Queryable, Selectable};
use portal_domain::branding::{Branding, CustomDomain, DomainCheck, DomainProof, FeatureToggles};
use portal_domain::store::StorageError;

use super::organizations::OrganizationRow;
use super::{Place, readable};
use crate::schema::{domain_checks, portal_branding};
use crate::sql_types::{DbId, Time};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(
    table_name = portal_branding,
    treat_none_as_default_value = false,
    treat_none_as_null = true)]
pub(crate) struct BrandingRow {
    id: DbId,
    org_id: DbId,
    logo_url: Option<String>,
    favicon_url: Option<String>,
    primary_color: Option<String>,
    secondary_color: Option<String>,
    accent_color: Option<String>,
    custom_domain: Option<String>,
    domain_verified: bool,
    domain_token: Option<String>,
    welcome_message: Option<String>,
    support_email: Option<String>,
    support_phone: Option<String>,
    footer_text: Option<String>,
    custom_css: Option<String>,
    #[diesel(embed)]
    features: FeaturesRow,
    created_at: Time,
    updated_at: Time,
}

impl From<&Branding> for BrandingRow {
    fn from(branding: &Branding) -> Self {
        Self {
            id: DbId::of(branding.id),
            org_id: DbId::of(branding.organization_id),
            logo_url: branding.logo_url.as_ref().map(ToString::to_string),
            favicon_url: branding.favicon_url.as_ref().map(ToString::to_string),
            primary_color: branding.primary_color.as_ref().map(ToString::to_string),
            secondary_color: branding.secondary_color.as_ref().map(ToString::to_string),
            accent_color: branding.accent_color.as_ref().map(ToString::to_string),
            custom_domain: branding.custom_domain.as_ref().map(ToString::to_string),
            domain_verified: branding.domain_verified,
            domain_token: branding.domain_token.clone(),
            welcome_message: branding.welcome_message.as_ref().map(ToString::to_string),
            support_email: branding.support_email.as_ref().map(ToString::to_string),
            support_phone: branding.support_phone.as_ref().map(ToString::to_string),
            footer_text: branding.footer_text.as_ref().map(ToString::to_string),
            custom_css: branding.custom_css.as_ref().map(ToString::to_string),
            features: (&branding.features).into(),
            created_at: Time::from(branding.created_at),
            updated_at: Time::from(branding.updated_at),
        }
    }
}

impl TryFrom<BrandingRow> for Branding {
    type Error = StorageError;

    /// What cannot be read is left out: it must not take all pages of an organization away.
    fn try_from(row: BrandingRow) -> Result<Self, StorageError> {
        let place = Place("portal_branding", row.id);
        Ok(Self {
            id: row.id.typed(),
            organization_id: row.org_id.typed(),
            logo_url: readable(place.optional("logo_url", row.logo_url)),
            favicon_url: readable(place.optional("favicon_url", row.favicon_url)),
            primary_color: readable(place.optional("primary_color", row.primary_color)),
            secondary_color: readable(place.optional("secondary_color", row.secondary_color)),
            accent_color: readable(place.optional("accent_color", row.accent_color)),
            custom_domain: readable(place.optional("custom_domain", row.custom_domain)),
            domain_verified: row.domain_verified,
            domain_token: row.domain_token,
            welcome_message: readable(place.optional_text("welcome_message", row.welcome_message)),
            support_email: readable(place.optional("support_email", row.support_email)),
            support_phone: readable(place.optional_text("support_phone", row.support_phone)),
            footer_text: readable(place.optional_text("footer_text", row.footer_text)),
            custom_css: readable(place.optional("custom_css", row.custom_css)),
            features: row.features.into(),
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = portal_branding, treat_none_as_default_value = false)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches")]
pub(crate) struct FeaturesRow {
    enable_tickets: bool,
    enable_asset_checkout: bool,
    enable_self_service: bool,
    enable_password_reset: bool,
    enable_colleagues: bool,
}

impl From<&FeatureToggles> for FeaturesRow {
    fn from(features: &FeatureToggles) -> Self {
        Self {
            enable_tickets: features.tickets,
            enable_asset_checkout: features.asset_checkout,
            enable_self_service: features.self_service,
            enable_password_reset: features.password_reset,
            enable_colleagues: features.colleagues,
        }
    }
}

impl From<FeaturesRow> for FeatureToggles {
    fn from(row: FeaturesRow) -> Self {
        Self {
            tickets: row.enable_tickets,
            asset_checkout: row.enable_asset_checkout,
            self_service: row.enable_self_service,
            password_reset: row.enable_password_reset,
            colleagues: row.enable_colleagues,
        }
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(
    table_name = domain_checks,
    treat_none_as_default_value = false,
    treat_none_as_null = true)]
pub(crate) struct DomainCheckRow {
    org_id: DbId,
    domain: String,
    checked_at: Time,
    missing_since: Option<Time>,
}

impl DomainCheckRow {
    pub(crate) fn new(org_id: DbId, check: &DomainCheck) -> Self {
        Self {
            org_id,
            domain: check.domain.to_string(),
            checked_at: Time::from(check.checked_at),
            missing_since: check.missing_since.map(Time::from),
        }
    }
}

impl TryFrom<DomainCheckRow> for DomainCheck {
    type Error = StorageError;

    fn try_from(row: DomainCheckRow) -> Result<Self, StorageError> {
        Ok(Self {
            domain: Place("domain_checks", row.org_id).value("domain", &row.domain)?,
            checked_at: row.checked_at.into(),
            missing_since: row.missing_since.map(Into::into),
        })
    }
}

/// The domains of rows. What cannot be read is left out, and logged once: one bad value must not hide
/// the domains of all other organizations.
pub(crate) fn readable_domains(rows: Vec<CustomDomainRow>) -> Vec<CustomDomain> {
    let domains = rows.into_iter().map(CustomDomain::try_from);
    domains
        .filter_map(|domain| readable(domain.map(Some)))
        .collect()
}

/// A branding's id, its organization, domain, the domain's token, whether it is verified, and its
/// last check.
#[derive(Queryable)]
pub(crate) struct CustomDomainRow {
    id: DbId,
    organization: OrganizationRow,
    domain: String,
    token: Option<String>,
    verified: bool,
    check: Option<DomainCheckRow>,
}

impl TryFrom<CustomDomainRow> for CustomDomain {
    type Error = StorageError;

    fn try_from(row: CustomDomainRow) -> Result<Self, StorageError> {
        let domain = Place("portal_branding", row.id).value("custom_domain", &row.domain)?;
        Ok(Self {
            organization: row.organization.try_into()?,
            proof: DomainProof::new(domain, &row.token.unwrap_or_default()),
            verified: row.verified,
            check: row.check.map(TryInto::try_into).transpose()?,
        })
    }
}
