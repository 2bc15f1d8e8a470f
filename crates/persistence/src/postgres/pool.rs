//! Connection pools.

use std::time::Duration;

use deadpool::managed::{self, BuildError, QueueMode, RecycleError, RecycleResult};
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::address::Address;
use super::connection::{ConnectError, Connection};
use super::roles::Role;

/// After how long without an answer a connection is asked for a sign of life before it is used:
/// what lies between may have forgotten it without a word.
const TRUSTED_FOR: Duration = Duration::from_secs(30);

/// A pool of connections under one role.
pub(crate) type PgPool = managed::Pool<Manager>;

/// A connection on loan.
pub(super) type Pooled = managed::Object<Manager>;

/// A pool of at most `size` connections, which it makes when it has to, and which live on `runtime`
/// whoever uses them: the threads of a web server end one after the other when it is stopped, and
/// must not take the connections of those still at work with them.
///
/// # Errors
///
/// Those of the pool's builder, which asks for a runtime where it has to keep time; it has not.
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
    // Those used last are those whose statements are prepared; what is idle for long may be gone.
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
            // By itself too: what waits for it may be gone.
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
        if connection.last_answer().elapsed() > TRUSTED_FOR {
            connection.begin();
            match timeout(self.limit / 4, connection.batch("")).await {
                Ok(Ok(())) => connection.end(),
                Ok(Err(_)) | Err(_) => return Err(RecycleError::message("it does not answer")),
            }
        }
        Ok(())
    }
}
