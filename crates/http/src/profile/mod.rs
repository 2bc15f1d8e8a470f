//! `/profile`: the user's own data and password.

mod change_password;
mod get;
mod update;

use portal_domain::profiles::{Account, Locale, PortalUser, UserStatus};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

/// The routes under `/profile`.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(get::get_profile)
        .service(update::update_profile)
        .service(change_password::change_password);
}

/// A user in their envelope.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserEnvelope {
    user: UserBody,
}

/// A user with their organization.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = User)]
pub(crate) struct UserBody {
    id: String,
    org_id: String,
    #[schema(example = "Acme")]
    org_name: String,
    /// The same as `orgId`.
    organization_id: String,
    /// The same as `orgName`.
    organization_name: String,
    #[schema(example = "ada@acme.example")]
    email: String,
    #[schema(required, example = "Ada Moreno")]
    name: Option<String>,
    receive_notifications: bool,
    /// `active`, `invited` or `disabled`.
    status: &'static str,
    /// `en`, `de` or nothing in particular.
    #[schema(required)]
    locale: Option<&'static str>,
}

impl UserBody {
    pub(crate) fn new(user: &PortalUser, organization_name: &str) -> Self {
        Self {
            id: user.id.to_string(),
            org_id: user.organization_id.to_string(),
            org_name: organization_name.to_owned(),
            organization_id: user.organization_id.to_string(),
            organization_name: organization_name.to_owned(),
            email: user.email.to_string(),
            name: user.name.as_ref().map(ToString::to_string),
            receive_notifications: user.receive_notifications,
            status: UserStatus::as_str(user.status),
            locale: user.locale.map(Locale::as_str),
        }
    }
}

impl From<&Account> for UserBody {
    fn from(account: &Account) -> Self {
        Self::new(&account.user, account.organization.name.as_str())
    }
}
