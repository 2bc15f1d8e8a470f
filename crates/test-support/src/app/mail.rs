//! A database with a mail sender.

use std::sync::Arc;

use portal_auth::{OneTimeToken, UnsubscribeTokens};
use portal_domain::actors::{Customer, Operator};
use portal_domain::audit::Actor;
use portal_domain::branding::{self, BrandingChanges};
use portal_domain::environment::Environment as _;
use portal_domain::notifications::{MailKind, OutboxMail, OutboxState};
use portal_domain::operation::Operation;
use portal_domain::organizations::Organization;
use portal_domain::profiles::{self, PortalUser};
use portal_domain::store::{Store as _, TenantScope, TenantStore as _};
use portal_domain::tickets::{NewTicket, Ticket, TicketPriority};
use portal_mail::{MailConfig, MailSender, MailTransport, MemoryTransport, SendReport};
use portal_persistence::Database;

use crate::{ManualEnvironment, TestApp, TestDatabase, fixtures, operator};

/// A database with an outbox, and what sends the mails that are due in it.
pub struct MailWorld {
    /// The database, as the sender uses it.
    pub database: Database,
    /// The database, as an operator uses it.
    pub operator: Database,
    /// The clock.
    pub clock: Arc<ManualEnvironment>,
    /// The mails that [`send`](Self::send) sent.
    pub mails: MemoryTransport,
    _files: TestDatabase,
}

impl MailWorld {
    /// An empty one.
    pub async fn new() -> Self {
        let files = TestDatabase::create().await;
        Self {
            database: files.database.clone(),
            operator: files.operator.clone(),
            clock: Arc::default(),
            mails: MemoryTransport::new(),
            _files: files,
        }
    }

    /// The configuration of its senders.
    pub fn mail_config(&self) -> MailConfig {
        MailConfig {
            public_url: "https://portal.example/".parse().unwrap(),
            custom_domain_path: String::new(),
            from: "Customer portal <portal@mail.example>".parse().unwrap(),
            unsubscribe_tokens: UnsubscribeTokens::new(&TestApp::secret()),
            deliveries: MailConfig::DELIVERIES,
        }
    }

    /// A sender that delivers through a transport.
    pub fn sender(&self, transport: impl MailTransport + 'static) -> MailSender {
        self.sender_with(self.mail_config(), transport)
    }

    /// A sender of another configuration.
    pub fn sender_with(
        &self,
        config: MailConfig,
        transport: impl MailTransport + 'static,
    ) -> MailSender {
        let (store, env) = (Arc::new(self.database.clone()), self.clock.clone());
        MailSender::new(store, env, Arc::new(transport), config)
    }

    /// Sends what is due to [`mails`](Self::mails).
    pub async fn send(&self) -> SendReport {
        self.sender(self.mails.clone()).send_due().await.unwrap()
    }

    /// A new organization.
    pub async fn organization(&self, name: &str) -> Organization {
        fixtures::organization(&self.operator, &*self.clock, name).await
    }

    /// Changes an organization's data, as an operator.
    pub async fn change<T>(
        &self,
        organization: &Organization,
        change: impl AsyncFnOnce(&Operation<'_, Operator>) -> T,
    ) -> T {
        self.change_as(organization, &operator(), change).await
    }

    /// Changes an organization's data, as somebody.
    pub async fn change_as<A: Actor, T>(
        &self,
        organization: &Organization,
        by: &A,
        change: impl AsyncFnOnce(&Operation<'_, A>) -> T,
    ) -> T {
        let scope = TenantScope::of(organization.id);
        let tx = self.database.begin(scope).await.unwrap();
        let value = change(&Operation::new(&*tx, by, &*self.clock)).await;
        tx.commit().await.unwrap();
        value
    }

    /// Changes an organization's branding.
    pub async fn brand(&self, organization: &Organization, changes: BrandingChanges) {
        self.change(organization, async |op| {
            branding::change(op, changes).await.unwrap();
        })
        .await;
    }

    /// A user who is set up.
    pub async fn user(&self, organization: &Organization, email: &str) -> PortalUser {
        self.add_user(organization, email, Some("hash")).await
    }

    /// A user who is invited by mail.
    pub async fn invited(&self, organization: &Organization, email: &str) -> PortalUser {
        self.add_user(organization, email, None).await
    }

    async fn add_user(
        &self,
        organization: &Organization,
        email: &str,
        password_hash: Option<&str>,
    ) -> PortalUser {
        let new = fixtures::new_user(email, password_hash);
        self.change(organization, async |op| {
            profiles::create(op, new, true).await.unwrap()
        })
        .await
    }

    /// A user as the one who acts.
    pub async fn customer(&self, organization: &Organization, user: &PortalUser) -> Customer {
        fixtures::customer(&self.database, TenantScope::of(organization.id), user.id).await
    }

    /// A new ticket of a user's.
    pub async fn ticket(&self, organization: &Organization, user: &PortalUser) -> Ticket {
        let customer = self.customer(organization, user).await;
        let new = NewTicket {
            priority: TicketPriority::High,
            ..fixtures::new_ticket("Printer")
        };
        fixtures::ticket(&self.database, &*self.clock, &customer, new).await
    }

    /// Puts a mail into the outbox.
    pub async fn enqueue(&self, organization: &Organization, kind: MailKind) {
        self.change(organization, async |op| {
            op.mail(kind).await.unwrap();
        })
        .await;
    }

    /// The mails in a state.
    pub async fn outbox(&self, state: OutboxState) -> Vec<OutboxMail> {
        let tx = self.database.begin_system().await.unwrap();
        let mails = tx.mails(state, 100).await.unwrap();
        tx.commit().await.unwrap();
        mails
    }

    /// Whose password or account a link's token opens now.
    pub async fn opened_by(&self, link: &str) -> Option<PortalUser> {
        let (_, token) = link.split_once("token=").unwrap();
        let token: OneTimeToken = token.parse().unwrap();
        let reader = self.database.system_reader().await.unwrap();
        let found = reader.token_by_hash(token.hash().as_str()).await.unwrap();
        found
            .filter(|(token, _)| token.is_valid(self.clock.now()))
            .map(|(_, account)| account.user)
    }
}
