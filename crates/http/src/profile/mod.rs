//! `/profile`: the user's profile and password.

mod change_password;
mod get;
mod update;

use portal_wire::User;
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

/// A user, in their envelope.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserEnvelope {
    user: User,
}
