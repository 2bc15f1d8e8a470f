//! `GET /sessions`.

use std::net::IpAddr;

use actix_web::{HttpResponse, get};
use portal_auth::OpenSession;
use portal_wire::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::docs::AccessErrors;
use crate::error::ApiError;
use crate::extract::SessionUser;

/// What a session is called whose record does not say who signed in.
const UNKNOWN: &str = "Unknown client";

/// The user's sessions.
#[derive(Serialize, ToSchema)]
#[schema(as = SessionList)]
struct SessionsBody {
    data: Vec<SessionBody>,
}

/// A session.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Session)]
struct SessionBody {
    /// By which it is ended; no token.
    id: Uuid,
    /// The browser and its system, or `API client`.
    #[schema(example = "Firefox on Windows")]
    client: String,
    /// The address that was signed in from; `null` where it is not known.
    #[schema(required, value_type = Option<String>, example = "203.0.113.9")]
    ip_address: Option<IpAddr>,
    signed_in_at: Timestamp,
    last_used_at: Timestamp,
    /// Whether it is the session of this request.
    current: bool,
}

impl SessionBody {
    fn new(user: &SessionUser, session: &OpenSession) -> Self {
        let record = &session.record;
        let client = record.client.map(|client| client.to_string());
        Self {
            id: session.public_id,
            client: client.unwrap_or_else(|| UNKNOWN.to_owned()),
            ip_address: record.ip_address.map(|address| address.to_canonical()),
            signed_in_at: record.signed_in_at.into(),
            last_used_at: session.last_used_at.into(),
            current: user.is_current(session),
        }
    }
}

/// List the user's sessions, the one used last first.
#[utoipa::path(
    tag = "sessions",
    responses((status = 200, description = "The sessions", body = SessionsBody), AccessErrors),
)]
#[get("")]
pub(super) async fn list_sessions(user: SessionUser) -> Result<HttpResponse, ApiError> {
    user.check(None).await?;
    let sessions = user.sessions().await?;
    let data = sessions
        .iter()
        .map(|session| SessionBody::new(&user, session));
    Ok(HttpResponse::Ok().json(SessionsBody {
        data: data.collect(),
    }))
}
