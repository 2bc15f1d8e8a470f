//! What a check of readiness sees.

use portal_domain::environment::SystemEnvironment;
use portal_domain::ids::OrganizationId;
use portal_domain::store::{
    SharedStore as _, StorageError, Store as _, TenantScope, TenantStore as _,
};
use portal_persistence::{Access, Database};
use portal_system_tests::postgres::PostgresServer;

use crate::logins::{THREE, logins, prepared};
use crate::world::open;

async fn ready() -> (PostgresServer, Database) {
    let server = prepared();
    let database = open(logins(server.address(), THREE), Access::Serve);
    database.migrate().await.unwrap();
    database.ping().await.unwrap();
    (server, database)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_cannot_get_in_is_noticed() {
    let (server, database) = ready().await;
    for role in ["portal_app", "portal_system"] {
        let out = format!(
            "ALTER ROLE {role} NOLOGIN;
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}'"
        );
        server.address().sql("postgres", &out);
        assert!(database.ping().await.is_err(), "{role}");
        server
            .address()
            .sql("postgres", &format!("ALTER ROLE {role} LOGIN"));
        database.ping().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_without_its_rights_is_noticed() {
    let (server, database) = ready().await;
    for (role, table) in [
        ("portal_app", "portal_users"),
        ("portal_system", "mail_outbox"),
    ] {
        let change = |sql: &str| server.address().sql("portal", sql);
        let kept = change(&format!(
            "SELECT string_agg(attname, ',') FROM pg_attribute
             WHERE attrelid = '{table}'::regclass AND attnum > 0
                AND has_column_privilege('{role}', attrelid, attnum, 'UPDATE')"
        ));
        change(&format!(
            "REVOKE UPDATE, UPDATE ({kept}) ON {table} FROM {role}"
        ));
        assert!(database.ping().await.is_err(), "{role}");
        change(&format!("GRANT UPDATE ({kept}) ON {table} TO {role}"));
        database.ping().await.unwrap();
    }
}

/// As a replica does, which the portal was failed over to.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_only_reads_is_noticed() {
    let (mut server, database) = ready().await;
    server.restart_as_replica();
    assert!(database.ping().await.is_err());
    assert!(database.ping().await.is_err());
    // What is asked for meanwhile can be tried again.
    let scope = TenantScope::of(OrganizationId::generate(&SystemEnvironment));
    let refused = database.begin(scope).await.unwrap().branding().await;
    assert!(
        matches!(refused, Err(StorageError::Unavailable(_))),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_are_all_in_use_do_not_matter() {
    let (_server, database) = ready().await;
    let mut used = Vec::new();
    for _ in 0..4 {
        let reader = database.system_reader().await.unwrap();
        reader.organizations().await.unwrap();
        used.push(reader);
    }
    assert!(database.system_reader().await.is_err(), "the pool is full");
    database.ping().await.unwrap();
}
