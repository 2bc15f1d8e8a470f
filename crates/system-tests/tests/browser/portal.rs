//! A portal with a listener, over the demo's data.

use std::net::TcpListener;

use actix_web::HttpServer;
use actix_web::dev::ServerHandle;
use actix_web::web::Data;
use portal_auth::{Argon2Params, PasswordHasher};
use portal_demo::DEMO_PASSWORD;
use portal_domain::actors::{Operator, Technician};
use portal_domain::audit::Actor;
use portal_domain::branding::{self, BrandingChanges};
use portal_domain::operation::Operation;
use portal_domain::organizations::Organization as Row;
use portal_domain::pagination::PageRequest;
use portal_domain::profiles::PortalUser;
use portal_domain::store::{StorageError, TenantScope};
use portal_domain::tickets::{
    self, NewTicket, TicketFilter, TicketPriority, TicketStatus, TicketSummary,
};
use portal_mail::OutgoingMail;
use portal_system_tests::images::ImageServer;
use portal_test_support::{TestApp, fixtures, operator};

/// One of the demo's organizations, as its people see it.
pub(crate) struct Organization {
    /// What it is found by.
    pub(crate) slug: &'static str,
    /// Its domain.
    pub(crate) host: &'static str,
    /// What it is called.
    pub(crate) name: &'static str,
    /// The beginning of its welcome.
    pub(crate) welcome: &'static str,
    /// The number to call.
    pub(crate) phone: &'static str,
    /// The colour of its main buttons, as browsers say it.
    pub(crate) color: &'static str,
    /// Who signs in.
    pub(crate) email: &'static str,
    /// What they are called.
    pub(crate) person: &'static str,
}

/// Toolmakers in Berlin.
pub(crate) static ACME: Organization = Organization {
    slug: "acme",
    host: "support.acme.example",
    name: "Acme",
    welcome: "Welcome to Acme's IT support.",
    phone: "+49 30 23125 100",
    color: "rgba(11, 79, 108, 1)",
    email: "lena.vogt@acme.example",
    person: "Lena Vogt",
};

/// A laboratory in New York.
pub(crate) static GLOBEX: Organization = Organization {
    slug: "globex",
    host: "help.globex.example",
    name: "Globex",
    welcome: "Globex Help Desk",
    phone: "+1 212 555 0142",
    color: "rgba(91, 42, 134, 1)",
    email: "rosa.delgado@globex.example",
    person: "Rosa Delgado",
};

/// A host with images.
pub(crate) const IMAGES: &str = "cdn.brands.example";

/// A portal that browsers can reach.
pub(crate) struct Portal {
    /// What is behind it.
    pub(crate) app: TestApp,
    /// Its port on this machine.
    pub(crate) port: u16,
    /// Where the organizations have their logos: [`IMAGES`].
    pub(crate) images: ImageServer,
    server: ServerHandle,
}

