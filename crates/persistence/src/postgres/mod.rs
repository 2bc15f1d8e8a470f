//! PostgreSQL: logins, connections and transactions.

mod address;
mod connect;
mod connection;
mod driver;
mod isolation;
mod pool;
mod pooler;
mod roles;
mod server;
mod session;
mod socket;
#[cfg(all(test, feature = "postgres-tests"))]
mod tests;

pub(crate) use address::Address;
pub use address::AddressError;
pub(crate) use connection::{PgConn, connect_plainly};
pub use isolation::IsolationError;
pub use pooler::PoolerError;
pub(crate) use roles::Role;
pub(crate) use server::Postgres;
pub(crate) use session::Session;
