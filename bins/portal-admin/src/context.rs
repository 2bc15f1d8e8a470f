//! The settings, operator, database and clock of a command.

use anyhow::{Context as _, ensure};
use portal_domain::actors::Operator;
use portal_domain::audit::Actor;
use portal_domain::environment::{Environment, SystemEnvironment};
use portal_domain::operation::{Operation, SystemOperation};
use portal_domain::organizations::Organization;
use portal_domain::pagination::{Page, PageRequest};
use portal_domain::store::{StorageError, Store, TenantReader, TenantScope, transact};
use portal_persistence::{Access, Database, DatabaseConfig, Logins, Target};
use portal_settings::{AdminSettings, DatabaseSettings, DatabaseUrl};
use secrecy::ExposeSecret as _;

use crate::values::{OrganizationArg, OrganizationRef};

/// The settings, operator, database and clock of a command.
pub(crate) struct Context {
    pub(crate) settings: AdminSettings,
    pub(crate) operator: Operator,
    database: Database,
    environment: SystemEnvironment,
}

impl Context {
    /// Opens the database; an outdated one is an error.
    pub(crate) async fn open(settings: AdminSettings, operator: Operator) -> anyhow::Result<Self> {
        const OUTDATED: &str = "the database is not up to date; run `portal-admin migrate` first";
        if let DatabaseUrl::Sqlite(path) = settings.database.owner_url() {
            // Opening it would create an empty file.
            ensure!(path.exists(), OUTDATED);
        }
        let database = open(&settings.database).await?;
        ensure!(database.pending_migrations().await?.is_empty(), OUTDATED);
        Ok(Self {
            settings,
            operator,
            database,
            environment: SystemEnvironment,
        })
    }

    /// The database.
    pub(crate) fn store(&self) -> &dyn Store {
        &self.database
    }

    /// The real clock and randomness.
    pub(crate) fn env(&self) -> &dyn Environment {
        &self.environment
    }

    /// The organization that an operator names.
    pub(crate) async fn organization(&self, of: &OrganizationArg) -> anyhow::Result<Organization> {
        let reader = self.store().system_reader().await?;
        match &of.organization {
            OrganizationRef::Id(id) => reader
                .organization(*id)
                .await?
                .with_context(|| format!("there is no organization {id}")),
            OrganizationRef::Slug(slug) => reader
                .organization_by_slug(slug)
                .await?
                .with_context(|| format!("there is no organization {slug}")),
        }
    }

    async fn scope(&self, of: &OrganizationArg) -> anyhow::Result<TenantScope> {
        Ok(TenantScope::of(self.organization(of).await?.id))
    }

    /// A reader in an organization.
    pub(crate) async fn reader(
        &self,
        of: &OrganizationArg,
    ) -> anyhow::Result<Box<dyn TenantReader>> {
        Ok(self.store().reader(self.scope(of).await?).await?)
    }

    /// Runs `change` in a transaction in an organization.
    pub(crate) async fn transact<T>(
        &self,
        of: &OrganizationArg,
        change: impl AsyncFnOnce(&Operation<'_, Operator>) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let scope = self.scope(of).await?;
        self.transact_in(scope, &self.operator, change).await
    }

    /// Runs `change` in a transaction in an organization, on behalf of `by`.
    pub(crate) async fn transact_in<A: Actor, T>(
        &self,
        scope: TenantScope,
        by: &A,
        change: impl AsyncFnOnce(&Operation<'_, A>) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let tx = self.store().begin(scope).await?;
        transact(tx, async |tx| {
            change(&Operation::new(tx, by, self.env())).await
        })
        .await
    }

    /// Runs `change` in a transaction across organizations.
    pub(crate) async fn transact_system<T>(
        &self,
        change: impl AsyncFnOnce(&SystemOperation<'_, Operator>) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let tx = self.store().begin_system().await?;
        transact(tx, async |tx| {
            change(&Operation::new(tx, &self.operator, self.env())).await
        })
        .await
    }
}

/// Opens the database with the login that owns it.
pub(crate) async fn open(settings: &DatabaseSettings) -> anyhow::Result<Database> {
    let target = match settings.owner_url() {
        DatabaseUrl::Sqlite(path) => Target::Sqlite(path.clone()),
        DatabaseUrl::Postgres(url) => Target::Postgres(Logins::single(url.expose_secret())),
    };
    let database = Database::open(DatabaseConfig {
        target,
        access: Access::Operate,
        pool_size: settings.pool_size,
        timeout: settings.timeout,
        migration_patience: DatabaseConfig::MIGRATION_PATIENCE,
    })?;
    database.check_pooler().await?;
    Ok(database)
}

/// All items of a list that is read in pages.
pub(crate) async fn all_pages<T>(
    read: impl AsyncFn(PageRequest) -> Result<Page<T>, StorageError>,
) -> Result<Vec<T>, StorageError> {
    let mut all = Vec::new();
    for page in 1..=PageRequest::MAX_PAGE {
        let page = read(PageRequest::new(page, PageRequest::MAX_LIMIT)).await?;
        if page.items.is_empty() {
            break;
        }
        all.extend(page.items);
    }
    Ok(all)
}
