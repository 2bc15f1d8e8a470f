//! Connection pools.

use std::time::Duration;

use deadpool::managed::{self, BuildError, QueueMode, RecycleError, RecycleResult};
use tokio::time::timeout;

use super::address::Address;
use super::connection::{ConnectError, Connection};
use super::roles::Role;

/// How long after the last answer a connection is checked before use: a firewall may have dropped it.
const RECHECK_AFTER: Duration = Duration::from_secs(30);

pub(crate) type PgPool = managed::Pool<Manager>;

pub(super) type Pooled = managed::Object<Manager>;

/// A pool of at most `size` connections, opened on demand.
pub(crate) fn open(
    address: Address,
    role: Role,
    size: usize,
    limit: Duration,
) -> Result<PgPool, BuildError> {
    let manager = Manager {
        address,
        role,
        limit,
    };
    // The connection used last has its statements prepared.
    PgPool::builder(manager)
        .max_size(size)
        .queue_mode(QueueMode::Lifo)
        .build()
}

/// Makes connections, and decides which may be used again.
pub(crate) struct Manager {
    pub(super) address: Address,
    role: Role,
    limit: Duration,
}

impl managed::Manager for Manager {
    type Type = Connection;
    type Error = ConnectError;

    async fn create(&self) -> Result<Connection, ConnectError> {
        let connecting = Connection::establish(&self.address, self.role, self.limit);
        // Its many bytes would be in the future of every request, most of which connect to nothing.
        timeout(self.limit, Box::pin(connecting)).await?
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
            let ask = connection.drive(connection.batch(""));
            match timeout(self.limit / 4, ask).await {
                Ok(Ok(())) => connection.end(),
                Ok(Err(_)) | Err(_) => return Err(RecycleError::message("it does not answer")),
            }
        }
        Ok(())
    }
}
