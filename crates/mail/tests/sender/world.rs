//! A database with a sender on it, and a clock that is moved by hand.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use portal_auth::OneTimeToken;
use portal_domain::access::{Customer, Origin};
use portal_domain::branding::{self, BrandingChanges};
use portal_domain::environment::{Environment, SystemEnvironment};
use portal_domain::notifications::{MailKind, OutboxMail, OutboxState, enqueue};
use portal_domain::organizations::{self, NewOrganization, Organization, TimeZone};
use portal_domain::profiles::{self, NewUser, PortalUser};
use portal_domain::store::{Store, TenantScope, TenantWork};
use portal_domain::tickets::{self, NewTicket, Ticket, TicketPriority};
use portal_mail::{MailConfig, MailSender, MailTransport, MemoryTransport, SendReport};
use portal_persistence::{Database, DatabaseConfig, Target};
use tempfile::TempDir;

/// A clock that stands still until it is moved.
pub(crate) struct Clock(Mutex<DateTime<Utc>>);

impl Clock {
    pub(crate) fn advance(&self, by: TimeDelta) {
        *self.0.lock().unwrap() += by;
    }

    pub(crate) fn set(&self, to: DateTime<Utc>) {
        *self.0.lock().unwrap() = to;
    }
}

impl Environment for Clock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }

    fn random(&self) -> [u8; 16] {
        SystemEnvironment.random()
    }
}

pub(crate) struct World {
    pub(crate) database: Database,
    pub(crate) clock: Arc<Clock>,
    pub(crate) mails: MemoryTransport,
    _directory: TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let target = Target::Sqlite(directory.path().join("portal.db"));
        let database = Database::open(DatabaseConfig::new(target)).unwrap();
        database.migrate().await.unwrap();
        let start = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let clock = Arc::new(Clock(Mutex::new(start)));
        Self {
            database,
            clock,
            mails: MemoryTransport::new(),
            _directory: directory,
        }
    }

    pub(crate) fn sender(&self, transport: impl MailTransport + 'static) -> MailSender {
        let config = MailConfig {
            public_url: "https://portal.example/".parse().unwrap(),
            from: "Customer portal <portal@mail.example>".parse().unwrap(),
        };
        let (store, env) = (Arc::new(self.database.clone()), self.clock.clone());
        MailSender::new(store, env, Arc::new(transport), config)
    }

    /// Sends what is due to [`mails`](Self::mails).
    pub(crate) async fn send(&self) -> SendReport {
        self.sender(self.mails.clone()).send_due().await.unwrap()
    }

    pub(crate) async fn organization(&self, name: &str) -> Organization {
        let work = self.database.begin_system().await.unwrap();
        let new = NewOrganization {
            name: name.parse().unwrap(),
            slug: None,
            time_zone: TimeZone::UTC,
        };
        let organization = organizations::create(&*work, &*self.clock, new)
            .await
            .unwrap();
        work.commit().await.unwrap();
        organization
    }

    /// Changes an organization's data.
    pub(crate) async fn change<T>(
        &self,
        organization: &Organization,
        change: impl AsyncFnOnce(&dyn TenantWork, &Clock) -> T,
    ) -> T {
        let work = self
            .database
            .begin(TenantScope::of(organization.id))
            .await
            .unwrap();
        let value = change(&*work, &self.clock).await;
        work.commit().await.unwrap();
        value
    }

    pub(crate) async fn brand(&self, organization: &Organization, changes: BrandingChanges) {
        self.change(organization, async |work, env| {
            branding::change(work, env, changes).await.unwrap();
        })
        .await;
    }

    /// A user who is set up.
    pub(crate) async fn user(&self, organization: &Organization, email: &str) -> PortalUser {
        self.add_user(organization, email, Some("hash".to_owned()))
            .await
    }

    /// A user who is invited by mail.
    pub(crate) async fn invited(&self, organization: &Organization, email: &str) -> PortalUser {
        self.add_user(organization, email, None).await
    }

    async fn add_user(
        &self,
        organization: &Organization,
        email: &str,
        password_hash: Option<String>,
    ) -> PortalUser {
        let new = NewUser {
            email: email.parse().unwrap(),
            name: "Ada".parse().ok(),
            locale: None,
            password_hash,
        };
        self.change(organization, async |work, env| {
            profiles::create(work, env, new, true).await.unwrap()
        })
        .await
    }

    pub(crate) async fn customer(
        &self,
        organization: &Organization,
        user: &PortalUser,
    ) -> Customer {
        let reader = self
            .database
            .reader(TenantScope::of(organization.id))
            .await
            .unwrap();
        let account = reader.account(user.id).await.unwrap().unwrap();
        Customer {
            account,
            origin: Origin::default(),
        }
    }

    pub(crate) async fn ticket(&self, organization: &Organization, user: &PortalUser) -> Ticket {
        let customer = self.customer(organization, user).await;
        let new = NewTicket {
            subject: "Printer".parse().unwrap(),
            description: "It is on fire.".parse().unwrap(),
            priority: TicketPriority::High,
        };
        self.change(organization, async |work, env| {
            tickets::submit(work, env, &customer, new).await.unwrap()
        })
        .await
    }

    pub(crate) async fn enqueue(&self, organization: &Organization, kind: MailKind) {
        self.change(organization, async |work, env| {
            enqueue(work, env, kind).await.unwrap();
        })
        .await;
    }

    pub(crate) async fn outbox(&self, state: OutboxState) -> Vec<OutboxMail> {
        let work = self.database.begin_system().await.unwrap();
        let mails = work.mails(state, 100).await.unwrap();
        work.commit().await.unwrap();
        mails
    }

    /// Whose password or account a link's token opens now.
    pub(crate) async fn opened_by(&self, link: &str) -> Option<PortalUser> {
        let (_, token) = link.split_once("token=").unwrap();
        let token: OneTimeToken = token.parse().unwrap();
        let reader = self.database.system_reader().await.unwrap();
        let found = reader.token_by_hash(token.hash().as_str()).await.unwrap();
        found
            .filter(|(token, _)| token.is_good(self.clock.now()))
            .map(|(_, account)| account.user)
    }
}
