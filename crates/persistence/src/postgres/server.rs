//! A server with its logins and sessions.

use std::time::Duration;

use futures_util::future::try_join_all;
use portal_domain::store::{StorageError, TenantScope};

use super::address::Address;
use super::isolation::{self, IsolationError};
use super::pool::{self, PgPool};
use super::pooler::{self, PoolerError};
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
    /// One connection for each role that works here, for checks of readiness alone.
    probes: Vec<Probe>,
    limit: Duration,
}

/// A way to find out whether a role can work.
struct Probe {
    pool: PgPool,
    /// A write that changes nothing, which a server that only reads refuses, and a role without its
    /// rights is refused.
    write: &'static str,
}

/// How long a connection for checks is used, so that a login that no longer works is noticed while
/// other connections of it live on.
const PROBES_RENEWED_AFTER: Duration = Duration::from_secs(10);

impl Postgres {
    /// Opens the pools, without connecting yet.
    pub(crate) fn open(logins: &Logins, config: &DatabaseConfig) -> Result<Self, OpenError> {
        let app = Address::parse(&logins.app)?;
        let system = Address::parse(&logins.system)?;
        let owner = Address::parse(&logins.owner)?;
        let limit = config.timeout;
        let pool = |address: &Address, role, size| pool::open(address.clone(), role, size, limit);
        let probe = |address: &Address, role, write| {
            let pool = pool(address, role, 1)?;
            Ok::<_, OpenError>(Probe { pool, write })
        };
        let as_app = "UPDATE portal_users SET updated_at = updated_at WHERE false";
        let as_system = "UPDATE mail_outbox SET attempts = attempts WHERE false";
        let (tenant_pool, system_pool, probes) = match config.access {
            Access::Serve => (
                pool(&app, Role::App, config.pool_size)?,
                pool(&system, Role::System, config.system_pool_size())?,
                vec![
                    probe(&app, Role::App, as_app)?,
                    probe(&system, Role::System, as_system)?,
                ],
            ),
            Access::Operate => {
                let pool = pool(&owner, Role::Owner, config.pool_size)?;
                (
                    pool.clone(),
                    pool,
                    vec![probe(&owner, Role::Owner, as_app)?],
                )
            }
        };
        Ok(Self {
            app,
            system,
            owner,
            tenant_pool,
            system_pool,
            probes,
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

    /// Checks that no pooler in between mixes up what the portal's connections rely upon.
    pub(crate) async fn check_pooler(&self, access: Access) -> Result<(), PoolerError> {
        let owner = (&self.owner, Role::Owner);
        let used = match access {
            Access::Serve => vec![(&self.app, Role::App), (&self.system, Role::System), owner],
            Access::Operate => vec![owner],
        };
        let mut pooled = Vec::new();
        for (address, role) in used {
            if let Some(login) = pooler::check(address, self.limit).await? {
                pooled.push((login, role));
            }
        }
        let is_shared = |login: &str| pooled.iter().filter(|(it, _)| it == login).count() > 1;
        let switches = |login: &str, role: Role| role != Role::Owner && login != role.as_str();
        match pooled
            .iter()
            .find(|(login, role)| switches(login, *role) && is_shared(login))
        {
            Some((login, _)) => Err(PoolerError::SharedLogin(login.clone())),
            None => Ok(()),
        }
    }

    /// Checks that every role that works here can write.
    pub(crate) async fn ping(&self) -> Result<(), StorageError> {
        try_join_all(self.probes.iter().map(|probe| probe.ask(self.limit)))
            .await
            .map(drop)
    }
}

impl Probe {
    async fn ask(&self, limit: Duration) -> Result<(), StorageError> {
        self.pool
            .retain(|_, usage| usage.age() < PROBES_RENEWED_AFTER);
        let begin = Mode::Write.begin_on_postgres().to_owned();
        let session = Session::open(&self.pool, Some(begin), limit).await?;
        session.batch(self.write).await?;
        session.rollback().await
    }
}
