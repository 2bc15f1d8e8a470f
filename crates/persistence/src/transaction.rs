//! A transaction on one connection.

use std::mem;
use std::time::Duration;

use diesel_async::pooled_connection::deadpool::Object;
use portal_domain::store::StorageError;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, OwnedSemaphorePermit};
use tokio::time::timeout;

use crate::conn::{Conn, Mode, SqliteConn, begin_on_sqlite};
use crate::errors::failed;
use crate::postgres::Session;

/// How long a dropped view may take to give its connection back before it is closed instead.
const GIVE_BACK_LIMIT: Duration = Duration::from_secs(5);

/// An open transaction.
///
/// Its connection goes back to the pool only once the transaction is over. A transaction that is
/// dropped earlier is undone in the background, where nobody waits for it; on SQLite, one that
/// writes closes its connection, which undoes everything whatever state it was in.
pub(crate) struct Transaction {
    conn: Conn,
    mode: Mode,
    runtime: Handle,
    /// The right to write, on SQLite; given back after the connection.
    _turn: Option<OwnedSemaphorePermit>,
}

impl Transaction {
    /// A transaction on PostgreSQL, which its first query begins.
    pub(crate) const fn on_postgres(session: Session, mode: Mode, runtime: Handle) -> Self {
        Self {
            conn: Conn::Pg(session),
            mode,
            runtime,
            _turn: None,
        }
    }

    /// Begins a transaction on SQLite.
    pub(crate) async fn on_sqlite(
        conn: Mutex<Object<SqliteConn>>,
        mode: Mode,
        runtime: Handle,
        turn: Option<OwnedSemaphorePermit>,
    ) -> Result<Self, StorageError> {
        let transaction = Self {
            conn: Conn::Sqlite(conn),
            mode,
            runtime,
            _turn: turn,
        };
        if let Conn::Sqlite(conn) = &transaction.conn {
            begin_on_sqlite(conn, mode).await.map_err(failed)?;
        }
        Ok(transaction)
    }

    /// The connection, to run queries on.
    pub(crate) const fn conn(&self) -> &Conn {
        &self.conn
    }

    /// Makes everything permanent and gives the connection back.
    pub(crate) async fn commit(mut self) -> Result<(), StorageError> {
        self.conn.commit().await?;
        self.conn = Conn::Ended;
        Ok(())
    }

    /// Undoes everything and gives the connection back.
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
            (Conn::Sqlite(conn), Mode::Write) => drop(Object::take(conn.into_inner())),
            (Conn::Sqlite(conn), Mode::Read) => {
                let here = Handle::try_current();
                here.as_ref().unwrap_or(&self.runtime).spawn(async move {
                    let conn = Conn::Sqlite(conn);
                    let over = timeout(GIVE_BACK_LIMIT, conn.rollback()).await;
                    if let (Ok(Err(_)) | Err(_), Conn::Sqlite(conn)) = (over, conn) {
                        drop(Object::take(conn.into_inner()));
                    }
                });
            }
        }
    }
}
