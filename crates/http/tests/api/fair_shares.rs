//! One caller with many requests does not keep others from the database.
#![expect(
    clippy::unwrap_used,
    reason = "a test whose world is not as it has to be fails"
)]

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::dev::Service as _;
use actix_web::test::{TestRequest, init_service};
use actix_web::web::Data;
use async_trait::async_trait;
use futures_util::future::join_all;
use portal_auth::state::MemoryState;
use portal_auth::{SessionRecord, Sessions};
use portal_domain::store::{
    Asker, LookupReader, RequestStore, SharedStore, StorageError, TenantReader, TenantScope,
    TenantStore, TenantTransaction,
};
use portal_session::Portal;
use portal_test_support::{Person, TestApp, cheap_hasher, session_record};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

/// What a gate lets through.
struct Gate {
    held_up: TenantScope,
    opened: Semaphore,
    inside: AtomicUsize,
}

impl Gate {
    async fn pass(&self) {
        self.inside.fetch_add(1, Ordering::SeqCst);
        drop(self.opened.acquire().await);
    }

    fn inside(&self) -> usize {
        self.inside.load(Ordering::SeqCst)
    }
}

/// A database that lets nobody of one organization, and nobody without a session, go on with the
/// connection that they have, until told to.
struct Gated<S: ?Sized> {
    store: Box<S>,
    gate: Arc<Gate>,
}

#[async_trait]
impl SharedStore for Gated<dyn SharedStore> {
    fn on_behalf_of(&self, asker: Asker) -> Box<dyn RequestStore> {
        Box::new(Gated::<dyn RequestStore> {
            store: self.store.on_behalf_of(asker),
            gate: Arc::clone(&self.gate),
        })
    }

    async fn ping(&self) -> Result<(), StorageError> {
        self.store.ping().await
    }
}

#[async_trait]
impl TenantStore for Gated<dyn RequestStore> {
    async fn reader(&self, scope: TenantScope) -> Result<Box<dyn TenantReader>, StorageError> {
        let reader = self.store.reader(scope).await?;
        if scope == self.gate.held_up {
            self.gate.pass().await;
        }
        Ok(reader)
    }

    async fn begin(&self, scope: TenantScope) -> Result<Box<dyn TenantTransaction>, StorageError> {
        let transaction = self.store.begin(scope).await?;
        if scope == self.gate.held_up {
            self.gate.pass().await;
        }
        Ok(transaction)
    }
}

#[async_trait]
impl RequestStore for Gated<dyn RequestStore> {
    async fn lookup(&self) -> Result<Box<dyn LookupReader>, StorageError> {
        let reader = self.store.lookup().await?;
        self.gate.pass().await;
        Ok(reader)
    }
}

/// Who sends which request, and how often.
type Caller<'a> = (Option<&'a Person>, &'a str, &'a str, Value, usize);

