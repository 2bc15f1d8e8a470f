//! A new database for each case.

use async_trait::async_trait;
use diesel::SqliteConnection;
use diesel::connection::{Connection as _, SimpleConnection as _};
use portal_domain::store::{
    Asker, RequestStore, SharedStore, StorageError, Store, SystemReader, SystemTransaction,
    TenantReader, TenantScope, TenantStore, TenantTransaction,
};
use portal_persistence::Database;
use portal_test_support::TestDatabase;

/// A migrated database, as the server has it and as an operator has it.
pub(crate) struct Portal {
    pub(crate) operator: Database,
    database: TestDatabase,
}

impl Portal {
    /// A new one, with fewer connections than the cases use one after another, so that none gets
    /// lost unnoticed.
    pub(crate) async fn create() -> Self {
        let database = TestDatabase::with_pool_size(3).await;
        Self {
            operator: database.operator.clone(),
            database,
        }
    }

    /// Makes what searches read take very long.
    pub(crate) fn slow_down(&self) {
        if self.database.postgres().is_some() {
            self.tamper(
                "CREATE POLICY slow ON devices AS RESTRICTIVE USING (pg_sleep(600) IS NOT NULL);
                 CREATE POLICY slow ON tickets AS RESTRICTIVE USING (pg_sleep(600) IS NOT NULL)",
            );
        } else {
            for table in ["devices", "tickets"] {
                self.tamper(&format!(
                    "ALTER TABLE {table} RENAME TO few_{table};
                     CREATE VIEW {table} AS
                        WITH RECURSIVE many(n) AS
                            (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 2000000000)
                        SELECT few_{table}.* FROM many CROSS JOIN few_{table}"
                ));
            }
        }
    }

    /// Whether the server works on what is slow. SQLite, which does not tell, begins when it is asked.
    pub(crate) fn is_slow(&self) -> Option<bool> {
        let sleeping = "SELECT count(*) > 0 FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event = 'PgSleep'";
        let database = self.database.postgres()?;
        Some(database.sql(sleeping) == "t")
    }

    /// Does to the database what the portal never does.
    pub(crate) fn tamper(&self, sql: &str) {
        if let Some(database) = self.database.postgres() {
            database.sql(sql);
        } else {
            let file = self.database.sqlite_file().unwrap().display().to_string();
            let mut conn = SqliteConnection::establish(&file).unwrap();
            conn.batch_execute(sql).unwrap();
        }
    }
}

/// The server's view of it.
#[async_trait]
impl TenantStore for Portal {
    async fn reader(&self, scope: TenantScope) -> Result<Box<dyn TenantReader>, StorageError> {
        self.database.database.reader(scope).await
    }

    async fn begin(&self, scope: TenantScope) -> Result<Box<dyn TenantTransaction>, StorageError> {
        self.database.database.begin(scope).await
    }
}

#[async_trait]
impl SharedStore for Portal {
    fn on_behalf_of(&self, asker: Asker) -> Box<dyn RequestStore> {
        self.database.database.on_behalf_of(asker)
    }

    async fn ping(&self) -> Result<(), StorageError> {
        self.database.database.ping().await
    }
}

#[async_trait]
impl Store for Portal {
    async fn system_reader(&self) -> Result<Box<dyn SystemReader>, StorageError> {
        self.database.database.system_reader().await
    }

    async fn begin_system(&self) -> Result<Box<dyn SystemTransaction>, StorageError> {
        self.database.database.begin_system().await
    }
}
