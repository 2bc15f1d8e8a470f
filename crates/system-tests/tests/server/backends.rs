//! PostgreSQL and Redis of one test, with the demo's data.

use std::collections::BTreeMap;

use portal_system_tests::postgres::PostgresServer;
use portal_system_tests::redis::RedisServer;
use tempfile::TempDir;

use crate::load::{Outcome, SUBJECT};
use portal_system_tests::build::portal_server;
use portal_test_support::program::Launch;

/// What an administrator runs in an empty database.
const INIT: &str = include_str!("../../../../docs/deploy/postgres-init.sql");

/// The servers, to be killed.
pub(crate) struct Backends {
    pub(crate) postgres: PostgresServer,
    pub(crate) redis: RedisServer,
    folder: TempDir,
}

impl Backends {
    /// Starts them, and has the program fill the database.
    pub(crate) async fn start() -> Self {
        let backends = Self {
            postgres: PostgresServer::start(),
            redis: RedisServer::start(),
            folder: tempfile::tempdir().unwrap(),
        };
        let address = backends.postgres.address();
        address.sql("postgres", "CREATE DATABASE portal");
        address.sql("portal", INIT);
        let demo = backends.launch().argument("--demo").start().await;
        demo.stopped_by("TERM").await;
        backends
    }

    /// A program that uses them, each part of it under a login of its own.
    pub(crate) fn launch(&self) -> Launch {
        let url = |login| self.postgres.address().url_as(login, "portal");
        Launch::new(portal_server(), self.folder.path())
            .set("DATABASE_URL", url("portal_app"))
            .set("DATABASE_SYSTEM_URL", url("portal_system"))
            .set("DATABASE_OWNER_URL", url("portal_owner"))
            .set("PORTAL_STATE_BACKEND", "redis")
            .set("REDIS_URL", self.redis.address().url())
    }

    /// Makes sure that every ticket that was acknowledged is there, and that every ticket has its
    /// audit row and its two mails. Gives the number of tickets.
    pub(crate) fn assert_kept(&self, outcome: &Outcome) -> usize {
        let sql = format!(
            "SELECT t.id,
                (SELECT count(*) FROM audit_logs a
                 WHERE a.resource_id = t.id::text AND a.action = 'portal.ticket.create'),
                (SELECT count(*) FROM mail_outbox m WHERE m.payload->>'ticketId' = t.id::text)
             FROM tickets t WHERE t.subject = '{SUBJECT}'"
        );
        let rows = self.postgres.address().sql("portal", &sql);
        let rows = rows.lines().map(|row| row.split_once('|').unwrap());
        let tickets: BTreeMap<_, _> = rows.collect();
        for (ticket, company) in &tickets {
            assert_eq!(*company, "1|2", "audit rows and mails of {ticket}");
        }
        for ticket in &outcome.acknowledged {
            assert!(tickets.contains_key(&**ticket), "{ticket} is lost");
        }
        tickets.len()
    }
}
