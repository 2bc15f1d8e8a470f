//! Connection pools.

use std::time::Duration;

use deadpool::managed::{self, BuildError, QueueMode, RecycleError, RecycleResult};
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::address::Address;
use super::connection::{ConnectError, Connection};
use super::roles::Role;

/// How long after the last answer a connection is checked before use: a firewall may have dropped it.
const RECHECK_AFTER: Duration = Duration::from_secs(30);

pub(crate) type PgPool = managed::Pool<Manager>;

pub(super) type Pooled = managed::Object<Manager>;

/// A pool of at most `size` connections, opened on demand. They live on `runtime`: the threads of a
/// web server end one after the other, and must not take connections that others use with them.
pub(crate) fn open(
    address: Address,
    role: Role,
    size: usize,
    limit: Duration,
    runtime: Handle,
) -> Result<PgPool, BuildError> {
    let manager = Manager {
        address,
        role,
        limit,
        runtime,
    };
    // The connection used last has its statements prepared.
    PgPool::builder(manager)
        .max_size(size)
        .queue_mode(QueueMode::Lifo)
        .build()
}

/// Makes connections, and decides which may be used again.
pub(crate) struct Manager {
    address: Address,
    role: Role,
    limit: Duration,
    runtime: Handle,
}

impl managed::Manager for Manager {
    type Type = Connection;
    type Error = ConnectError;

    async fn create(&self) -> Result<Connection, ConnectError> {
        let (address, role, limit) = (self.address.clone(), self.role, self.limit);
        let connecting = async move {
            // Here too: the caller may be gone.
            timeout(limit, Connection::establish(&address, role, limit)).await
        };
        self.runtime.spawn(connecting).await??
    }

    async fn recycle(
        &self,
        connection: &mut Connection,
        _: &managed::Metrics,
    ) -> RecycleResult<ConnectError> {
        if !connection.is_usable() {
            return Err(RecycleError::message("it is closed, or in use"));
        }
        if connection.last_answer().elapsed() > RECHECK_AFTER {
            connection.begin();
            match timeout(self.limit / 4, connection.batch("")).await {
                Ok(Ok(())) => connection.end(),
                Ok(Err(_)) | Err(_) => return Err(RecycleError::message("it does not answer")),
            }
        }
        Ok(())
    }
}
