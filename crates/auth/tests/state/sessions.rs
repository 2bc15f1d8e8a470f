//! Sessions.

use std::time::Duration;

use chrono::TimeDelta;
use portal_auth::{
    LiveSession, NewSession, SESSION_TTL, SESSIONS_PER_USER, SessionId, SessionRecord,
    SessionToken, Sessions,
};
use portal_domain::clients::ClientName;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_with_too_many_sessions_loses_those_used_least_recently() {
    let backend = &TestState::create();
    let (store, record) = (&backend.store, session_record());
    let other = SessionToken::generate().id();
    store
        .insert_session(&other, &session_record())
        .await
        .unwrap();
    let ids: Vec<_> = (0..SESSIONS_PER_USER)
        .map(|_| SessionToken::generate().id())
        .collect();
    let (earlier, later) = ids.split_at(SESSIONS_PER_USER / 2);
    for id in earlier {
        store.insert_session(id, &record).await.unwrap();
    }
    backend.advance(Duration::from_mins(1));
    for id in later {
        store.insert_session(id, &record).await.unwrap();
    }
    // Used again, one of the oldest is one of the newest.
    assert!(store.touch_session(&earlier[0]).await.unwrap().is_some());
    backend.advance(Duration::from_mins(1));
    let newest = [(); 3].map(|()| SessionToken::generate().id());
    for id in &newest {
        store.insert_session(id, &record).await.unwrap();
    }
    let live = async |ids: &[SessionId]| {
        let mut live = 0;
        for id in ids {
            let mut found = store.touch_session(id).await.unwrap();
            live += usize::from(found.take().is_some());
        }
        live
    };
    assert_eq!(live(&newest).await, 3);
    assert_eq!(live(&earlier[..1]).await, 1);
    assert_eq!(live(later).await, later.len());
    assert_eq!(live(&ids).await, SESSIONS_PER_USER - 3);
    assert_eq!(live(&[other]).await, 1, "somebody else's");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_sees_their_sessions_the_one_used_last_first() {
    let backend = &TestState::create();
    let fixture = Fixture::new(backend);
    let signed_in_at = backend.env.now();
    let record = SessionRecord {
        signed_in_at,
        client: Some(ClientName::of(Some(
            "Mozilla/5.0 (Windows NT 10.0) Firefox/128.0",
        ))),
        ip_address: Some("2001:db8::1".parse().unwrap()),
        ..session_record()
    };
    let (first, second) = (fixture.create(&record).await, fixture.create(&record).await);
    fixture.create(&session_record()).await;
    let before_the_change = SessionRecord {
        version: 2,
        ..record
    };
    fixture.create(&before_the_change).await;
    backend.advance(Duration::from_hours(1));
    assert!(fixture.is_live(&first).await);
    backend.advance(Duration::from_hours(1));

    let open = fixture.sessions.of_user(&record).await.unwrap();
    let ids: Vec<_> = open.iter().map(|session| session.id).collect();
    assert_eq!(ids, [first.id, second.id]);
    for (session, hours) in open.iter().zip([1, 2]) {
        assert_eq!(session.record, record);
        let idle = backend.env.now() - session.last_used_at;
        // The clock of Redis goes on by itself.
        let off = (idle - TimeDelta::hours(hours)).abs();
        assert!(off < TimeDelta::minutes(1), "{idle}");
    }
    let public: Vec<_> = open.iter().map(|session| session.public_id).collect();
    assert_eq!(public, [first.id.public(), second.id.public()]);
    assert_ne!(public[0], public[1]);

    // Looking at a session does not extend it.
    backend.advance(Duration::from_hours(22));
    assert!(fixture.is_live(&first).await);
    assert!(!fixture.is_live(&second).await);
    let open = fixture.sessions.of_user(&record).await.unwrap();
    assert_eq!(open.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_greatest_age_ends_even_a_session_in_use() {
    let backend = &TestState::create();
    let max_age = Duration::from_hours(48);
    let sessions = Sessions::new(backend.store.clone(), backend.env.clone());
    let sessions = sessions.with_max_age(Some(max_age));
    let signed_in_at = backend.env.now();
    let record = SessionRecord {
        signed_in_at,
        ..session_record()
    };
    let new = sessions.create(&record).await.unwrap();
    assert_eq!(new.expires_at, signed_in_at + SESSION_TTL);
    backend.advance(Duration::from_hours(20));
    assert!(sessions.load(new.id).await.unwrap().is_some());
    backend.advance(Duration::from_hours(20));
    let live = sessions.load(new.id).await.unwrap().unwrap();
    assert_eq!(live.expires_at, signed_in_at + max_age);
    backend.advance(Duration::from_hours(8));
    assert_eq!(sessions.of_user(&record).await.unwrap(), []);
    assert_eq!(sessions.load(new.id).await.unwrap(), None);
    // It is gone from the store, too.
    let fixture = Fixture::new(backend);
    assert!(!fixture.is_live(&new).await);
}
