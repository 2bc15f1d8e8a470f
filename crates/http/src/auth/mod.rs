//! `/auth`: authentication.

mod accept_invite;
mod forgot_password;
mod login;
mod logout;
mod reset_password;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{COOKIE, HeaderMap, HeaderValue};
use actix_web::middleware::Next;
use portal_domain::field::Field;
use portal_domain::profiles::Password;
use portal_session::DEVICE_COOKIE;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::error::ApiError;
use crate::extract::required;

pub(crate) use login::SignedInBody;
pub(crate) use logout::sign_out;

/// The routes under `/auth`.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(login::login)
        .service(logout::logout)
        .service(forgot_password::forgot_password)
        .service(reset_password::reset_password)
        .service(accept_invite::accept_invite);
}

/// Middleware that removes the cookies of requests to public routes, all but `/auth/logout`. The
/// device cookie stays: it says where somebody has signed in before, and nothing of who sends it.
pub(crate) async fn ignore_cookies<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let route = request.match_pattern();
    if !route.is_some_and(|route| route.ends_with("/auth/logout")) {
        keep_device_cookie(request.headers_mut());
    }
    next.call(request).await
}

fn keep_device_cookie(headers: &mut HeaderMap) {
    let is_device = |pair: &&str| {
        let name = pair.split_once('=').map(|(name, _)| name.trim());
        name == Some(DEVICE_COOKIE)
    };
    let all = headers
        .get_all(COOKIE)
        .filter_map(|value| value.to_str().ok());
    let kept: Vec<_> = all
        .flat_map(|value| value.split(';'))
        .filter(is_device)
        .collect();
    let kept = HeaderValue::from_str(&kept.join(";")).ok();
    headers.remove(COOKIE);
    if let Some(kept) = kept.filter(|kept| !kept.is_empty()) {
        headers.insert(COOKIE, kept);
    }
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
