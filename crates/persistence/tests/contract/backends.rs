//! A new database for each case.

use async_trait::async_trait;
use portal_domain::store::{
    StorageError, Store, SystemReader, SystemWork, TenantReader, TenantScope, TenantWork,
};
use portal_persistence::{Access, Database, DatabaseConfig, Logins, Target};
use portal_test_support::servers::postgres::PostgresDatabase;
use tempfile::TempDir;

/// A migrated database, as the server has it and as an operator has it.
pub(crate) struct Portal {
    serving: Database,
    pub(crate) operator: Database,
    files: Files,
}

/// Where a database is, which goes with this value.
enum Files {
    Sqlite(TempDir),
    Postgres(PostgresDatabase),
}

/// With fewer connections than the cases use one after another, so that none gets lost unnoticed.
const POOL_SIZE: usize = 3;

async fn portal(target: Target, files: Files) -> Portal {
    let open = |access| {
        let config = DatabaseConfig {
            access,
            pool_size: POOL_SIZE,
            ..DatabaseConfig::new(target.clone())
        };
        Database::open(config).unwrap()
    };
    let serving = open(Access::Serve);
    serving.migrate().await.unwrap();
    Portal {
        serving,
        operator: open(Access::Operate),
        files,
    }
}

/// SQLite in a temporary file.
pub(crate) async fn on_sqlite() -> Portal {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("portal.db");
    portal(Target::Sqlite(path), Files::Sqlite(folder)).await
}

/// A database on a PostgreSQL server.
pub(crate) async fn on_postgres() -> Portal {
    let database = PostgresDatabase::create().await;
    let logins = Logins::single(database.url());
    portal(Target::Postgres(logins), Files::Postgres(database)).await
}

impl Portal {
    /// Does to the database what the portal never does.
    pub(crate) fn tamper(&self, sql: &str) {
        match &self.files {
            Files::Postgres(database) => drop(database.sql(sql)),
            Files::Sqlite(folder) => {
                use diesel::connection::SimpleConnection as _;
                let path = folder.path().join("portal.db").display().to_string();
                let mut conn: diesel::SqliteConnection =
                    diesel::Connection::establish(&path).unwrap();
                conn.batch_execute(sql).unwrap();
            }
        }
    }
}

/// The server's view of it.
#[async_trait]
impl Store for Portal {
    async fn reader(&self, scope: TenantScope) -> Result<Box<dyn TenantReader>, StorageError> {
        self.serving.reader(scope).await
    }

    async fn begin(&self, scope: TenantScope) -> Result<Box<dyn TenantWork>, StorageError> {
        self.serving.begin(scope).await
    }

    async fn system_reader(&self) -> Result<Box<dyn SystemReader>, StorageError> {
        self.serving.system_reader().await
    }

    async fn begin_system(&self) -> Result<Box<dyn SystemWork>, StorageError> {
        self.serving.begin_system().await
    }

    async fn ping(&self) -> Result<(), StorageError> {
        self.serving.ping().await
    }
}
