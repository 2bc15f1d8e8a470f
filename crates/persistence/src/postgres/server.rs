//! A server with its logins and sessions.

use std::time::Duration;

use portal_domain::store::{StorageError, TenantScope};
use tokio::runtime::Handle;

use super::address::Address;
use super::isolation::{self, IsolationError};
use super::pool::{self, PgPool};
use super::roles::Role;
use super::session::Session;
use crate::config::{Access, DatabaseConfig, Logins};
use crate::conn::Mode;
use crate::database::OpenError;
use crate::pool::PoolStatus;

/// A server of PostgreSQL's.
pub(crate) struct Postgres {
    app: Address,
    system: Address,
    owner: Address,
    /// For one organization at a time.
    tenants: PgPool,
    /// For all.
    across: PgPool,
    limit: Duration,
}

impl Postgres {
    /// Opens the pools, without connecting yet.
    pub(crate) fn open(
        logins: &Logins,
        config: &DatabaseConfig,
        runtime: &Handle,
    ) -> Result<Self, OpenError> {
        let app = Address::parse(&logins.app)?;
        let system = Address::parse(&logins.system)?;
        let owner = Address::parse(&logins.owner)?;
        let limit = config.timeout;
        let pool = |address: &Address, role, size| {
            pool::open(address.clone(), role, size, limit, runtime.clone())
        };
        let (tenants, across) = match config.access {
            Access::Serve => (
                pool(&app, Role::App, config.pool_size)?,
                pool(&system, Role::System, config.system_pool_size())?,
            ),
            Access::Operate => {
                let pool = pool(&owner, Role::Owner, config.pool_size)?;
                (pool.clone(), pool)
            }
        };
        Ok(Self {
            app,
            system,
            owner,
            tenants,
            across,
            limit,
        })
    }

    /// Where the schema can be changed.
    pub(crate) const fn owner(&self) -> &Address {
        &self.owner
    }

    /// Whether the logins that serve are held by row-level security.
    pub(crate) async fn check_isolation(
        &self,
        config: &DatabaseConfig,
        production: bool,
    ) -> Result<(), IsolationError> {
        isolation::check(&self.app, &self.system, config, production).await
    }

    /// How full the pool for one organization at a time is.
    pub(crate) fn status(&self) -> PoolStatus {
        self.tenants.status().into()
    }

    /// How full the pool for all organizations is.
    pub(crate) fn system_status(&self) -> PoolStatus {
        self.across.status().into()
    }

    /// A transaction, on one organization's data or across all. What is only read across all needs
    /// none: nothing there is asked for in two queries that have to agree.
    pub(crate) async fn session(
        &self,
        mode: Mode,
        scope: Option<TenantScope>,
    ) -> Result<Session, StorageError> {
        let begin = mode.begin_on_postgres();
        let (pool, begin) = match (scope, mode) {
            (Some(scope), _) => {
                // An id consists of hexadecimal digits and hyphens.
                let org = scope.organization();
                let begin = format!("{begin}; SET LOCAL app.org_id = '{org}'");
                (&self.tenants, Some(begin))
            }
            (None, Mode::Read) => (&self.across, None),
            (None, Mode::Write) => (&self.across, Some(begin.to_owned())),
        };
        Session::open(pool, begin, self.limit).await
    }

    /// A connection of those for one organization, without a transaction.
    pub(crate) async fn plain_session(&self) -> Result<Session, StorageError> {
        Session::open(&self.tenants, None, self.limit).await
    }
}
