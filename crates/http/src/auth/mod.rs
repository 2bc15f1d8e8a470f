//! `/auth`: authentication.

mod accept_invite;
mod forgot_password;
mod login;
mod logout;
mod reset_password;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::COOKIE;
use actix_web::middleware::Next;
use portal_domain::field::Field;
use portal_domain::profiles::Password;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::error::ApiError;
use crate::extract::required;

pub(crate) use login::SignedInBody;

/// The routes under `/auth`.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(login::login)
        .service(logout::logout)
        .service(forgot_password::forgot_password)
        .service(reset_password::reset_password)
        .service(accept_invite::accept_invite);
}

/// Middleware that removes the cookies of requests to public routes, all but `/auth/logout`.
pub(crate) async fn ignore_cookies<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let route = request.match_pattern();
    if !route.is_some_and(|route| route.ends_with("/auth/logout")) {
        request.headers_mut().remove(COOKIE);
    }
    next.call(request).await
}

/// A new password.
///
/// # Errors
///
/// [`ApiError::weak_password`].
pub(crate) fn new_password(
    field: &'static str,
    submitted: Field<String>,
) -> Result<Password, ApiError> {
    let password = required(submitted)?.parse();
    password.map_err(|error| ApiError::weak_password(field, error))
}
