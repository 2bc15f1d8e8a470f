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
    StorageError, Store, SystemReader, SystemTransaction, TenantReader, TenantScope,
    TenantTransaction,
};
use portal_session::{HttpConfig, Portal};
use portal_test_support::{Person, TestApp, cheap_hasher, session_record};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

/// A database that lets nobody of `acme`, and nobody without a session, go on until told to.
struct Gate {
    store: Arc<dyn Store>,
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

#[async_trait]
impl Store for Gate {
    async fn reader(&self, scope: TenantScope) -> Result<Box<dyn TenantReader>, StorageError> {
        if scope == self.held_up {
            self.pass().await;
        }
        self.store.reader(scope).await
    }

    async fn begin(&self, scope: TenantScope) -> Result<Box<dyn TenantTransaction>, StorageError> {
        if scope == self.held_up {
            self.pass().await;
        }
        self.store.begin(scope).await
    }

    async fn system_reader(&self) -> Result<Box<dyn SystemReader>, StorageError> {
        self.pass().await;
        self.store.system_reader().await
    }

    async fn begin_system(&self) -> Result<Box<dyn SystemTransaction>, StorageError> {
        self.store.begin_system().await
    }

    async fn ping(&self) -> Result<(), StorageError> {
        self.store.ping().await
    }
}

/// Who sends which request, and how often.
type Caller<'a> = (Option<&'a Person>, &'a str, &'a str, usize);

/// Sends requests to a portal with 16 connections. Returns how many were at the database once
/// nothing moved any more, and all statuses after the gate was opened. Those of other organizations
/// must have been answered before.
async fn crowd(callers: &[Caller<'_>], app: &TestApp) -> (usize, Vec<u16>) {
    let gate = Arc::new(Gate {
        store: Arc::clone(&app.store),
        held_up: app.acme.ada.scope(),
        opened: Semaphore::new(0),
        inside: AtomicUsize::new(0),
    });
    let env = Arc::clone(&app.portal.env);
    let state = Arc::new(MemoryState::new(Arc::clone(&env)));
    let sessions = Sessions::new(Arc::clone(&state) as _, Arc::clone(&env));
    let portal = Portal::new(
        Arc::clone(&gate) as _,
        state,
        Arc::clone(&env),
        cheap_hasher(),
        &TestApp::secret(),
        HttpConfig {
            database_connections: 16,
            ..app.portal.config.clone()
        },
        TaskTracker::new(),
    );
    let service = Rc::new(init_service(portal_http::app(Data::new(portal), None)).await);
    let (mut free, mut held_up) = (Vec::new(), Vec::new());
    for (person, method, path, times) in callers {
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
                .insert_header(("host", "support.acme.example"));
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
    // Those that are held up go as far as they can without waiting for anything else.
    let mut still = 0;
    let mut seen = 0;
    while still < 1_000 {
        actix_web::rt::task::yield_now().await;
        still = if gate.inside() == seen { still + 1 } else { 0 };
        seen = gate.inside();
    }
    let mut answers = join_all(free).await;
    let inside = gate.inside();
    gate.opened.add_permits(Semaphore::MAX_PERMITS);
    answers.extend(join_all(held_up).await);
    (inside, answers.into_iter().map(Result::unwrap).collect())
}

#[actix_web::test]
async fn a_user_has_an_eighth_of_the_connections() {
    let app = TestApp::start().await;
    for (method, path, status) in [("GET", "/tickets", 200), ("PATCH", "/profile", 200)] {
        let (inside, statuses) = crowd(
            &[
                (Some(&app.acme.ada), method, path, 30),
                (Some(&app.globex.ada), "GET", "/profile", 1),
            ],
            &app,
        )
        .await;
        assert_eq!(inside, 2, "{path}");
        assert_eq!(statuses, [status; 31], "{path}");
    }
}

#[actix_web::test]
async fn an_address_without_a_session_has_an_eighth_of_the_connections() {
    let app = TestApp::start().await;
    app.own_domain(&app.acme, "support.acme.example").await;
    let (inside, statuses) = crowd(
        &[
            (None, "GET", "/branding", 20),
            (Some(&app.globex.ada), "GET", "/profile", 1),
        ],
        &app,
    )
    .await;
    assert_eq!(inside, 2);
    assert_eq!(statuses, [200; 21]);
}

#[actix_web::test]
async fn far_too_many_requests_of_a_user_are_told_to_come_back() {
    let app = TestApp::start().await;
    let (inside, statuses) = crowd(&[(Some(&app.acme.ada), "GET", "/profile", 300)], &app).await;
    assert_eq!(inside, 2);
    // Two at the database and 256 that wait are served, however long the others ask.
    let served = statuses.iter().filter(|status| **status == 200).count();
    let refused = statuses.iter().filter(|status| **status == 503).count();
    assert_eq!((served, refused), (258, 42));
}
