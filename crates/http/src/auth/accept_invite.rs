//! `POST /auth/accept-invite`.

use actix_session::Session;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, post};
use portal_auth::accounts::AcceptInvitation;
use portal_domain::values::PersonName;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::{SignedInBody, new_password};
use crate::client::RequestInfo;
use crate::docs::{BodyErrors, InviteErrors, LimitErrors};
use crate::error::ApiError;
use crate::extract::{Json, optional, parses};
use crate::fields;
use crate::portal::Portal;
use crate::session::establish;

/// A token from a mail, and how the account is to be set up.
#[derive(Deserialize, Validate, ToSchema)]
pub(super) struct AcceptInviteRequest {
    #[validate(required)]
    #[schema(required, schema_with = fields::one_time_token)]
    token: Option<String>,
    #[validate(required)]
    #[schema(required, schema_with = fields::new_password)]
    password: Option<String>,
    #[validate(custom(function = "parses::<PersonName>"))]
    #[schema(schema_with = fields::person_name)]
    name: Option<String>,
}

/// Set up an account by an invitation, and sign in.
#[utoipa::path(
    tag = "auth",
    request_body = AcceptInviteRequest,
    responses((status = 200, description = "Signed in; both cookies are set", body = SignedInBody), InviteErrors, BodyErrors, LimitErrors),
)]
#[post("/accept-invite")]
pub(super) async fn accept_invite(
    request: HttpRequest,
    portal: Data<Portal>,
    info: RequestInfo,
    session: Session,
    body: Json<AcceptInviteRequest>,
) -> Result<HttpResponse, ApiError> {
    let body = body.valid()?;
    let accept = AcceptInvitation {
        password: new_password("password", body.password.as_deref())?,
        name: optional("name", body.name.as_deref())?,
        token: body.token.unwrap_or_default(),
    };
    let signed_in = portal
        .accounts
        .accept_invitation(&info.client(), accept)
        .await
        .map_err(ApiError::from_invitation)?;
    establish(&request, &session, &portal, &signed_in)?;
    Ok(HttpResponse::Ok().json(SignedInBody::from(signed_in)))
}
