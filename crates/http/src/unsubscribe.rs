//! `/unsubscribe`: the address in the header `List-Unsubscribe` of mails
//! ([RFC 8058](https://www.rfc-editor.org/rfc/rfc8058)).
//!
//! Mail programs call it, not clients of the API, so it is not in the OpenAPI document. The token is
//! the proof; there is no session, and so no CSRF check.

use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use portal_session::{Portal, RequestInfo};

use crate::error::ApiError;
use crate::success::SuccessBody;

/// The path.
pub(crate) const PATH: &str = "/api/v1/portal/unsubscribe";

/// The token of the query.
fn token(request: &HttpRequest) -> String {
    url::form_urlencoded::parse(request.query_string().as_bytes())
        .find(|(name, _)| name == "token")
        .map(|(_, token)| token.into_owned())
        .unwrap_or_default()
}

/// Switches the mails off at once. What the body says (`List-Unsubscribe=One-Click`) is not read.
pub(crate) async fn unsubscribe(
    request: HttpRequest,
    portal: Data<Portal>,
    info: RequestInfo,
    _: Payload,
) -> Result<HttpResponse, ApiError> {
    if portal.unsubscribe(&token(&request), &info.client).await? {
        Ok(HttpResponse::Ok().json(SuccessBody::OK))
    } else {
        Err(ApiError::invalid_unsubscribe_token())
    }
}

/// Leads whoever opens the address to the page that asks first: programs that look at links in mails
/// open it too.
pub(crate) async fn ask(request: HttpRequest) -> HttpResponse {
    let token = token(&request);
    let token: String = url::form_urlencoded::byte_serialize(token.as_bytes()).collect();
    HttpResponse::SeeOther()
        .insert_header((LOCATION, format!("/unsubscribe?token={token}")))
        .finish()
}
