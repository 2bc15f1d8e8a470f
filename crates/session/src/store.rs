//! The session store behind `actix-session`.

use std::collections::HashMap;

use actix_session::Session;
use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration;
use portal_auth::{SessionId, SessionRecord, SessionToken, Sessions};
use serde::{Deserialize, Serialize};

use crate::error::Fault;

/// The one entry of a session's state in `actix-session`.
const ENTRY: &str = "session";

/// The session that a cookie names.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum CookieSession {
    /// It is live.
    Live {
        id: SessionId,
        record: SessionRecord,
    },
    /// The state backend cannot be reached.
    Unavailable(String),
    /// This request opened it; the cookie will hold the token.
    New { token: String },
}

impl CookieSession {
    /// What was loaded, if the cookie's signature is valid and the session exists.
    pub(crate) fn of(session: &Session) -> Option<Self> {
        session.get(ENTRY).ok().flatten()
    }

    /// Sets a cookie with this token.
    pub(crate) fn open(session: &Session, token: &SessionToken) -> Result<(), Fault> {
        // Under a new key: the cookie holds the new token, not the new state under the old one.
        session.renew();
        let token = token.expose().to_owned();
        let inserted = session.insert(ENTRY, Self::New { token });
        inserted.map_err(|error| Fault::internal(error.to_string()))
    }

    /// Sets the same cookie again, which restarts its age.
    pub(crate) fn renew(session: &Session) -> Result<(), Fault> {
        let inserted = session.insert("renewed", true);
        inserted.map_err(|error| Fault::internal(error.to_string()))
    }

    fn into_state(self) -> HashMap<String, String> {
        serde_json::to_string(&self)
            .map(|json| HashMap::from([(ENTRY.to_owned(), json)]))
            .unwrap_or_default()
    }
}

/// Adapts [`Sessions`] to `actix-session`: the key is the session's token.
///
/// Use cases open and end sessions, so this only loads them. Loading never fails: the extractor
/// reports an unavailable backend.
#[derive(Clone)]
pub(crate) struct SessionAdapter(pub(crate) Sessions);

impl SessionStore for SessionAdapter {
    async fn load(&self, key: &SessionKey) -> Result<Option<HashMap<String, String>>, LoadError> {
        let Ok(token) = key.as_ref().parse::<SessionToken>() else {
            return Ok(None);
        };
        let found = match self.0.load(&token).await {
            Ok(None) => return Ok(None),
            Ok(Some(live)) => CookieSession::Live {
                id: live.id,
                record: live.record,
            },
            Err(error) => CookieSession::Unavailable(error.to_string()),
        };
        Ok(Some(found.into_state()))
    }

    /// The token of a session that this request opened becomes the key.
    async fn save(
        &self,
        state: HashMap<String, String>,
        _: &Duration,
    ) -> Result<SessionKey, SaveError> {
        let entry = state
            .get(ENTRY)
            .and_then(|json| serde_json::from_str(json).ok());
        match entry {
            Some(CookieSession::New { token }) => {
                SessionKey::try_from(token).map_err(|error| SaveError::Other(error.into()))
            }
            _ => Err(SaveError::Other(anyhow::anyhow!("no session was opened"))),
        }
    }

    /// A renewed cookie keeps its token.
    async fn update(
        &self,
        key: SessionKey,
        _: HashMap<String, String>,
        _: &Duration,
    ) -> Result<SessionKey, UpdateError> {
        Ok(key)
    }

    async fn update_ttl(&self, _: &SessionKey, _: &Duration) -> Result<(), anyhow::Error> {
        Ok(())
    }

    /// The use case that removes the cookie has ended the session.
    async fn delete(&self, _: &SessionKey) -> Result<(), anyhow::Error> {
        Ok(())
    }
}
