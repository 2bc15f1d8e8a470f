//! `POST /profile/password`.

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::auth::new_password;
use crate::docs::{BodyErrors, LimitErrors, MemberErrors};
use crate::error::ApiError;
use crate::extract::Json;
use crate::fields;
use crate::portal::Portal;
use crate::session::{ClearCookies, Member};
use crate::success::SuccessBody;

/// The present password and the new one.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChangePasswordRequest {
    #[validate(required)]
    #[schema(required, schema_with = fields::present_password)]
    current_password: Option<String>,
    #[validate(required)]
    #[schema(required, schema_with = fields::new_password)]
    new_password: Option<String>,
}

/// Change the password. Every session of the user ends, this one included.
#[utoipa::path(
    tag = "profile",
    request_body = ChangePasswordRequest,
    responses((status = 200, description = "Password changed", body = SuccessBody), MemberErrors, BodyErrors, LimitErrors),
    security(("bearer" = []), ("cookie" = [])),
)]
#[post("/password")]
pub(super) async fn change_password(
    member: Member,
    portal: Data<Portal>,
    body: Json<ChangePasswordRequest>,
) -> Result<HttpResponse, ApiError> {
    member.admitted().await?;
    let body = body.valid()?;
    let new = new_password("newPassword", body.new_password.as_deref())?;
    let current = body.current_password.unwrap_or_default().into();
    portal
        .accounts
        .change_password(&member.client, &member.claims(), &current, &new)
        .await
        .map_err(ApiError::from_password_change)?;
    let mut response =
        HttpResponse::Ok().json(SuccessBody::saying("Password changed successfully"));
    response.extensions_mut().insert(ClearCookies);
    Ok(response)
}
