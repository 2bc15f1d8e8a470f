//! `POST /auth/logout`.

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use portal_domain::profiles::record_sign_out;

use crate::docs::{BodyErrors, MemberErrors};
use crate::error::ApiError;
use crate::extract::{EmptyRequest, Json};
use crate::portal::Portal;
use crate::session::{ClearCookies, Member};
use crate::success::SuccessBody;

/// Sign out: end this session.
#[utoipa::path(
    tag = "auth",
    request_body = EmptyRequest,
    responses((status = 200, description = "Signed out; both cookies are removed", body = SuccessBody), MemberErrors, BodyErrors),
    security(("bearer" = []), ("cookie" = [])),
)]
#[post("/logout")]
pub(super) async fn logout(
    member: Member,
    portal: Data<Portal>,
    body: Json<EmptyRequest>,
) -> Result<HttpResponse, ApiError> {
    member
        .write(None, async |op| {
            body.valid()?;
            Ok(record_sign_out(op).await?)
        })
        .await?;
    portal.sessions.end(&member.session_id).await?;
    let mut response = HttpResponse::Ok().json(SuccessBody::OK);
    let clear_cache = HeaderValue::from_static("\"cache\"");
    response
        .headers_mut()
        .insert(HeaderName::from_static("clear-site-data"), clear_cache);
    response.extensions_mut().insert(ClearCookies);
    Ok(response)
}
