//! A transaction on one connection.

use std::mem;

use portal_domain::store::StorageError;
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;

use crate::conn::{Conn, Mode};

/// An open transaction.
///
/// Its connection goes back to the pool only once the transaction is over. One that is dropped
/// earlier is rolled back, on PostgreSQL in the background; on SQLite, a writing one closes its
/// connection instead, which undoes everything in whatever state it was.
pub(crate) struct Transaction {
    conn: Conn,
    mode: Mode,
    runtime: Handle,
    /// The right to write, on SQLite; released after the connection.
    _turn: Option<OwnedSemaphorePermit>,
}

impl Transaction {
    pub(crate) async fn begin(
        conn: Conn,
        mode: Mode,
        runtime: Handle,
        turn: Option<OwnedSemaphorePermit>,
    ) -> Result<Self, StorageError> {
        // Before it begins, so that nothing is left open if this is dropped meanwhile.
        let transaction = Self {
            conn,
            mode,
            runtime,
            _turn: turn,
        };
        transaction.conn.begin(mode).await?;
        Ok(transaction)
    }

    pub(crate) const fn conn(&self) -> &Conn {
        &self.conn
    }

    pub(crate) async fn commit(mut self) -> Result<(), StorageError> {
        self.conn.commit(self.mode).await?;
        self.conn = Conn::Ended;
        Ok(())
    }

    pub(crate) async fn rollback(mut self) -> Result<(), StorageError> {
        self.conn.rollback().await?;
        self.conn = Conn::Ended;
        Ok(())
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        match (mem::replace(&mut self.conn, Conn::Ended), self.mode) {
            (Conn::Ended, _) => {}
            (Conn::Pg(session), _) => session.give_back(&self.runtime),
            (Conn::Sqlite(session), Mode::Write) => session.close(),
            (Conn::Sqlite(session), Mode::Read) => session.give_back(),
        }
    }
}
