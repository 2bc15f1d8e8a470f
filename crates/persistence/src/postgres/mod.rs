//! What is PostgreSQL's alone: its connections, roles and transactions.

mod address;
mod connection;
mod isolation;
mod pool;
mod roles;
mod session;
#[cfg(test)]
mod tests;

pub(crate) use address::Address;
pub use address::AddressError;
pub(crate) use connection::{PgConn, connect_plainly, connect_to_migrate};
pub use isolation::IsolationError;
pub(crate) use isolation::check;
pub(crate) use pool::{PgPool, open as open_pool};
pub(crate) use roles::Role;
pub(crate) use session::Session;
