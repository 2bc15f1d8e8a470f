//! Sessions.
//!
//! A session is looked up by the hash of its token, and every look-up slides its end. What a session
//! is worth is decided by the user's row, which carries a version that rises whenever sessions end:
//! [`Sessions::end_all_of`] only tidies up after that.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use portal_domain::access::Claims;
use portal_domain::environment::Environment;
use portal_domain::ids::{OrganizationId, UserId};
use serde::{Deserialize, Serialize};

use crate::state::{StateStore, StateUnavailable};
use crate::tokens::{SessionId, SessionToken};

/// How long a session lives after its last use.
pub const SESSION_TTL: Duration = Duration::from_hours(24);

/// What is stored of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRecord {
    /// Who is signed in.
    pub user_id: UserId,
    /// The organization the user belongs to.
    pub org_id: OrganizationId,
    /// The `session_version` of the user's row that the session was made under. A session whose
    /// version differs from the row's is dead.
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

/// A session just made.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// What the client is given; it is not stored.
    pub token: SessionToken,
    /// The id the token hashes to.
    pub id: SessionId,
    /// What is stored of it.
    pub record: SessionRecord,
    /// When it ends unless it is used.
    pub expires_at: DateTime<Utc>,
}

/// A session that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiveSession {
    /// Its id.
    pub id: SessionId,
    /// What is stored of it.
    pub record: SessionRecord,
    /// When it ends unless it is used again.
    pub expires_at: DateTime<Utc>,
}

/// Makes, finds and ends sessions. Cheap to clone.
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

    /// A new session under a new token.
    pub async fn create(&self, record: &SessionRecord) -> Result<NewSession, StateUnavailable> {
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

    /// The session of a token or an id, good for [`SESSION_TTL`] from now on.
    ///
    /// One round trip: every signed-in request waits for it.
    pub async fn load(
        &self,
        session: impl Into<SessionId>,
    ) -> Result<Option<LiveSession>, StateUnavailable> {
        let id = session.into();
        let expires_at = self.expiry();
        let record = self.store.touch_session(&id).await?;
        Ok(record.map(|record| LiveSession {
            id,
            record,
            expires_at,
        }))
    }

    /// Replaces what is stored of a session, and slides it. Whether it was still there: a session
    /// ended meanwhile is not brought back.
    ///
    /// The record must name the same user as before.
    pub async fn update(
        &self,
        id: &SessionId,
        record: &SessionRecord,
    ) -> Result<bool, StateUnavailable> {
        self.store.replace_session(id, record).await
    }

    /// Ends a session. One that is not there is no error.
    pub async fn end(&self, id: &SessionId) -> Result<(), StateUnavailable> {
        self.store.remove_session(id).await
    }

    /// Ends every session of a user.
    pub async fn end_all_of(&self, user: UserId) -> Result<(), StateUnavailable> {
        self.store.remove_sessions_of(user, None).await
    }

    /// Ends every session of a user but one.
    pub async fn end_others_of(
        &self,
        user: UserId,
        keep: &SessionId,
    ) -> Result<(), StateUnavailable> {
        self.store.remove_sessions_of(user, Some(keep)).await
    }

    /// Read before the store is asked, so that no client is promised more than the store keeps.
    fn expiry(&self) -> DateTime<Utc> {
        self.env.now() + SESSION_TTL
    }
}

#[cfg(test)]
mod tests {
    use portal_domain::environment::SystemEnvironment;

    use super::*;

    /// Sessions outlive a new version of the portal.
    #[test]
    fn the_json_of_a_record_stays_as_it_is() {
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
