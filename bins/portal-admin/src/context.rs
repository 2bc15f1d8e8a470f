//! The settings, operator, database and clock that every command uses.

use anyhow::{Context as _, ensure};
use portal_domain::actors::Operator;
use portal_domain::audit::Actor;
use portal_domain::environment::{Environment, SystemEnvironment};
use portal_domain::operation::{Operation, SystemOperation};
use portal_domain::organizations::Organization;
use portal_domain::store::{
    StorageError, Store, SystemReader, TenantReader, TenantScope, transact,
};
use portal_persistence::{Access, Database, DatabaseConfig, Logins, Target};
use portal_settings::{AdminSettings, DatabaseSettings, DatabaseUrl};
use secrecy::ExposeSecret as _;

use crate::values::OrganizationRef;

/// What every command works with.
pub(crate) struct Context {
    /// The settings, of which those of the database are the server's.
    pub(crate) settings: AdminSettings,
    /// Who operates.
    pub(crate) operator: Operator,
    database: Database,
    environment: SystemEnvironment,
}

impl Context {
    /// Opens the database, unless its tables are not those that this program knows.
    pub(crate) async fn open(settings: AdminSettings, operator: Operator) -> anyhow::Result<Self> {
        const OUTDATED: &str = "the database is not up to date; run `portal-admin migrate` first";
        if let DatabaseUrl::Sqlite(path) = settings.database.owner_url() {
            // Opening it would leave an empty file behind.
            ensure!(path.exists(), OUTDATED);
        }
        let database = open(&settings.database)?;
        ensure!(database.pending_migrations().await?.is_empty(), OUTDATED);
        Ok(Self {
            settings,
            operator,
            database,
            environment: SystemEnvironment,
        })
    }

    /// The database, of whose data anything may be changed.
    pub(crate) fn store(&self) -> &dyn Store {
        &self.database
    }

    /// The real clock and real randomness.
    pub(crate) fn env(&self) -> &dyn Environment {
        &self.environment
    }

    /// The organization that an operator names.
    pub(crate) async fn organization(
        &self,
        named: &OrganizationRef,
    ) -> anyhow::Result<Organization> {
        let reader = self.system_reader().await?;
        match named {
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

    /// The scope of the organization that an operator names.
    pub(crate) async fn scope(&self, named: &OrganizationRef) -> anyhow::Result<TenantScope> {
        Ok(TenantScope::of(self.organization(named).await?.id))
    }

    /// A view of the organization that an operator names.
    pub(crate) async fn reader(
        &self,
        named: &OrganizationRef,
    ) -> anyhow::Result<Box<dyn TenantReader>> {
        Ok(self.store().reader(self.scope(named).await?).await?)
    }

    /// A view across organizations.
    pub(crate) async fn system_reader(&self) -> anyhow::Result<Box<dyn SystemReader>> {
        Ok(self.store().system_reader().await?)
    }

    /// Runs `change` in a transaction on the organization that an operator names.
    pub(crate) async fn transact<T, E>(
        &self,
        named: &OrganizationRef,
        change: impl AsyncFnOnce(&Operation<'_, Operator>) -> Result<T, E>,
    ) -> anyhow::Result<T>
    where
        E: From<StorageError> + Into<anyhow::Error>,
    {
        let scope = self.scope(named).await?;
        self.transact_in(scope, &self.operator, change).await
    }

    /// Runs `change` in a transaction on an organization, as somebody who may be another than the
    /// operator.
    pub(crate) async fn transact_in<A: Actor, T, E>(
        &self,
        scope: TenantScope,
        by: &A,
        change: impl AsyncFnOnce(&Operation<'_, A>) -> Result<T, E>,
    ) -> anyhow::Result<T>
    where
        E: From<StorageError> + Into<anyhow::Error>,
    {
        let tx = self.store().begin(scope).await?;
        transact(tx, async |tx| {
            change(&Operation::new(tx, by, self.env())).await
        })
        .await
        .map_err(Into::into)
    }

    /// Runs `change` in a transaction across organizations: committed when it succeeds, undone when
    /// it fails.
    pub(crate) async fn transact_system<T, E>(
        &self,
        change: impl AsyncFnOnce(&SystemOperation<'_, Operator>) -> Result<T, E>,
    ) -> anyhow::Result<T>
    where
        E: From<StorageError> + Into<anyhow::Error>,
    {
        let tx = self.store().begin_system().await?;
        transact(tx, async |tx| {
            change(&Operation::new(tx, &self.operator, self.env())).await
        })
        .await
        .map_err(Into::into)
    }
}

/// The database, under the login that owns it.
pub(crate) fn open(settings: &DatabaseSettings) -> anyhow::Result<Database> {
    let target = match settings.owner_url() {
        DatabaseUrl::Sqlite(path) => Target::Sqlite(path.clone()),
        DatabaseUrl::Postgres(url) => Target::Postgres(Logins::single(url.expose_secret())),
    };
    let (pool_size, timeout) = (settings.pool_size, settings.timeout);
    Ok(Database::open(DatabaseConfig {
        target,
        access: Access::Operate,
        pool_size,
        timeout,
    })?)
}
