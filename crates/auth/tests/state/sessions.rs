//! Sessions.

use std::time::Duration;

use portal_auth::{
    LiveSession, NewSession, SESSION_TTL, SessionId, SessionRecord, SessionToken, Sessions,
};
use portal_domain::environment::Environment as _;

use portal_test_support::{TestState, session_record};

struct Fixture<'a> {
    backend: &'a TestState,
    sessions: Sessions,
}

impl<'a> Fixture<'a> {
    fn new(backend: &'a TestState) -> Self {
        let sessions = Sessions::new(backend.store.clone(), backend.env.clone());
        Self { backend, sessions }
    }

    async fn create(&self, record: &SessionRecord) -> NewSession {
        self.sessions.create(record).await.unwrap()
    }

    async fn load(&self, session: impl Into<SessionId>) -> Option<LiveSession> {
        self.sessions.load(session).await.unwrap()
    }

    async fn is_live(&self, session: &NewSession) -> bool {
        self.load(session.id).await.is_some()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_is_found_by_its_token_and_by_its_id() {
    let backend = &TestState::create();
    let fixture = Fixture::new(backend);
    let record = session_record();
    let new = fixture.create(&record).await;
    assert_eq!(new.expires_at, backend.env.now() + SESSION_TTL);

    let found = LiveSession {
        id: new.id,
        record,
        expires_at: new.expires_at,
    };
    assert_eq!(fixture.load(&new.token).await, Some(found));
    assert_eq!(fixture.load(new.id).await, Some(found));
    assert_eq!(fixture.load(&SessionToken::generate()).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_load_extends_the_session() {
    let backend = &TestState::create();
    let fixture = Fixture::new(backend);
    let new = fixture.create(&session_record()).await;
    for _ in 0..3 {
        fixture.backend.advance(Duration::from_hours(23));
        let live = fixture.load(&new.token).await.unwrap();
        assert_eq!(live.expires_at, backend.env.now() + SESSION_TTL);
    }
    backend.advance(SESSION_TTL);
    assert!(!fixture.is_live(&new).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_extends_the_session() {
    let backend = &TestState::create();
    let fixture = Fixture::new(backend);
    let record = session_record();
    let new = fixture.create(&record).await;
    backend.advance(Duration::from_hours(23));
    assert!(fixture.sessions.update(&new.id, &record).await.unwrap());
    backend.advance(Duration::from_hours(23));
    assert!(fixture.is_live(&new).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_does_not_bring_back_an_ended_session() {
    let backend = &TestState::create();
    let fixture = Fixture::new(backend);
    let record = session_record();
    let new = fixture.create(&record).await;
    let raised = SessionRecord {
        version: 4,
        ..record
    };
    assert!(fixture.sessions.update(&new.id, &raised).await.unwrap());
    assert_eq!(fixture.load(new.id).await.unwrap().record, raised);

    fixture.sessions.end(&new.id).await.unwrap();
    assert!(!fixture.sessions.update(&new.id, &raised).await.unwrap());
    assert!(!fixture.is_live(&new).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ending_a_session_ends_that_one() {
    let backend = &TestState::create();
    let fixture = Fixture::new(backend);
    let record = session_record();
    let one = fixture.create(&record).await;
    let other = fixture.create(&record).await;
    fixture.sessions.end(&one.id).await.unwrap();
    fixture.sessions.end(&one.id).await.unwrap();
    assert!(!fixture.is_live(&one).await);
    assert!(fixture.is_live(&other).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ending_the_sessions_of_a_user_keeps_those_of_others() {
    let backend = &TestState::create();
    let fixture = Fixture::new(backend);
    let (record, stranger) = (session_record(), session_record());
    let one = fixture.create(&record).await;
    let two = fixture.create(&record).await;
    let spared = fixture.create(&stranger).await;
    fixture.sessions.end_all_of(record.user_id).await.unwrap();
    assert!(!fixture.is_live(&one).await);
    assert!(!fixture.is_live(&two).await);
    assert!(fixture.is_live(&spared).await);
    fixture.sessions.end_all_of(record.user_id).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ending_the_sessions_of_a_user_finds_those_extended_for_days() {
    let backend = &TestState::create();
    let fixture = Fixture::new(backend);
    let record = session_record();
    let old = fixture.create(&record).await;
    for _ in 0..7 {
        backend.advance(Duration::from_hours(23));
        assert!(fixture.is_live(&old).await);
    }
    let young = fixture.create(&record).await;
    fixture.sessions.end_all_of(record.user_id).await.unwrap();
    assert!(!fixture.is_live(&old).await);
    assert!(!fixture.is_live(&young).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ending_the_other_sessions_of_a_user_keeps_the_named_one() {
    let backend = &TestState::create();
    let fixture = Fixture::new(backend);
    let record = session_record();
    let kept = fixture.create(&record).await;
    let ended = fixture.create(&record).await;
    let others = fixture.sessions.end_others_of(record.user_id, &kept.id);
    others.await.unwrap();
    assert!(fixture.is_live(&kept).await);
    assert!(!fixture.is_live(&ended).await);

    // The kept session is still in the user's index.
    fixture.sessions.end_all_of(record.user_id).await.unwrap();
    assert!(!fixture.is_live(&kept).await);
}
