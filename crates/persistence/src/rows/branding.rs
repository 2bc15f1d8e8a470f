//! Rows of `portal_branding`.

use diesel::prelude::{AsChangeset, Insertable, Queryable, Selectable};
use portal_domain::branding::{Branding, FeatureToggles};
use portal_domain::store::StorageError;

use super::Table;
use crate::schema::portal_branding;
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

    fn try_from(row: BrandingRow) -> Result<Self, StorageError> {
        let table = Table("portal_branding");
        Ok(Self {
            id: row.id.typed(),
            organization_id: row.org_id.typed(),
            logo_url: table.optional("logo_url", row.logo_url)?,
            favicon_url: table.optional("favicon_url", row.favicon_url)?,
            primary_color: table.optional("primary_color", row.primary_color)?,
            secondary_color: table.optional("secondary_color", row.secondary_color)?,
            accent_color: table.optional("accent_color", row.accent_color)?,
            custom_domain: table.optional("custom_domain", row.custom_domain)?,
            domain_verified: row.domain_verified,
            domain_token: row.domain_token,
            welcome_message: table.optional_text("welcome_message", row.welcome_message)?,
            support_email: table.optional("support_email", row.support_email)?,
            support_phone: table.optional_text("support_phone", row.support_phone)?,
            footer_text: table.optional_text("footer_text", row.footer_text)?,
            custom_css: table.optional("custom_css", row.custom_css)?,
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
