//! PostgreSQL databases with the data of fixtures, under the three logins of production.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use portal_persistence::{Access, Database, DatabaseConfig, Logins, Target};
use portal_system_tests::postgres::PostgresServer;
use portal_test_support::postgres::PostgresAddress;
use portal_test_support::releases::{Allowed, Column, Fixture, Inspect};

/// What an administrator runs in an empty database.
const INIT: &str = include_str!("../../../../docs/deploy/postgres-init.sql");

/// A server that has the three logins, for all tests of this process.
fn server() -> &'static PostgresAddress {
    static SERVER: OnceLock<PostgresServer> = OnceLock::new();
    let server = SERVER.get_or_init(|| {
        let server = PostgresServer::start();
        server.address().sql("postgres", "CREATE DATABASE portal");
        server.address().sql("portal", INIT);
        server
    });
    server.address()
}

/// A database of its own on that server.
pub(crate) struct Postgres {
    name: String,
}

impl Postgres {
    /// One as an administrator would prepare it, without any table.
    pub(crate) fn empty() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("portal_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        server().sql(
            "postgres",
            &format!("CREATE DATABASE {name} OWNER portal_owner"),
        );
        server().sql(&name, "ALTER SCHEMA public OWNER TO portal_owner");
        Self { name }
    }

    /// One with the data of a fixture.
    pub(crate) fn with(fixture: &Fixture) -> Self {
        let database = Self::empty();
        server().run_file(&database.name, &fixture.postgres());
        database
    }

    /// Its address for a login.
    pub(crate) fn url_as(&self, login: &str) -> String {
        server().url_as(login, &self.name)
    }

    /// The database as this release's server opens it.
    pub(crate) fn open(&self) -> Database {
        let logins = Logins {
            app: self.url_as("portal_app"),
            system: self.url_as("portal_system"),
            owner: self.url_as("portal_owner"),
        };
        let config = DatabaseConfig {
            access: Access::Serve,
            ..DatabaseConfig::new(Target::Postgres(logins))
        };
        Database::open(config).unwrap()
    }

    /// Runs statements as a superuser.
    pub(crate) fn sql(&self, sql: &str) -> String {
        server().sql(&self.name, sql)
    }

    /// Runs a query under a role, for an organization if there is one.
    pub(crate) fn query_as(
        &self,
        role: &str,
        org: Option<&str>,
        sql: &str,
    ) -> Result<String, String> {
        let tenant = org.map(|org| format!("SET LOCAL app.org_id = '{org}';"));
        let tenant = tenant.unwrap_or_default();
        let sql = format!("BEGIN; SET ROLE {role}; {tenant} {sql}; COMMIT");
        server().try_sql(&self.name, &sql)
    }

    /// The definitions of all that is in it, with owners, rights and policies.
    pub(crate) fn schema(&self) -> String {
        server().schema(&self.name)
    }
}

impl Inspect for Postgres {
    fn query(&self, sql: &str) -> Vec<String> {
        self.sql(sql).lines().map(str::to_owned).collect()
    }

    fn columns(&self) -> Vec<Column> {
        let sql = "SELECT json_build_array(relname, attname, attnotnull)
            FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
                AND attnum > 0 AND NOT attisdropped
            ORDER BY relname, attnum";
        let lines = self.query(sql).into_iter().map(|line| {
            let (table, name, is_not_null): (_, _, bool) = serde_json::from_str(&line).unwrap();
            Column {
                table,
                name,
                is_nullable: !is_not_null,
            }
        });
        lines.collect()
    }

    fn allowed(&self) -> Vec<Allowed> {
        let sql = "SELECT json_build_array(conrelid::regclass, attname, value[1])
            FROM pg_constraint
                JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1],
                regexp_matches(pg_get_constraintdef(pg_constraint.oid), '''([^'']*)''::text', 'g')
                    AS value
            WHERE contype = 'c' AND cardinality(conkey) = 1
                AND connamespace = 'public'::regnamespace
            UNION ALL
            SELECT json_build_array(table_name, column_name, value)
            FROM information_schema.columns, (VALUES ('true'), ('false')) AS choice (value)
            WHERE table_schema = 'public' AND data_type = 'boolean'";
        let lines = self.query(sql).into_iter().map(|line| {
            let (table, column, value) = serde_json::from_str(&line).unwrap();
            Allowed {
                table,
                column,
                value,
            }
        });
        lines.collect()
    }

    fn rows(&self, table: &str, columns: &[&str]) -> Vec<String> {
        let values = columns.iter().map(|column| format!("\"{column}\"::text"));
        let values = values.collect::<Vec<_>>().join(", ");
        self.query(&format!(
            "SELECT json_build_array({values}) FROM \"{table}\""
        ))
    }
}