impl Portal {
    /// A fresh one, whose clock runs.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let app = TestApp::with_pages(
            |config| config.public_url = format!("http://127.0.0.1:{port}").parse().unwrap(),
            portal_web::routes,
        )
        .await;
        app.env.run();
        let cheap = Argon2Params {
            memory_kib: 8,
            iterations: 1,
            parallelism: 1,
            queue: 64,
        };
        let hasher = PasswordHasher::new(cheap).unwrap();
        let hash = hasher.hash(&DEMO_PASSWORD.into()).await.unwrap();
        portal_demo::load(&*app.operator, &app.files.depot(), &*app.env, &hash)
            .await
            .unwrap();
        let portal = Data::clone(&app.portal);
        let server = HttpServer::new(move || {
            let pages = Data::clone(&portal);
            portal_http::app_with(Data::clone(&portal), None, &|config| {
                portal_web::routes(&pages, config);
            })
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap()
        .run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self {
            app,
            port,
            images: ImageServer::start().await,
            server: handle,
        }
    }

    /// Ends the listener.
    pub(crate) async fn stop(self) {
        self.server.stop(false).await;
    }

    async fn row(&self, organization: &Organization) -> Row {
        let system = self.app.store.begin_system().await.unwrap();
        let slug = organization.slug.parse().unwrap();
        let found = system.organization_by_slug(&slug).await.unwrap();
        system.rollback().await.unwrap();
        found.unwrap()
    }

    /// Does something as an operator.
    pub(crate) async fn operate<T, E: From<StorageError> + std::fmt::Debug>(
        &self,
        organization: &Organization,
        change: impl AsyncFnOnce(&Operation<'_, Operator>) -> Result<T, E>,
    ) -> T {
        self.change_as(organization, &operator(), change).await
    }

    async fn change_as<A: Actor, T, E: From<StorageError> + std::fmt::Debug>(
        &self,
        organization: &Organization,
        by: &A,
        change: impl AsyncFnOnce(&Operation<'_, A>) -> Result<T, E>,
    ) -> T {
        let scope = TenantScope::of(self.row(organization).await.id);
        let (store, env) = (&*self.app.operator, &*self.app.env);
        fixtures::change(store, env, scope, by, change).await
    }

    /// Changes the organization's brand or what it offers.
    pub(crate) async fn brand(&self, organization: &Organization, changes: BrandingChanges) {
        self.operate(organization, async |op| branding::change(op, changes).await)
            .await;
    }

    /// The organization's user with this address.
    pub(crate) async fn user(&self, organization: &Organization, email: &str) -> PortalUser {
        let email = email.parse().unwrap();
        self.operate(organization, async |op| {
            Ok::<_, StorageError>(op.tx.user_by_email(&email).await?.expect("a user"))
        })
        .await
    }

    /// The tickets of this organization with these words in them.
    pub(crate) async fn tickets(
        &self,
        organization: &Organization,
        words: &str,
    ) -> Vec<TicketSummary> {
        let filter = TicketFilter {
            words: words.parse().unwrap(),
            ..TicketFilter::default()
        };
        let scope = TenantScope::of(self.row(organization).await.id);
        let reader = self.app.store.reader(scope).await.unwrap();
        let page = reader
            .tickets(&filter, PageRequest::default())
            .await
            .unwrap();
        page.items
    }

    /// Switches off everything that an organization can.
    pub(crate) async fn offer_nothing(&self, organization: &Organization) {
        let nothing = BrandingChanges {
            enable_tickets: Some(false),
            enable_asset_checkout: Some(false),
            enable_self_service: Some(false),
            ..BrandingChanges::default()
        };
        self.brand(organization, nothing).await;
    }

    /// Submits so many tickets as the organization's own person: `Scanner 0` and so on, every
    /// second one urgent.
    pub(crate) async fn submit_many(&self, organization: &Organization, count: u32) {
        let user = self.user(organization, organization.email).await;
        let scope = TenantScope::of(user.organization_id);
        let customer = fixtures::customer(&*self.app.store, scope, user.id).await;
        for number in 0..count {
            let priority = match number % 2 {
                0 => TicketPriority::Urgent,
                _ => TicketPriority::Low,
            };
            let new = NewTicket {
                subject: format!("Scanner {number}").parse().unwrap(),
                description: "It hums.".parse().unwrap(),
                priority,
                device_id: None,
                on_behalf_of: None,
                attachments: portal_domain::files::AttachmentIds::NONE,
            };
            self.change_as(organization, &customer, async |op| {
                tickets::submit(op, new).await
            })
            .await;
        }
    }

    /// The one ticket with this subject.
    pub(crate) async fn ticket(&self, organization: &Organization, subject: &str) -> TicketSummary {
        let mut found = self.tickets(organization, subject).await;
        // The words may be in the numbers of others.
        found.retain(|ticket| ticket.subject.as_str() == subject);
        found.pop().expect("a ticket")
    }

    /// The team answers on the one ticket with this subject, and moves it.
    pub(crate) async fn response(
        &self,
        organization: &Organization,
        subject: &str,
        content: &str,
        status: TicketStatus,
    ) {
        let id = self.ticket(organization, subject).await.id;
        let technician = Technician::named("Robin Albrecht".parse().unwrap());
        self.change_as(organization, &technician, async |op| {
            tickets::add_team_reply(op, id, content.parse().unwrap()).await?;
            tickets::set_status(op, id, status).await
        })
        .await;
    }

    /// The path that the last mail with such a link leads to.
    pub(crate) async fn mailed(&self, path: &str) -> String {
        self.app.send_mails().await;
        let mails = self.app.mails.mails();
        let mut texts = mails.iter().rev().map(OutgoingMail::text);
        let (_, rest) = texts
            .find_map(|text| text.split_once(path))
            .expect("a link");
        let rest = rest.split_whitespace().next().unwrap();
        format!("{path}{rest}")
    }
}
