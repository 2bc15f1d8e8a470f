//! The session store that `actix-session` uses.

use std::collections::HashMap;

use actix_session::Session;
use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration;
use portal_auth::{LiveSession, SessionId, SessionToken, Sessions};
use serde::{Deserialize, Serialize};

/// The state of a session as `actix-session` carries it through a request: always one entry.
const ENTRY: &str = "session";

/// What was found of the session that a cookie names.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum CookieSession {
    /// It is there.
    Live {
        id: SessionId,
        record: portal_auth::SessionRecord,
    },
    /// Nobody can tell: the state backend is out of reach.
    Unavailable(String),
    /// It was made by this very request, and the cookie is to hold this token.
    New { token: String },
}

impl CookieSession {
    /// What `actix-session` loaded, if the request has a cookie with a good signature whose
    /// session is there.
    pub(super) fn of(session: &Session) -> Option<Self> {
        session.get(ENTRY).ok().flatten()
    }

    /// Has the answer carry a cookie for a session that was just made.
    pub(super) fn put(session: &Session, token: &SessionToken) -> Result<(), serde_json::Error> {
        let entry = Self::New {
            token: token.expose().to_owned(),
        };
        // The error of `insert` is about serialization only; going there first names it.
        serde_json::to_string(&entry)?;
        drop(session.insert(ENTRY, entry));
        Ok(())
    }

    fn into_state(self) -> HashMap<String, String> {
        serde_json::to_string(&self)
            .map(|json| HashMap::from([(ENTRY.to_owned(), json)]))
            .unwrap_or_default()
    }
}

/// `actix-session`'s view of [`Sessions`].
///
/// Sessions are made and ended by those who do it, and slid by whoever loads them, so that most of
/// this has nothing left to do. It never fails: a backend out of reach is found in the state by
/// the extractor, which can say so in the contract's words, as the middleware could not.
#[derive(Clone)]
pub(super) struct SessionAdapter(pub(super) Sessions);

impl SessionStore for SessionAdapter {
    async fn load(&self, key: &SessionKey) -> Result<Option<HashMap<String, String>>, LoadError> {
        let Ok(token) = key.as_ref().parse::<SessionToken>() else {
            return Ok(None);
        };
        let found = match self.0.load(&token).await {
            Ok(None) => return Ok(None),
            Ok(Some(LiveSession { id, record, .. })) => CookieSession::Live { id, record },
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(error, "a session could not be loaded");
                CookieSession::Unavailable(error.to_string())
            }
        };
        Ok(Some(found.into_state()))
    }

    /// Called for a session that the handler has made: the token becomes the key.
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
            _ => Err(SaveError::Other(
                std::io::Error::other("no session was made").into(),
            )),
        }
    }

    /// Never called: nothing changes a session that was loaded.
    async fn update(
        &self,
        key: SessionKey,
        _: HashMap<String, String>,
        _: &Duration,
    ) -> Result<SessionKey, UpdateError> {
        Ok(key)
    }

    /// Loading has slid it.
    async fn update_ttl(&self, _: &SessionKey, _: &Duration) -> Result<(), anyhow::Error> {
        Ok(())
    }

    /// Never called: who ends a session asks [`Sessions`].
    async fn delete(&self, _: &SessionKey) -> Result<(), anyhow::Error> {
        Ok(())
    }
}
