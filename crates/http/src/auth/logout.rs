//! `POST /auth/logout`.

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpResponse, post};
use portal_session::cookies;

use crate::docs::{AccessErrors, BodyErrors};
use crate::error::ApiError;
use crate::extract::{Authenticated, EmptyRequest, Json};
use crate::success::SuccessBody;

/// Sign out: end the current session.
#[utoipa::path(
    tag = "auth",
    request_body = EmptyRequest,
    responses((status = 200, description = "Signed out; both cookies are removed", body = SuccessBody), AccessErrors, BodyErrors),
)]
#[post("/logout")]
pub(super) async fn logout(
    user: Authenticated,
    body: Json<EmptyRequest>,
) -> Result<HttpResponse, ApiError> {
    sign_out(&user, body.parse(|EmptyRequest {}| Ok(()))).await
}

/// Ends the user's current session, if the input is valid.
pub(crate) async fn sign_out(
    user: &Authenticated,
    input: Result<(), ApiError>,
) -> Result<HttpResponse, ApiError> {
    user.sign_out(input).await?;
    let mut response = HttpResponse::Ok().json(SuccessBody::OK);
    let clear_cache = HeaderValue::from_static("\"cache\"");
    response
        .headers_mut()
        .insert(HeaderName::from_static("clear-site-data"), clear_cache);
    cookies::clear(&mut response);
    Ok(response)
}
