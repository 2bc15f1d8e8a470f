//! `POST /auth/forgot-password`.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, post};
use portal_auth::accounts::{ForgotPassword, SignInScope};
use portal_domain::ids::OrganizationId;
use portal_domain::values::EmailAddress;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::custom_domain;
use crate::client::RequestInfo;
use crate::docs::{BodyErrors, LimitErrors};
use crate::error::ApiError;
use crate::extract::{Json, optional, parses, required};
use crate::fields;
use crate::portal::Portal;
use crate::success::SuccessBody;

/// Whose password was forgotten.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ForgotPasswordRequest {
    #[validate(required, custom(function = "parses::<EmailAddress>"))]
    #[schema(required, schema_with = fields::email)]
    email: Option<String>,
    #[validate(custom(function = "parses::<OrganizationId>"))]
    #[schema(schema_with = fields::organization)]
    org_id: Option<String>,
}

/// Ask for a link to set a new password. The answer is the same whoever asks.
#[utoipa::path(
    tag = "auth",
    request_body = ForgotPasswordRequest,
    responses((status = 200, description = "Accepted", body = SuccessBody), BodyErrors, LimitErrors),
)]
#[post("/forgot-password")]
pub(super) async fn forgot_password(
    request: HttpRequest,
    portal: Data<Portal>,
    info: RequestInfo,
    body: Json<ForgotPasswordRequest>,
) -> Result<HttpResponse, ApiError> {
    let body = body.valid()?;
    let forgot = ForgotPassword {
        email: required("email", body.email.as_deref())?,
        scope: SignInScope {
            organization: optional("orgId", body.org_id.as_deref())?,
            host: custom_domain(&request, &portal),
        },
    };
    portal
        .accounts
        .forgot_password(&info.client(), forgot)
        .await
        .map_err(|failure| {
            let sentence = "Too many password reset attempts. Please try again later.";
            ApiError::from_failure(failure, sentence)
        })?;
    let message = "If this email exists, a reset link will be sent.";
    Ok(HttpResponse::Ok().json(SuccessBody::saying(message)))
}
