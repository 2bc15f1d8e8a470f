//! Sessions of signed-in users.
//!
//! A session is looked up by the hash of its token, and every look-up extends it. It is valid only
//! while its version is that of the user's row, which is raised to end all sessions;
//! [`Sessions::end_all_of`] merely removes them from the store afterwards.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use portal_domain::access::Claims;
use portal_domain::environment::Environment;
use portal_domain::ids::{OrganizationId, UserId};
use serde::{Deserialize, Serialize};

use crate::state::{StateResult, StateStore};
use crate::tokens::{SessionId, SessionToken};

/// How long a session lives after its last use.
pub const SESSION_TTL: Duration = Duration::from_hours(24);

/// How many sessions a user has at most. With one more, the one that was not used for longest ends.
pub const SESSIONS_PER_USER: usize = 100;

/// A session as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRecord {
    /// The signed-in user.
    pub user_id: UserId,
    /// The user's organization.
    pub org_id: OrganizationId,
    /// The `session_version` of the user's row at sign-in. The session is invalid once it differs.
    pub version: i64,
    /// When the password was last entered.
    pub signed_in_at: DateTime<Utc>,
}

impl SessionRecord {
    /// What the session claims about its user.
    pub const fn claims(&self) -> Claims {
        Claims {
            user_id: self.user_id,
            organization_id: self.org_id,
            session_version: self.version,
        }
    }
}

/// A new session.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// The token for the client; it is not stored.
    pub token: SessionToken,
    /// Its id.
    pub id: SessionId,
    /// Its record.
    pub record: SessionRecord,
    /// When it expires unless it is used.
    pub expires_at: DateTime<Utc>,
}

/// A session found in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiveSession {
    /// Its id.
    pub id: SessionId,
    /// The stored record.
    pub record: SessionRecord,
    /// When it expires unless it is used again.
    pub expires_at: DateTime<Utc>,
}

/// Creates, finds and ends sessions. Cheap to clone.
#[derive(Clone)]
pub struct Sessions {
    store: Arc<dyn StateStore>,
    env: Arc<dyn Environment>,
}

impl Sessions {
    /// Sessions kept in `store`.
    pub fn new(store: Arc<dyn StateStore>, env: Arc<dyn Environment>) -> Self {
        Self { store, env }
    }

    /// Creates a session with a new token.
    pub async fn create(&self, record: &SessionRecord) -> StateResult<NewSession> {
        let token = SessionToken::generate();
        let id = token.id();
        let expires_at = self.expiry();
        self.store.insert_session(&id, record).await?;
        Ok(NewSession {
            token,
            id,
            record: *record,
            expires_at,
        })
    }

    /// Finds the session of a token or id, and extends it to [`SESSION_TTL`] from now, in one round
    /// trip.
    pub async fn load(&self, session: impl Into<SessionId>) -> StateResult<Option<LiveSession>> {
        let id = session.into();
        let expires_at = self.expiry();
        let record = self.store.touch_session(&id).await?;
        Ok(record.map(|record| LiveSession {
            id,
            record,
            expires_at,
        }))
    }

    /// Replaces the record of a session, which must be of the same user, and extends it; `false`
    /// when the session has ended.
    pub async fn update(&self, id: &SessionId, record: &SessionRecord) -> StateResult<bool> {
        self.store.replace_session(id, record).await
    }

    /// Ends a session, if it exists.
    pub async fn end(&self, id: &SessionId) -> StateResult<()> {
        self.store.remove_session(id).await
    }

    /// Ends all sessions of a user.
    pub async fn end_all_of(&self, user: UserId) -> StateResult<()> {
        self.store.remove_sessions_of(user, None).await
    }

    /// Ends all sessions of a user but one.
    pub async fn end_others_of(&self, user: UserId, keep: &SessionId) -> StateResult<()> {
        self.store.remove_sessions_of(user, Some(keep)).await
    }

    /// Called before the store, so that no client is promised a later expiry than the store has.
    fn expiry(&self) -> DateTime<Utc> {
        self.env.now() + SESSION_TTL
    }
}

#[cfg(test)]
mod tests {
    use portal_domain::environment::SystemEnvironment;

    use super::*;

    /// Sessions outlive an upgrade of the portal.
    #[test]
    fn the_json_of_a_session_record_is_stable() {
        let record = SessionRecord {
            user_id: UserId::generate(&SystemEnvironment),
            org_id: OrganizationId::generate(&SystemEnvironment),
            version: 3,
            signed_in_at: "2026-01-31T09:00:00.123456Z".parse().unwrap(),
        };
        let json = serde_json::json!({
            "user_id": record.user_id,
            "org_id": record.org_id,
            "version": 3,
            "signed_in_at": "2026-01-31T09:00:00.123456Z",
        });
        assert_eq!(serde_json::to_value(record).unwrap(), json);
        assert_eq!(
            serde_json::from_value::<SessionRecord>(json).unwrap(),
            record
        );
    }
}
