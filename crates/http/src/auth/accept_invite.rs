//! `POST /auth/accept-invite`.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, post};
use portal_auth::accounts::AcceptInvitation;
use portal_domain::field::Field;
use portal_domain::values::PersonName;
use portal_session::{Portal, RequestInfo, open_session};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::{SignedInBody, new_password};
use crate::docs::{BodyErrors, InviteErrors, LimitErrors};
use crate::error::ApiError;
use crate::extract::{Json, required, valid};
use crate::fields;

/// The token from an invitation, and the account's password and name.
#[derive(Default, Deserialize, Validate, ToSchema)]
#[serde(default)]
pub(super) struct AcceptInviteRequest {
    #[validate(required, custom(function = "valid"))]
    #[schema(required, schema_with = fields::one_time_token)]
    token: Field<String>,
    #[validate(required, custom(function = "valid"))]
    #[schema(required, schema_with = fields::new_password)]
    password: Field<String>,
    #[validate(custom(function = "valid"))]
    #[schema(schema_with = fields::person_name)]
    name: Field<PersonName>,
}

impl AcceptInviteRequest {
    fn acceptance(self) -> Result<AcceptInvitation, ApiError> {
        Ok(AcceptInvitation {
            token: required(self.token)?,
            password: new_password("password", self.password)?,
            name: self.name.valid(),
        })
    }
}

/// Accept an invitation: set up the account and sign in.
#[utoipa::path(
    tag = "auth",
    request_body = AcceptInviteRequest,
    responses((status = 200, description = "Signed in; the cookies of the session, of its CSRF token and of the browser are set", body = SignedInBody), InviteErrors, BodyErrors, LimitErrors),
)]
#[post("/accept-invite")]
pub(super) async fn accept_invite(
    request: HttpRequest,
    portal: Data<Portal>,
    info: RequestInfo,
    body: Json<AcceptInviteRequest>,
) -> Result<HttpResponse, ApiError> {
    let accept = body.parse(AcceptInviteRequest::acceptance)?;
    let signed_in = portal
        .auth
        .accept_invitation(&info.client, accept)
        .await
        .map_err(ApiError::from_invitation)?;
    open_session::<ApiError>(&request, &signed_in).await?;
    Ok(HttpResponse::Ok().json(SignedInBody::from(signed_in)))
}
