//! `POST /auth/login`.

use actix_session::Session;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, post};
use portal_auth::accounts::{SignIn, SignInScope, SignedIn};
use portal_auth::{NewSession, SESSION_TTL};
use portal_domain::ids::OrganizationId;
use portal_domain::values::EmailAddress;
use portal_wire::{Timestamp, User};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::custom_domain;
use crate::client::RequestInfo;
use crate::docs::SignInErrors;
use crate::error::ApiError;
use crate::extract::{Json, optional, parses, required};
use crate::fields;
use crate::portal::Portal;
use crate::session::establish;

/// Credentials.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LoginRequest {
    #[validate(required, custom(function = "parses::<EmailAddress>"))]
    #[schema(required, schema_with = fields::email)]
    email: Option<String>,
    #[validate(required)]
    #[schema(required, schema_with = fields::present_password)]
    password: Option<String>,
    #[validate(custom(function = "parses::<OrganizationId>"))]
    #[schema(schema_with = fields::organization)]
    org_id: Option<String>,
}

/// Somebody who was let in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignedIn)]
pub(crate) struct SignedInBody {
    /// Who it is.
    user: User,
    /// The session token, for `Authorization: Bearer`.
    access_token: String,
    /// When it ends unless it is used.
    expires_at: Timestamp,
    /// The session token once more, as older clients read it.
    tokens: TokensBody,
}

/// The session token once more, as older clients read it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Tokens)]
struct TokensBody {
    access_token: String,
    expires_in_seconds: u64,
}

impl From<SignedIn> for SignedInBody {
    fn from(signed_in: SignedIn) -> Self {
        let SignedIn { account, session } = signed_in;
        let NewSession {
            token,
            id: _,
            expires_at,
        } = session;
        let token = token.expose().to_owned();
        Self {
            user: User::new(&account.user, &account.organization.name),
            access_token: token.clone(),
            expires_at: expires_at.into(),
            tokens: TokensBody {
                access_token: token,
                expires_in_seconds: SESSION_TTL.as_secs(),
            },
        }
    }
}

/// Sign in with address and password.
#[utoipa::path(
    tag = "auth",
    request_body = LoginRequest,
    responses((status = 200, description = "Signed in; both cookies are set", body = SignedInBody), SignInErrors),
)]
#[post("/login")]
pub(super) async fn login(
    request: HttpRequest,
    portal: Data<Portal>,
    info: RequestInfo,
    session: Session,
    body: Json<LoginRequest>,
) -> Result<HttpResponse, ApiError> {
    let body = body.valid()?;
    let sign_in = SignIn {
        email: required("email", body.email.as_deref())?,
        password: body.password.unwrap_or_default().into(),
        scope: SignInScope {
            organization: optional("orgId", body.org_id.as_deref())?,
            host: custom_domain(&request, &portal),
        },
    };
    let signed_in = portal
        .accounts
        .sign_in(&info.client(), sign_in)
        .await
        .map_err(ApiError::from_sign_in)?;
    establish(&request, &session, &portal, &signed_in)?;
    Ok(HttpResponse::Ok().json(SignedInBody::from(signed_in)))
}
