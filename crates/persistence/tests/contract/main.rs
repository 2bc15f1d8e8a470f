//! What every store has to hold. Runs on SQLite, or where `TEST_DATABASE_URL` is set, on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a case that cannot go on has failed")]

mod assets;
mod audit;
mod branding;
mod devices;
mod files;
mod fixtures;
mod idempotency;
mod organizations;
mod outbox;
mod portal;
mod profiles;
mod tenancy;
mod ticket_access;
mod tickets;
mod transactions;
mod values;
