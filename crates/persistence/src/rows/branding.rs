//! Rows of `portal_branding`.

use diesel::pg::Pg;
use diesel::prelude::{AsChangeset, Insertable, Queryable, Selectable};
use diesel::sqlite::Sqlite;
use portal_domain::branding::{Branding, FeatureToggles};
use portal_domain::store::StorageError;

use super::Table;
use crate::schema::portal_branding;
use crate::sql_types::{DbId, Time};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(
    table_name = portal_branding,
    treat_none_as_default_value = false,
    treat_none_as_null = true,
    check_for_backend(Pg, Sqlite)
)]
#[expect(clippy::struct_excessive_bools, reason = "the table has that many")]
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
    enable_tickets: bool,
    enable_asset_checkout: bool,
    enable_self_service: bool,
    enable_password_reset: bool,
    created_at: Time,
    updated_at: Time,
}

impl From<&Branding> for BrandingRow {
    fn from(branding: &Branding) -> Self {
        let Branding {
            id,
            organization_id,
            logo_url,
            favicon_url,
            primary_color,
            secondary_color,
            accent_color,
            custom_domain,
            domain_verified,
            domain_token,
            welcome_message,
            support_email,
            support_phone,
            footer_text,
            custom_css,
            features:
                FeatureToggles {
                    tickets,
                    asset_checkout,
                    self_service,
                    password_reset,
                },
            created_at,
            updated_at,
        } = branding;
        Self {
            id: DbId::of(*id),
            org_id: DbId::of(*organization_id),
            logo_url: logo_url.as_ref().map(ToString::to_string),
            favicon_url: favicon_url.as_ref().map(ToString::to_string),
            primary_color: primary_color.as_ref().map(ToString::to_string),
            secondary_color: secondary_color.as_ref().map(ToString::to_string),
            accent_color: accent_color.as_ref().map(ToString::to_string),
            custom_domain: custom_domain.as_ref().map(ToString::to_string),
            domain_verified: *domain_verified,
            domain_token: domain_token.clone(),
            welcome_message: welcome_message.as_ref().map(ToString::to_string),
            support_email: support_email.as_ref().map(ToString::to_string),
            support_phone: support_phone.as_ref().map(ToString::to_string),
            footer_text: footer_text.as_ref().map(ToString::to_string),
            custom_css: custom_css.as_ref().map(ToString::to_string),
            enable_tickets: *tickets,
            enable_asset_checkout: *asset_checkout,
            enable_self_service: *self_service,
            enable_password_reset: *password_reset,
            created_at: Time::from(*created_at),
            updated_at: Time::from(*updated_at),
        }
    }
}

impl TryFrom<BrandingRow> for Branding {
    type Error = StorageError;

    fn try_from(row: BrandingRow) -> Result<Self, StorageError> {
        let BrandingRow {
            id,
            org_id,
            logo_url,
            favicon_url,
            primary_color,
            secondary_color,
            accent_color,
            custom_domain,
            domain_verified,
            domain_token,
            welcome_message,
            support_email,
            support_phone,
            footer_text,
            custom_css,
            enable_tickets,
            enable_asset_checkout,
            enable_self_service,
            enable_password_reset,
            created_at,
            updated_at,
        } = row;
        let table = Table("portal_branding");
        Ok(Self {
            id: id.typed(),
            organization_id: org_id.typed(),
            logo_url: table.optional("logo_url", logo_url.as_deref())?,
            favicon_url: table.optional("favicon_url", favicon_url.as_deref())?,
            primary_color: table.optional("primary_color", primary_color.as_deref())?,
            secondary_color: table.optional("secondary_color", secondary_color.as_deref())?,
            accent_color: table.optional("accent_color", accent_color.as_deref())?,
            custom_domain: table.optional("custom_domain", custom_domain.as_deref())?,
            domain_verified,
            domain_token,
            welcome_message: table.optional("welcome_message", welcome_message.as_deref())?,
            support_email: table.optional("support_email", support_email.as_deref())?,
            support_phone: table.optional("support_phone", support_phone.as_deref())?,
            footer_text: table.optional("footer_text", footer_text.as_deref())?,
            custom_css: table.optional("custom_css", custom_css.as_deref())?,
            features: FeatureToggles {
                tickets: enable_tickets,
                asset_checkout: enable_asset_checkout,
                self_service: enable_self_service,
                password_reset: enable_password_reset,
            },
            created_at: created_at.into(),
            updated_at: updated_at.into(),
        })
    }
}

/// The switches of a branding alone.
#[derive(Queryable, Selectable)]
#[diesel(table_name = portal_branding, check_for_backend(Pg, Sqlite))]
#[expect(clippy::struct_excessive_bools, reason = "four independent switches")]
pub(crate) struct FeaturesRow {
    enable_tickets: bool,
    enable_asset_checkout: bool,
    enable_self_service: bool,
    enable_password_reset: bool,
}

impl From<FeaturesRow> for FeatureToggles {
    fn from(row: FeaturesRow) -> Self {
        let FeaturesRow {
            enable_tickets,
            enable_asset_checkout,
            enable_self_service,
            enable_password_reset,
        } = row;
        Self {
            tickets: enable_tickets,
            asset_checkout: enable_asset_checkout,
            self_service: enable_self_service,
            password_reset: enable_password_reset,
        }
    }
}
