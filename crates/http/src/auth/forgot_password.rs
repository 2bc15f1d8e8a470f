//! `POST /auth/forgot-password`.

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use portal_auth::accounts::{ForgotPassword, SignInScope};
use portal_domain::field::Field;
use portal_domain::ids::OrganizationId;
use portal_domain::values::EmailAddress;
use portal_session::{Portal, RequestInfo};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::docs::{BodyErrors, LimitErrors};
use crate::error::ApiError;
use crate::extract::{Json, required, valid};
use crate::fields;
use crate::success::SuccessBody;

/// The address of the account.
#[derive(Default, Deserialize, Validate, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ForgotPasswordRequest {
    #[validate(required, custom(function = "valid"))]
    #[schema(required, schema_with = fields::email)]
    email: Field<EmailAddress>,
    #[validate(custom(function = "valid"))]
    #[schema(schema_with = fields::organization)]
    org_id: Field<OrganizationId>,
}

impl ForgotPasswordRequest {
    fn forgot(self) -> Result<ForgotPassword, ApiError> {
        Ok(ForgotPassword {
            email: required(self.email)?,
            scope: SignInScope {
                organization: self.org_id.valid(),
                host: None,
            },
        })
    }
}

/// Request a link to reset the password. The response does not reveal whether the account exists.
#[utoipa::path(
    tag = "auth",
    request_body = ForgotPasswordRequest,
    responses((status = 200, description = "Accepted", body = SuccessBody), BodyErrors, LimitErrors),
)]
#[post("/forgot-password")]
pub(super) async fn forgot_password(
    portal: Data<Portal>,
    info: RequestInfo,
    body: Json<ForgotPasswordRequest>,
) -> Result<HttpResponse, ApiError> {
    let mut forgot = body.parse(ForgotPasswordRequest::forgot)?;
    forgot.scope.host = info.custom_domain;
    portal
        .auth
        .forgot_password(&info.client, forgot)
        .await
        .map_err(|failure| {
            let sentence = "Too many password reset attempts. Please try again later.";
            ApiError::from_failure(failure, sentence)
        })?;
    let message = "If this email exists, a reset link will be sent.";
    Ok(HttpResponse::Ok().json(SuccessBody::with_message(message)))
}
