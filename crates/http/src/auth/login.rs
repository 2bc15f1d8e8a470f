//! `POST /auth/login`.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, post};
use portal_auth::accounts::{SignIn, SignInScope, SignedIn};
use portal_auth::{DeviceToken, NewSession, SESSION_TTL};
use portal_domain::field::Field;
use portal_domain::ids::OrganizationId;
use portal_domain::profiles::TypedPassword;
use portal_domain::values::EmailAddress;
use portal_session::{Portal, RequestInfo, open_session};
use portal_wire::{Timestamp, User};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::docs::{BodyErrors, LimitErrors, SignInErrors};
use crate::error::ApiError;
use crate::extract::{Json, required, valid};
use crate::fields;

/// Email address and password.
#[derive(Default, Deserialize, Validate, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct LoginRequest {
    #[validate(required, custom(function = "valid"))]
    #[schema(required, schema_with = fields::email)]
    email: Field<EmailAddress>,
    #[validate(required, custom(function = "valid"))]
    #[schema(required, schema_with = fields::current_password)]
    password: Field<TypedPassword>,
    #[validate(custom(function = "valid"))]
    #[schema(schema_with = fields::organization)]
    org_id: Field<OrganizationId>,
    #[validate(custom(function = "valid"))]
    #[schema(schema_with = fields::device_token)]
    device_token: Field<String>,
}

impl LoginRequest {
    fn sign_in(self) -> Result<(SignIn, Option<DeviceToken>), ApiError> {
        let sign_in = SignIn {
            email: required(self.email)?,
            password: required(self.password)?.into_secret(),
            scope: SignInScope {
                organization: self.org_id.valid(),
                host: None,
            },
        };
        Ok((sign_in, self.device_token.valid().map(DeviceToken::from)))
    }
}

/// A signed-in user with their session.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignedIn)]
pub(crate) struct SignedInBody {
    /// The user.
    user: User,
    /// The session token, for `Authorization: Bearer`.
    access_token: String,
    /// When the session expires unless it is used.
    expires_at: Timestamp,
    /// The session token again, for older clients.
    tokens: TokensBody,
    /// What the account knows this client by, for the next sign-in of a client without cookies.
    device_token: String,
}

/// The session token again, for older clients.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Tokens)]
struct TokensBody {
    access_token: String,
    expires_in_seconds: u64,
}

impl From<SignedIn> for SignedInBody {
    fn from(signed_in: SignedIn) -> Self {
        let SignedIn {
            account,
            session,
            device_token,
        } = signed_in;
        let NewSession {
            token,
            id: _,
            record: _,
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
            device_token: device_token.expose().to_owned(),
        }
    }
}

/// Sign in with email address and password.
#[utoipa::path(
    tag = "auth",
    request_body = LoginRequest,
    responses((status = 200, description = "Signed in; the cookies of the session, of its CSRF token and of the browser are set", body = SignedInBody), BodyErrors, SignInErrors, LimitErrors),
)]
#[post("/login")]
pub(super) async fn login(
    request: HttpRequest,
    portal: Data<Portal>,
    info: RequestInfo,
    body: Json<LoginRequest>,
) -> Result<HttpResponse, ApiError> {
    let (mut sign_in, device) = body.parse(LoginRequest::sign_in)?;
    sign_in.scope.host = info.custom_domain;
    let mut client = info.client;
    client.devices.extend(device);
    let signed_in = portal
        .auth
        .sign_in(&client, sign_in)
        .await
        .map_err(ApiError::from_sign_in)?;
    open_session::<ApiError>(&request, &signed_in).await?;
    Ok(HttpResponse::Ok().json(SignedInBody::from(signed_in)))
}
