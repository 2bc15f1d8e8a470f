//! One transaction on one connection of the pool.

use std::mem;
use std::time::Duration;

use portal_domain::store::StorageError;
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use crate::conn::{Conn, Mode};
use crate::errors::failed;

/// How long a dropped view may take to give its connection back before it is closed instead.
const GIVE_BACK_LIMIT: Duration = Duration::from_secs(5);

/// An open transaction.
///
/// Its connection goes back to the pool only once the transaction is over. Dropped earlier, one
/// that writes closes its connection, which undoes everything whatever state it was in; one that
/// reads ends in the background, where nobody waits for it.
pub(crate) struct Transaction {
    conn: Conn,
    mode: Mode,
    runtime: Handle,
    /// The right to write, on SQLite; given back after the connection.
    _turn: Option<OwnedSemaphorePermit>,
}

impl Transaction {
    /// Begins a transaction on a connection fresh from the pool.
    pub(crate) async fn begin(
        conn: Conn,
        mode: Mode,
        runtime: Handle,
        turn: Option<OwnedSemaphorePermit>,
    ) -> Result<Self, StorageError> {
        let mut transaction = Self {
            conn,
            mode,
            runtime,
            _turn: turn,
        };
        transaction.conn.begin(mode).await.map_err(failed)?;
        Ok(transaction)
    }

    /// The connection, to run queries on.
    pub(crate) const fn conn(&self) -> &Conn {
        &self.conn
    }

    /// Makes everything permanent and gives the connection back.
    pub(crate) async fn commit(mut self) -> Result<(), StorageError> {
        self.conn.commit().await.map_err(failed)?;
        self.conn = Conn::Ended;
        Ok(())
    }

    /// Undoes everything and gives the connection back.
    pub(crate) async fn rollback(mut self) -> Result<(), StorageError> {
        self.conn.rollback().await.map_err(failed)?;
        self.conn = Conn::Ended;
        Ok(())
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        match (mem::replace(&mut self.conn, Conn::Ended), self.mode) {
            (Conn::Ended, _) => {}
            (conn, Mode::Write) => conn.discard(),
            (mut conn, Mode::Read) => {
                let here = Handle::try_current();
                here.as_ref().unwrap_or(&self.runtime).spawn(async move {
                    match timeout(GIVE_BACK_LIMIT, conn.rollback()).await {
                        Ok(Ok(())) => {}
                        Ok(Err(_)) | Err(_) => conn.discard(),
                    }
                });
            }
        }
    }
}
