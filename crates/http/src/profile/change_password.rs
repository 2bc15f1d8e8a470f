//! `POST /profile/password`.

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use portal_domain::field::Field;
use portal_domain::profiles::{Password, TypedPassword};
use portal_session::{Portal, cookies};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::auth::new_password;
use crate::docs::{AccessErrors, BodyErrors, LimitErrors};
use crate::error::ApiError;
use crate::extract::{Authenticated, Json, required, valid};
use crate::fields;
use crate::success::SuccessBody;

/// The current password and the new one.
#[derive(Default, Deserialize, Validate, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ChangePasswordRequest {
    #[validate(required, custom(function = "valid"))]
    #[schema(required, schema_with = fields::current_password)]
    current_password: Field<TypedPassword>,
    #[validate(required, custom(function = "valid"))]
    #[schema(required, schema_with = fields::new_password)]
    new_password: Field<String>,
}

impl ChangePasswordRequest {
    fn passwords(self) -> Result<(SecretString, Password), ApiError> {
        let current = required(self.current_password)?.into_secret();
        Ok((current, new_password("newPassword", self.new_password)?))
    }
}

/// Change the password. All sessions of the user end, including the current one.
#[utoipa::path(
    tag = "profile",
    request_body = ChangePasswordRequest,
    responses((status = 200, description = "Password changed", body = SuccessBody), AccessErrors, BodyErrors, LimitErrors),
)]
#[post("/password")]
pub(super) async fn change_password(
    user: Authenticated,
    portal: Data<Portal>,
    body: Json<ChangePasswordRequest>,
) -> Result<HttpResponse, ApiError> {
    user.check(None).await?;
    let (current, new) = body.parse(ChangePasswordRequest::passwords)?;
    portal
        .auth
        .change_password(user.client(), &user.session().claims(), &current, &new)
        .await
        .map_err(ApiError::from_password_change)?;
    let mut response =
        HttpResponse::Ok().json(SuccessBody::with_message("Password changed successfully"));
    cookies::clear(&mut response);
    Ok(response)
}
