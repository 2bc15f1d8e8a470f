//! The server of the release before and that of this one, at work on one database of this release's
//! schema.

use std::path::Path;

use portal_persistence::{Database, DatabaseConfig, Target};
use portal_system_tests::build::portal_server;
use portal_system_tests::redis::RedisServer;
use portal_test_support::program::Launch;
use portal_test_support::releases::{Fixture, People};
use tempfile::tempdir;

use crate::mails::Mails;
use crate::postgres::Postgres;
use crate::program::Server;
use crate::releases::previous_server;
use crate::walk::Walk;

/// As `docs/operations.md` says: the old release serves, the database is upgraded, portals of the
/// new release join, and an old one may still be started, as a rollback does.
async fn upgrade_while_serving(
    launch: &Launch,
    database: &Database,
    people: &People,
    mails: Mails,
) {
    let old = Server::start(launch, previous_server()).await;
    // so that it has prepared statements for the old schema
    Walk::new(&old, &old, people).compare();

    let pending = database.pending_migrations().await.unwrap();
    assert_eq!(database.migrate().await.unwrap(), pending);
    let new = Server::start(launch, &portal_server()).await;
    let mut walk = Walk::new(&old, &new, people);
    walk.compare();
    walk.work_on_both(mails);
    walk.compare();
    walk.assert_complete();
    old.assert_no_errors();
    old.stop().await;

    let old = Server::start(launch, previous_server()).await;
    Walk::new(&old, &new, people).compare();
    for server in [old, new] {
        server.assert_no_errors();
        server.stop().await;
    }
}

/// Servers that share sessions, and what keys are made from.
fn launch(folder: &Path, redis: &RedisServer) -> Launch {
    Launch::new(portal_server(), folder)
        .set("PORTAL_STATE_BACKEND", "redis")
        .set("REDIS_URL", redis.address().url())
        .set("PORTAL_SECRET_KEY", "0123456789abcdef0123456789abcdef")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_release_before_runs_on_the_new_schema_on_postgres() {
    let (folder, redis) = (tempdir().unwrap(), RedisServer::start());
    let fixture = Fixture::of_previous_release();
    let postgres = Postgres::with(&fixture);
    let launch = launch(folder.path(), &redis)
        .set("DATABASE_URL", postgres.url_as("portal_app"))
        .set("DATABASE_SYSTEM_URL", postgres.url_as("portal_system"))
        .set("DATABASE_OWNER_URL", postgres.url_as("portal_owner"));
    let mails = Mails::of_servers_in(folder.path());
    let people = fixture.people_on_postgres();
    upgrade_while_serving(&launch, &postgres.open(), &people, mails).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_release_before_runs_on_the_new_schema_on_sqlite() {
    let (folder, redis) = (tempdir().unwrap(), RedisServer::start());
    let fixture = Fixture::of_previous_release();
    let file = fixture.sqlite(&folder.path().join("portal.db"));
    let launch = launch(folder.path(), &redis).set("DATABASE_URL", "sqlite://portal.db");
    let target = Target::Sqlite(file.path().to_owned());
    let database = Database::open(DatabaseConfig::new(target)).unwrap();
    let mails = Mails::of_servers_in(folder.path());
    let people = fixture.people_on_sqlite();
    upgrade_while_serving(&launch, &database, &people, mails).await;
}
