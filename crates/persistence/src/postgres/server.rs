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

pub(crate) struct Postgres {
    app: Address,
    system: Address,
    /// The login that may change the schema.
    pub(crate) owner: Address,
    /// Works on one organization at a time.
    pub(crate) tenant_pool: PgPool,
    /// Works across organizations.
    pub(crate) system_pool: PgPool,
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
        let (tenant_pool, system_pool) = match config.access {
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
            tenant_pool,
            system_pool,
            limit,
        })
    }

    /// Whether the logins that serve are held by row-level security.
    pub(crate) async fn check_isolation(&self, production: bool) -> Result<(), IsolationError> {
        isolation::check(&self.app, &self.system, self.limit, production).await
    }

    /// A transaction, on one organization's data or across all. Reading across organizations needs
    /// none: no two of its queries have to agree.
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
                (&self.tenant_pool, Some(begin))
            }
            (None, Mode::Read) => (&self.system_pool, None),
            (None, Mode::Write) => (&self.system_pool, Some(begin.to_owned())),
        };
        Session::open(pool, begin, self.limit).await
    }

    pub(crate) async fn plain_session(&self) -> Result<Session, StorageError> {
        Session::open(&self.tenant_pool, None, self.limit).await
    }
}