/// Sends requests to a portal with 16 connections, and waits until as many as `expected` are at the
/// database. Returns how many were there once everybody of other organizations had been answered, and
/// all statuses after the gate was opened.
async fn crowd(callers: &[Caller<'_>], expected: usize, app: &TestApp) -> (usize, Vec<u16>) {
    let gate = Arc::new(Gate {
        held_up: app.acme.ada.scope(),
        opened: Semaphore::new(0),
        inside: AtomicUsize::new(0),
    });
    let store = Gated::<dyn SharedStore> {
        store: Box::new(app.database.database.clone()),
        gate: Arc::clone(&gate),
    };
    let env = Arc::clone(&app.portal.env);
    let state = Arc::new(MemoryState::new(Arc::clone(&env)));
    let sessions = Sessions::new(Arc::clone(&state) as _, Arc::clone(&env));
    let portal = Portal::new(
        Arc::new(store),
        state,
        Arc::clone(&env),
        cheap_hasher(),
        &TestApp::secret(),
        app.portal.config.clone(),
        TaskTracker::new(),
    );
    let service = Rc::new(init_service(portal_http::app(Data::new(portal), None)).await);
    let (mut free, mut held_up) = (Vec::new(), Vec::new());
    for (person, method, path, body, times) in callers {
        let mut token = None;
        if let Some(person) = person {
            let account = app.reader(person.scope()).await.account(person.id).await;
            let user = account.unwrap().unwrap().user;
            let record = SessionRecord {
                user_id: user.id,
                org_id: user.organization_id,
                version: user.session_version,
                signed_in_at: env.now(),
                ..session_record()
            };
            let session = sessions.create(&record).await.unwrap();
            token = Some(format!("Bearer {}", session.token.expose()));
        }
        for _ in 0..*times {
            let request = TestRequest::with_uri(&format!("/api/v1/portal{path}"))
                .method(method.parse().unwrap())
                .peer_addr("203.0.113.9:4000".parse().unwrap())
                .insert_header(("host", "support.acme.example"))
                .set_json(body);
            let request = match &token {
                Some(token) => request.insert_header(("authorization", token.as_str())),
                None => request,
            };
            let service = Rc::clone(&service);
            let answer = actix_web::rt::spawn(async move {
                let response = service.call(request.to_request()).await;
                response.unwrap().status().as_u16()
            });
            let is_held_up = person.is_none_or(|person| person.scope() == gate.held_up);
            if is_held_up {
                held_up.push(answer);
            } else {
                free.push(answer);
            }
        }
    }
    while gate.inside() < expected {
        actix_web::rt::task::yield_now().await;
    }
    let mut answers = join_all(free).await;
    let inside = gate.inside();
    gate.opened.add_permits(Semaphore::MAX_PERMITS);
    answers.extend(join_all(held_up).await);
    (inside, answers.into_iter().map(Result::unwrap).collect())
}

/// How many of 16 connections an eighth is for look-ups across organizations, which PostgreSQL has a
/// pool of four for.
fn eighth_of_look_ups(app: &TestApp) -> usize {
    if app.database.postgres().is_some() {
        1
    } else {
        2
    }
}

#[actix_web::test]
async fn a_user_has_an_eighth_of_the_connections() {
    let app = TestApp::start().await;
    for (method, path) in [("GET", "/tickets"), ("PATCH", "/profile")] {
        let callers = [
            (Some(&app.acme.ada), method, path, json!({}), 30),
            (Some(&app.globex.ada), "GET", "/profile", json!({}), 3),
        ];
        let (inside, statuses) = crowd(&callers, 2, &app).await;
        assert_eq!(inside, 2, "{path}");
        assert_eq!(statuses, [200; 33], "{path}");
    }
}

#[actix_web::test]
async fn an_address_without_a_session_has_an_eighth_of_the_connections() {
    let app = TestApp::start().await;
    app.own_domain(&app.acme, "support.acme.example").await;
    let expected = eighth_of_look_ups(&app);
    let token = "x".repeat(43);
    let credentials = json!({ "email": "nobody@acme.example", "password": "Wrong-Horse-7" });
    let by_token = json!({ "token": token, "password": "Correct-Horse-7" });
    for (method, path, body, status) in [
        ("GET", "/branding", json!({}), 200),
        ("POST", "/auth/login", credentials, 401),
        ("POST", "/auth/accept-invite", by_token.clone(), 400),
        ("POST", "/auth/reset-password", by_token, 400),
    ] {
        // Fewer than the limits on attempts, which are not what holds them up.
        let callers = [
            (None, method, path, body, 8),
            (Some(&app.globex.ada), "GET", "/profile", json!({}), 3),
        ];
        let (inside, mut statuses) = crowd(&callers, expected, &app).await;
        assert_eq!(inside, expected, "{path}");
        statuses.sort_unstable();
        assert_eq!(statuses[..3], [200; 3], "{path}");
        assert_eq!(statuses[3..], [status; 8], "{path}");
    }
}

#[actix_web::test]
async fn far_too_many_requests_of_a_user_are_told_to_come_back() {
    let app = TestApp::start().await;
    let callers = [(Some(&app.acme.ada), "GET", "/profile", json!({}), 300)];
    let (inside, statuses) = crowd(&callers, 2, &app).await;
    assert_eq!(inside, 2);
    // Two at the database and 256 that wait are served, however long the others ask.
    let served = statuses.iter().filter(|status| **status == 200).count();
    let refused = statuses.iter().filter(|status| **status == 503).count();
    assert_eq!((served, refused), (258, 42));
}
