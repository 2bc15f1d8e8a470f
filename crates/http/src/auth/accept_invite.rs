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
use crate::portal::Portal;
use crate::session::establish;

/// A token from a mail, and how the account is to be set up.
#[derive(Deserialize, Validate, ToSchema)]
pub(super) struct AcceptInviteRequest {
    /// The token of the link.
    #[validate(required)]
    #[schema(
        required,
        nullable = false,
        example = "kJ0nSLbT4mYc2H8qWvXzR1pE6uF3dA9gN7tB5iKoCsM"
    )]
    token: Option<String>,
    /// The password.
    #[validate(required)]
    #[schema(
        required,
        nullable = false,
        min_length = 8,
        max_length = 128,
        example = "Winter-Birds-47"
    )]
    password: Option<String>,
    /// A name, unless the present one may stay.
    #[validate(custom(function = "parses::<PersonName>"))]
    #[schema(min_length = 1, max_length = 255, example = "Ada Moreno")]
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
