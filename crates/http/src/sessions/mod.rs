//! `/sessions`: where the user is signed in.

mod end;
mod list;

use utoipa_actix_web::service_config::ServiceConfig;

/// The routes under `/sessions`.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list::list_sessions)
        .service(end::end_session);
}
