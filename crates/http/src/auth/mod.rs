//! `/auth`: authentication.

mod accept_invite;
mod forgot_password;
mod login;
mod logout;
mod reset_password;

use actix_web::HttpRequest;
use portal_domain::profiles::Password;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::client::RequestInfo;
use crate::error::{ApiError, ErrorKind};
use crate::portal::Portal;

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

/// A new password, held against the rules.
///
/// # Errors
///
/// The first rule that it breaks, told bare.
pub(crate) fn new_password(field: &'static str, text: Option<&str>) -> Result<Password, ApiError> {
    let text = crate::extract::required::<String>(field, text)?;
    text.parse()
        .map_err(|error| ErrorKind::WeakPassword { field, error }.into())
}

/// The domain that a request came to, unless it is the portal's own.
fn custom_domain(
    request: &HttpRequest,
    portal: &Portal,
) -> Option<portal_domain::values::DomainName> {
    let info = RequestInfo::of(request, &portal.config.trusted_proxies);
    info.custom_domain(portal.config.public_url.host_str())
}
