//! Two organizations in a database, without HTTP.

use std::sync::Arc;

use portal_domain::actors::{Automation, Customer, Operator, Technician};
use portal_domain::audit::{AuditAction, AuditEntry, AuditFilter, ClientInfo};
use portal_domain::branding::{self, BrandingChanges};
use portal_domain::devices::{Device, DeviceRecord};
use portal_domain::files::{self, Attachment, FileLimits};
use portal_domain::ids::{OrganizationId, TicketId};
use portal_domain::notifications::{MailKind, OutboxState};
use portal_domain::operation::Operation;
use portal_domain::organizations::{self, NewOrganization, OrganizationStatus};
use portal_domain::profiles::{self, NewUser, Role, UserChanges};
use portal_domain::store::{StorageError, Store, TenantReader, TenantScope, transact};
use portal_domain::tickets::{self, ColleagueRef, Comment, Ticket, TicketStatus};
use portal_domain::values::TimeZone;

use crate::clock::ManualEnvironment;
use crate::database::TestDatabase;
use crate::files::TestFiles;
use crate::fixtures::{self, technician};
use crate::people::{Person, Tenant, password_hash};

/// Two organizations, `acme` and `globex`, in a database of their own, with methods for operators,
/// technicians and customers that run use cases.
pub struct TestWorld {
    /// The clock.
    pub env: Arc<ManualEnvironment>,
    /// The portal's store.
    pub store: Arc<dyn Store>,
    /// An operator's store.
    pub operator: Arc<dyn Store>,
    /// An organization.
    pub acme: Tenant,
    /// Another one.
    pub globex: Tenant,
    /// Where files are.
    pub files: Arc<TestFiles>,
    /// The database itself.
    pub database: TestDatabase,
}

impl TestWorld {
    /// A new one.
    pub async fn create() -> Self {
        let env = Arc::new(ManualEnvironment::new());
        let database = TestDatabase::create().await;
        let store: Arc<dyn Store> = Arc::new(database.database.clone());
        let operator: Arc<dyn Store> = Arc::new(database.operator.clone());
        let acme = tenant(&*operator, &env, "Acme").await;
        let globex = tenant(&*operator, &env, "Globex").await;
        Self {
            files: TestFiles::new(Arc::clone(&env)),
            env,
            store,
            operator,
            acme,
            globex,
            database,
        }
    }

