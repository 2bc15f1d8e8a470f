//! Who is signed in.
//!
//! A session is looked up by the hash of its token, and every look-up slides its end. What a session
//! is worth is decided by the user's row, which carries a version that rises whenever sessions end:
//! [`Sessions::end_all_of`] only tidies up after that.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
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

/// A session just made.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// What the client is given; it is not stored.
    pub token: SessionToken,
    /// The id the token hashes to.
    pub id: SessionId,
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
    use super::*;
    use crate::state::MemoryState;
    use crate::testing::ManualEnvironment;

    struct Fixture {
        env: Arc<ManualEnvironment>,
        sessions: Sessions,
    }

    impl Fixture {
        fn new() -> Self {
            let env = ManualEnvironment::new();
            let store = Arc::new(MemoryState::new(env.clone()));
            Self {
                sessions: Sessions::new(store, env.clone()),
                env,
            }
        }

        fn record(&self) -> SessionRecord {
            SessionRecord {
                user_id: UserId::generate(&*self.env),
                org_id: OrganizationId::generate(&*self.env),
                version: 3,
                signed_in_at: self.env.now(),
            }
        }

        async fn is_live(&self, id: &SessionId) -> bool {
            self.sessions.load(id).await.unwrap().is_some()
        }
    }

    #[tokio::test]
    async fn a_session_is_found_by_its_token_and_by_its_id() {
        let fixture = Fixture::new();
        let record = fixture.record();
        let new = fixture.sessions.create(&record).await.unwrap();
        assert_eq!(new.expires_at, fixture.env.now() + SESSION_TTL);

        let by_token = fixture.sessions.load(&new.token).await.unwrap().unwrap();
        assert_eq!(
            by_token,
            LiveSession {
                id: new.id,
                record,
                expires_at: new.expires_at
            }
        );
        assert_eq!(
            fixture.sessions.load(&new.id).await.unwrap(),
            Some(by_token)
        );
        assert_eq!(
            fixture
                .sessions
                .load(&SessionToken::generate())
                .await
                .unwrap(),
            None
        );
    }

    #[tokio::test]
    async fn every_load_slides_the_end() {
        let fixture = Fixture::new();
        let new = fixture.sessions.create(&fixture.record()).await.unwrap();
        for _ in 0..3 {
            fixture.env.advance(Duration::from_hours(23));
            let live = fixture.sessions.load(&new.token).await.unwrap().unwrap();
            assert_eq!(live.expires_at, fixture.env.now() + SESSION_TTL);
        }
        fixture.env.advance(SESSION_TTL);
        assert!(!fixture.is_live(&new.id).await);
    }

    #[tokio::test]
    async fn an_update_replaces_the_record_of_a_live_session_only() {
        let fixture = Fixture::new();
        let record = fixture.record();
        let new = fixture.sessions.create(&record).await.unwrap();
        let raised = SessionRecord {
            version: 4,
            ..record
        };
        assert!(fixture.sessions.update(&new.id, &raised).await.unwrap());
        assert_eq!(
            fixture
                .sessions
                .load(&new.id)
                .await
                .unwrap()
                .unwrap()
                .record,
            raised
        );

        fixture.sessions.end(&new.id).await.unwrap();
        assert!(!fixture.sessions.update(&new.id, &raised).await.unwrap());
        assert!(!fixture.is_live(&new.id).await);
    }

    #[tokio::test]
    async fn ending_a_session_ends_that_one() {
        let fixture = Fixture::new();
        let record = fixture.record();
        let one = fixture.sessions.create(&record).await.unwrap();
        let other = fixture.sessions.create(&record).await.unwrap();
        fixture.sessions.end(&one.id).await.unwrap();
        fixture.sessions.end(&one.id).await.unwrap();
        assert!(!fixture.is_live(&one.id).await);
        assert!(fixture.is_live(&other.id).await);
    }

    #[tokio::test]
    async fn ending_all_of_a_user_spares_other_users() {
        let fixture = Fixture::new();
        let (record, stranger) = (fixture.record(), fixture.record());
        let one = fixture.sessions.create(&record).await.unwrap();
        let two = fixture.sessions.create(&record).await.unwrap();
        let spared = fixture.sessions.create(&stranger).await.unwrap();
        fixture.sessions.end_all_of(record.user_id).await.unwrap();
        assert!(!fixture.is_live(&one.id).await);
        assert!(!fixture.is_live(&two.id).await);
        assert!(fixture.is_live(&spared.id).await);
    }

    #[tokio::test]
    async fn ending_the_others_of_a_user_keeps_the_named_one() {
        let fixture = Fixture::new();
        let record = fixture.record();
        let kept = fixture.sessions.create(&record).await.unwrap();
        let ended = fixture.sessions.create(&record).await.unwrap();
        fixture
            .sessions
            .end_others_of(record.user_id, &kept.id)
            .await
            .unwrap();
        assert!(fixture.is_live(&kept.id).await);
        assert!(!fixture.is_live(&ended.id).await);
    }

    #[test]
    fn a_record_survives_json() {
        let record = Fixture::new().record();
        let json = serde_json::to_string(&record).unwrap();
        assert_eq!(
            serde_json::from_str::<SessionRecord>(&json).unwrap(),
            record
        );
    }
}
