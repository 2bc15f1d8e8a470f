//! `POST /auth/reset-password`.

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use portal_domain::field::Field;
use portal_domain::profiles::Password;
use portal_session::{Portal, RequestInfo};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::new_password;
use crate::docs::{BodyErrors, LimitErrors, ResetErrors};
use crate::error::ApiError;
use crate::extract::{Json, required, valid};
use crate::fields;
use crate::success::SuccessBody;

/// The token from a mail, and the new password.
#[derive(Default, Deserialize, Validate, ToSchema)]
#[serde(default)]
pub(super) struct ResetPasswordRequest {
    #[validate(required, custom(function = "valid"))]
    #[schema(required, schema_with = fields::one_time_token)]
    token: Field<String>,
    #[validate(required, custom(function = "valid"))]
    #[schema(required, schema_with = fields::new_password)]
    password: Field<String>,
}

impl ResetPasswordRequest {
    fn reset(self) -> Result<(String, Password), ApiError> {
        let token = required(self.token)?;
        Ok((token, new_password("password", self.password)?))
    }
}

/// Reset the password with the token of a link. All sessions of the account end.
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
    let (token, password) = body.parse(ResetPasswordRequest::reset)?;
    portal
        .auth
        .reset_password(&info.client, &token, &password)
        .await
        .map_err(ApiError::from_reset)?;
    Ok(HttpResponse::Ok().json(SuccessBody::with_message("Password reset successfully")))
}