    /// Runs `change` as an operator, and commits it.
    ///
    /// # Errors
    ///
    /// Those of `change`, which is then rolled back.
    pub async fn try_operate<T, E: From<StorageError>>(
        &self,
        tenant: &Tenant,
        change: impl AsyncFnOnce(&Operation<'_, Operator>) -> Result<T, E>,
    ) -> Result<T, E> {
        let (store, by) = (&*self.operator, fixtures::operator());
        fixtures::try_change(store, &*self.env, tenant.scope(), &by, change).await
    }

    /// [`try_operate`](Self::try_operate), which must succeed.
    pub async fn operate<T, E: From<StorageError> + std::fmt::Debug>(
        &self,
        tenant: &Tenant,
        change: impl AsyncFnOnce(&Operation<'_, Operator>) -> Result<T, E>,
    ) -> T {
        let done = self.try_operate(tenant, change).await;
        done.expect("the operation")
    }

    /// Runs `change` as a technician, and commits it.
    ///
    /// # Errors
    ///
    /// Those of `change`, which is then rolled back.
    pub async fn assist<T, E: From<StorageError>>(
        &self,
        tenant: &Tenant,
        change: impl AsyncFnOnce(&Operation<'_, Technician>) -> Result<T, E>,
    ) -> Result<T, E> {
        let (store, by) = (&*self.operator, technician());
        fixtures::try_change(store, &*self.env, tenant.scope(), &by, change).await
    }

    /// Runs `change` as the portal itself, and commits it.
    ///
    /// # Errors
    ///
    /// Those of `change`, which is then rolled back.
    pub async fn automate<T, E: From<StorageError>>(
        &self,
        scope: TenantScope,
        change: impl AsyncFnOnce(&Operation<'_, Automation>) -> Result<T, E>,
    ) -> Result<T, E> {
        fixtures::try_change(&*self.store, &*self.env, scope, &Automation, change).await
    }

    /// Runs `change` as a customer, without an access check, and commits it.
    ///
    /// # Errors
    ///
    /// Those of `change`, which is then rolled back.
    pub async fn act<T, E: From<StorageError>>(
        &self,
        person: &Person,
        change: impl AsyncFnOnce(&Operation<'_, Customer>) -> Result<T, E>,
    ) -> Result<T, E> {
        transact(self.store.begin(person.scope()).await?, async |tx| {
            let customer = Customer {
                account: tx.account(person.id).await?.expect("an account"),
                client: Self::client_info(),
            };
            change(&Operation::new(tx, &customer, &*self.env)).await
        })
        .await
    }

    /// Where everybody who [acts](Self::act) does so.
    pub fn client_info() -> ClientInfo {
        ClientInfo {
            ip_address: Some([203, 0, 113, 9].into()),
            user_agent: Some("test".to_owned()),
        }
    }

    /// A view of an organization's data.
    pub async fn reader(&self, scope: TenantScope) -> Box<dyn TenantReader> {
        stored(self.store.reader(scope).await)
    }

    /// Another organization, without users.
    pub async fn organization(&self, name: &str) -> OrganizationId {
        fixtures::organization(&*self.operator, &*self.env, name)
            .await
            .id
    }

    /// Sets an organization's status.
    pub async fn set_organization_status(&self, id: OrganizationId, status: OrganizationStatus) {
        let tx = stored(self.operator.begin_system().await);
        let by = fixtures::operator();
        organizations::set_status(&Operation::new(&*tx, &by, &*self.env), id, status)
            .await
            .expect("the organization");
        stored(tx.commit().await);
    }

    /// Another active user of an organization.
    pub async fn person(&self, organization: OrganizationId, email: &str) -> Person {
        let hash = password_hash().await;
        self.person_with_hash(organization, email, hash).await
    }

    /// Another user of an organization, with this password hash.
    pub async fn person_with_hash(
        &self,
        organization: OrganizationId,
        email: &str,
        password_hash: &str,
    ) -> Person {
        let new = NewUser {
            name: "Somebody".parse().ok(),
            ..fixtures::new_user(email, Some(password_hash))
        };
        person(&*self.operator, &self.env, organization, new).await
    }

    /// An invited user, without a mail.
    pub async fn invited(&self, tenant: &Tenant, email: &str) -> Person {
        let new = fixtures::new_user(email, None);
        person(&*self.operator, &self.env, tenant.id, new).await
    }

    /// Makes a user a manager of their organization.
    pub async fn make_manager(&self, person: &Person) {
        let email = person.email.parse().expect("an address");
        let changes = UserChanges {
            role: Some(Role::Manager),
            ..UserChanges::default()
        };
        let (store, by) = (&*self.operator, fixtures::operator());
        fixtures::change(store, &*self.env, person.scope(), &by, async |op| {
            profiles::update(op, &email, changes).await
        })
        .await;
    }

    /// Adds a colleague to somebody's ticket.
    pub async fn add_participant(&self, by: &Person, ticket: TicketId, colleague: &Person) {
        let colleague = ColleagueRef::Id(colleague.id);
        let added = self.act(by, async |op| {
            tickets::add_participant(op, ticket, colleague).await
        });
        added.await.expect("the colleague");
    }

    /// Removes a colleague from somebody's ticket.
    pub async fn remove_participant(&self, by: &Person, ticket: TicketId, colleague: &Person) {
        let removed = self.act(by, async |op| {
            tickets::remove_participant(op, ticket, colleague.id).await
        });
        removed.await.expect("the colleague");
    }

    /// Disables a user.
    pub async fn disable_user(&self, person: &Person) {
        let email = person.email.parse().expect("an address");
        let (store, by) = (&*self.operator, fixtures::operator());
        fixtures::change(store, &*self.env, person.scope(), &by, async |op| {
            profiles::disable(op, &email).await
        })
        .await;
    }

    /// Changes an organization's branding.
    pub async fn change_branding(&self, tenant: &Tenant, changes: BrandingChanges) {
        self.operate(tenant, async |op| branding::change(op, changes).await)
            .await;
    }

    /// Gives an organization a domain that is not verified yet.
    pub async fn claim_domain(&self, tenant: &Tenant, domain: &str) {
        let changes = BrandingChanges {
            custom_domain: Some(Some(domain.parse().expect("a domain"))),
            ..BrandingChanges::default()
        };
        self.change_branding(tenant, changes).await;
    }

    /// Gives an organization a verified domain.
    pub async fn own_domain(&self, tenant: &Tenant, domain: &str) {
        self.claim_domain(tenant, domain).await;
        self.operate(tenant, async |op| branding::verify_domain(op).await)
            .await;
    }

    /// Adds or updates a device by hostname.
    pub async fn put_device(&self, tenant: &Tenant, record: DeviceRecord) -> Device {
        fixtures::device(&*self.operator, &*self.env, tenant.scope(), record).await
    }

    /// A new ticket of somebody's.
    pub async fn ticket(&self, person: &Person, subject: &str) -> Ticket {
        let new = fixtures::new_ticket(subject);
        let ticket = self.act(person, async |op| tickets::submit(op, new).await);
        ticket.await.expect("the ticket")
    }

    /// A file that somebody has uploaded and not attached.
    pub async fn uploaded(&self, person: &Person, name: &str, content: &'static str) -> Attachment {
        let stored = self.files.stored(person.organization, name, content);
        let stored = stored.await;
        let limits = FileLimits::DEFAULT;
        let added = self.act(person, async |op| {
            files::add_upload(op, &limits, stored).await
        });
        added.await.expect("the file")
    }

    /// A file of the team that is not attached.
    pub async fn uploaded_by_team(
        &self,
        tenant: &Tenant,
        name: &str,
        content: &'static str,
    ) -> Attachment {
        let stored = self.files.stored(tenant.id, name, content).await;
        let added = self.assist(tenant, async |op| files::add_team_upload(op, stored).await);
        added.await.expect("the file")
    }

    /// The team moves a ticket to another status.
    pub async fn set_ticket_status(&self, tenant: &Tenant, id: TicketId, status: TicketStatus) {
        self.operate(tenant, async |op| tickets::set_status(op, id, status).await)
            .await;
    }

    /// The team answers for the customer to see.
    pub async fn team_replies(&self, tenant: &Tenant, id: TicketId, text: &str) -> Comment {
        let content = text.parse().expect("a text");
        self.assist(tenant, async |op| {
            tickets::add_team_reply(op, id, content).await
        })
        .await
        .expect("the comment")
    }

    /// The team leaves a note for itself.
    pub async fn team_notes(&self, tenant: &Tenant, id: TicketId, text: &str) -> Comment {
        let content = text.parse().expect("a text");
        self.assist(tenant, async |op| {
            tickets::add_internal_note(op, id, content).await
        })
        .await
        .expect("the comment")
    }

    /// The audit log of an organization, newest first.
    pub async fn audit_log(&self, organization: OrganizationId) -> Vec<AuditEntry> {
        let reader = self.reader(TenantScope::of(organization)).await;
        stored(reader.audit_entries(&AuditFilter::default(), 1000).await)
    }

    /// The entries of an organization's audit log with one action, newest first.
    pub async fn audited(
        &self,
        organization: OrganizationId,
        action: AuditAction,
    ) -> Vec<AuditEntry> {
        let mut log = self.audit_log(organization).await;
        log.retain(|entry| entry.action == action);
        log
    }

    /// The mails of an organization that wait to be sent: oldest first, and those of one instant
    /// by the names of their kinds.
    pub async fn outbox(&self, organization: OrganizationId) -> Vec<MailKind> {
        let tx = stored(self.store.begin_system().await);
        let mut mails = stored(tx.mails(OutboxState::Waiting, 1000).await);
        stored(tx.rollback().await);
        mails.sort_by_key(|mail| (mail.created_at, mail.kind.name()));
        mails
            .into_iter()
            .filter(|mail| mail.organization_id == organization)
            .map(|mail| mail.kind)
            .collect()
    }
}

async fn tenant(operator: &dyn Store, env: &ManualEnvironment, name: &str) -> Tenant {
    let new = NewOrganization {
        name: name.parse().expect("a name"),
        // Their plain slugs are left to the demo's organizations, which may be there too.
        slug: format!("test-{}", name.to_lowercase()).parse().ok(),
        time_zone: TimeZone::UTC,
    };
    let organization = fixtures::create_organization(operator, env, new).await;
    let hash = Some(password_hash().await);
    let named = async |first: &str| {
        let email = format!("{first}@{name}.example").to_lowercase();
        let new = NewUser {
            name: first.parse().ok(),
            ..fixtures::new_user(&email, hash)
        };
        person(operator, env, organization.id, new).await
    };
    Tenant {
        id: organization.id,
        ada: named("Ada").await,
        bob: named("Bob").await,
    }
}

async fn person(
    store: &dyn Store,
    env: &ManualEnvironment,
    organization: OrganizationId,
    new: NewUser,
) -> Person {
    let user = fixtures::user(store, env, TenantScope::of(organization), new).await;
    Person {
        id: user.id,
        organization,
        email: user.email.to_string(),
    }
}

/// Nothing can go wrong but storage, which then fails the test.
pub(crate) fn stored<T>(result: Result<T, StorageError>) -> T {
    result.expect("storage")
}
