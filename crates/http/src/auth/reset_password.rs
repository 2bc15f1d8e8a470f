//! `POST /auth/reset-password`.

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::new_password;
use crate::client::RequestInfo;
use crate::docs::{BodyErrors, LimitErrors, ResetErrors};
use crate::error::ApiError;
use crate::extract::Json;
use crate::fields;
use crate::portal::Portal;
use crate::success::SuccessBody;

/// A token from a mail, and the new password.
#[derive(Deserialize, Validate, ToSchema)]
pub(super) struct ResetPasswordRequest {
    #[validate(required)]
    #[schema(required, schema_with = fields::one_time_token)]
    token: Option<String>,
    #[validate(required)]
    #[schema(required, schema_with = fields::new_password)]
    password: Option<String>,
}

/// Set a new password by a link. Every session of the account ends.
#[utoipa::path(
    tag = "auth",
    request_body = ResetPasswordRequest,
    responses((status = 200, description = "Password reset", body = SuccessBody), ResetErrors, BodyErrors, LimitErrors),
)]
#[post("/reset-password")]
pub(super) async fn reset_password(
    portal: Data<Portal>,
    info: RequestInfo,
    body: Json<ResetPasswordRequest>,
) -> Result<HttpResponse, ApiError> {
    let body = body.valid()?;
    let password = new_password("password", body.password.as_deref())?;
    let token = body.token.unwrap_or_default();
    portal
        .accounts
        .reset_password(&info.client(), &token, &password)
        .await
        .map_err(ApiError::from_reset)?;
    Ok(HttpResponse::Ok().json(SuccessBody::saying("Password reset successfully")))
}
