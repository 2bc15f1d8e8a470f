//! The app in the test's process.

mod client;
mod mail;

use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::body::MessageBody as _;
use actix_web::dev::Service as _;
use actix_web::web::{Bytes, Data, ServiceConfig};
use portal_auth::state::MemoryState;
use portal_auth::{SecretKey, StateStore, UnsubscribeTokens, WriteLimits};
use portal_domain::audit::{AuditAction, AuditEntry};
use portal_domain::environment::Environment;
use portal_domain::ids::OrganizationId;
use portal_mail::{MailConfig, MailSender, MemoryTransport, SendReport};
use portal_session::{HttpConfig, Portal};
use tokio_util::task::TaskTracker;

use crate::people::{Person, cheap_hasher};
use crate::world::{TestWorld, stored};

use client::Send;
pub use client::{Anonymous, BearerUser, Call, Caller, CookieUser, Response};
pub use mail::MailWorld;

/// A portal in this process, over a [`TestWorld`]: the app as the server builds it.
///
/// [`Anonymous`], [`BearerUser`] and [`CookieUser`] call it as the kinds of caller do; mails go to
/// memory, and [`settle`](Self::settle) waits for the background work.
///
/// ```
/// use portal_test_support::{Caller as _, TestApp};
///
/// # actix_web::rt::System::new().block_on(async {
/// let app = TestApp::start().await;
/// let ada = app.bearer(&app.acme.ada).await;
/// assert_eq!(ada.get("/profile").await.status(), 200);
/// # });
/// ```
pub struct TestApp {
    /// The mails that were sent.
    pub mails: Arc<MemoryTransport>,
    /// The parts that the app is made of.
    pub portal: Data<Portal>,
    world: TestWorld,
    sender: MailSender,
    background: TaskTracker,
    state: Arc<dyn StateStore>,
    pages: fn(&Portal, &mut ServiceConfig),
    send: Send,
}

impl Deref for TestApp {
    type Target = TestWorld;

    fn deref(&self) -> &TestWorld {
        &self.world
    }
}

impl TestApp {
    /// A new one.
    pub async fn start() -> Self {
        Self::with(|_| ()).await
    }

    /// A new one with changed HTTP settings. Without a change, there are no limits on changes.
    pub async fn with(configure: impl FnOnce(&mut HttpConfig)) -> Self {
        Self::with_pages(configure, |_, _| ()).await
    }

    /// A new one with more routes, registered by `pages`.
    pub async fn with_pages(
        configure: impl FnOnce(&mut HttpConfig),
        pages: fn(&Portal, &mut ServiceConfig),
    ) -> Self {
        let world = TestWorld::create().await;
        let mut config = HttpConfig {
            // The clock stands still, so that all changes of a test are made within a minute.
            write_limits: WriteLimits::NONE,
            ..HttpConfig::new("http://portal.example".parse().unwrap())
        };
        configure(&mut config);
        let mails = Arc::new(MemoryTransport::default());
        let secret = Self::secret();
        let mail_config = MailConfig {
            public_url: config.public_url.clone(),
            custom_domain_path: String::new(),
            from: "Portal <portal@example.com>".parse().unwrap(),
            unsubscribe_tokens: UnsubscribeTokens::new(&secret),
            deliveries: MailConfig::DELIVERIES,
        };
        let environment = || Arc::clone(&world.env) as Arc<dyn Environment>;
        let sender = MailSender::new(
            Arc::clone(&world.store) as _,
            environment(),
            Arc::clone(&mails) as _,
            mail_config,
        );
        let background = TaskTracker::new();
        let state: Arc<dyn StateStore> = Arc::new(MemoryState::new(environment()));
        let portal = Portal::new(
            Arc::clone(&world.store) as _,
            Arc::clone(&state),
            environment(),
            cheap_hasher(),
            &secret,
            config,
            background.clone(),
        );
        let portal = Data::new(portal.with_files(world.files.depot()));
        let send = in_process(Data::clone(&portal), pages).await;
        Self {
            mails,
            portal,
            world,
            sender,
            background,
            state,
            pages,
            send,
        }
    }

    /// The secret key of every test's portal.
    pub fn secret() -> SecretKey {
        SecretKey::new(&[7; 32]).expect("a long enough key")
    }

    /// A client of another instance beside this one, over the same database and state, with a secret
    /// key of its own.
    pub async fn beside(&self, secret: &SecretKey) -> Anonymous {
        let portal = Data::new(Portal::new(
            Arc::clone(&self.world.store) as _,
            Arc::clone(&self.state),
            Arc::clone(&self.portal.env),
            cheap_hasher(),
            secret,
            self.portal.config.clone(),
            self.background.clone(),
        ));
        Anonymous::new(in_process(portal, self.pages).await)
    }

    /// A client that is not signed in.
    pub fn anonymous(&self) -> Anonymous {
        Anonymous::new(Rc::clone(&self.send))
    }

    /// A client signed in as a person, with a bearer token.
    pub async fn bearer(&self, person: &Person) -> BearerUser {
        BearerUser::sign_in(&self.anonymous(), person).await
    }

    /// A browser signed in as a person.
    pub async fn cookie(&self, person: &Person) -> CookieUser {
        CookieUser::sign_in(&self.anonymous(), person).await
    }

    /// The audit log of an organization, newest first, once all background work is done.
    pub async fn audit_log(&self, organization: OrganizationId) -> Vec<AuditEntry> {
        self.settle().await;
        self.world.audit_log(organization).await
    }

    /// The entries of an organization's audit log with one action, newest first, once all
    /// background work is done.
    pub async fn audited(
        &self,
        organization: OrganizationId,
        action: AuditAction,
    ) -> Vec<AuditEntry> {
        self.settle().await;
        self.world.audited(organization, action).await
    }

    /// Waits for the background work of earlier responses.
    pub async fn settle(&self) {
        self.background.close();
        self.background.wait().await;
        self.background.reopen();
    }

    /// Sends the mails that are due, once all background work is done.
    pub async fn send_mails(&self) -> SendReport {
        self.settle().await;
        stored(self.sender.send_due().await)
    }
}

/// The app as the server builds it, called without a network.
async fn in_process(portal: Data<Portal>, pages: fn(&Portal, &mut ServiceConfig)) -> Send {
    let serve = Data::clone(&portal);
    let app = portal_http::app_with(serve, None, &|config| pages(&portal, config));
    let service = actix_web::test::init_service(app).await;
    let service = Rc::new(service);
    Rc::new(move |request| {
        let service = Rc::clone(&service);
        Box::pin(async move {
            let (status, headers, body) = match service.call(request.to_request()).await {
                Ok(response) => {
                    let (_, response) = response.into_parts();
                    let (head, body) = response.into_parts();
                    let body = actix_web::body::to_bytes(body).await;
                    (
                        head.status(),
                        head.headers().clone(),
                        body.unwrap_or_else(|_| panic!("no body")),
                    )
                }
                Err(error) => {
                    let response = error.error_response();
                    let (status, headers) = (response.status(), response.headers().clone());
                    let body: Bytes = response.into_body().try_into_bytes().expect("a body");
                    (status, headers, body)
                }
            };
            Response::new(status, headers, body)
        })
    })
}
