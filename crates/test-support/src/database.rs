//! A database for each test.

use std::path::{Path, PathBuf};

use portal_persistence::{Access, Database, DatabaseConfig, Target};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::postgres::{PostgresAddress, PostgresDatabase};

/// A migrated file that is copied for each test, which takes a fraction of migrating anew.
static TEMPLATE: OnceCell<(TempDir, PathBuf)> = OnceCell::const_new();

/// A migrated, empty database: an SQLite file, or where `TEST_DATABASE_URL` names a PostgreSQL
/// server, a database there, used through the three logins of production. It goes with this value.
pub struct TestDatabase {
    /// The database as the server uses it.
    pub database: Database,
    /// The database as an operator uses it, who alone may create organizations.
    pub operator: Database,
    files: Files,
}

enum Files {
    Sqlite(TempDir),
    Postgres(PostgresDatabase),
}

impl TestDatabase {
    /// A new one, with pools of the usual size.
    pub async fn create() -> Self {
        let usual = DatabaseConfig::new(Target::Sqlite(PathBuf::new())).pool_size;
        Self::with_pool_size(usual).await
    }

    /// A new one, with pools of so many connections.
    pub async fn with_pool_size(pool_size: usize) -> Self {
        let (target, files) = if let Some(server) = PostgresAddress::given() {
            let database = PostgresDatabase::create_on(server).await;
            let target = Target::Postgres(database.logins());
            (target, Files::Postgres(database))
        } else {
            let (_, template) = TEMPLATE.get_or_init(template).await;
            let folder = TempDir::new().expect("a temporary folder");
            let path = sqlite_file(folder.path());
            std::fs::copy(template, &path).expect("a copy of the template");
            (Target::Sqlite(path), Files::Sqlite(folder))
        };
        let open = |access| {
            let config = DatabaseConfig {
                access,
                pool_size,
                ..DatabaseConfig::new(target.clone())
            };
            Database::open(config).expect("a database")
        };
        Self {
            database: open(Access::Serve),
            operator: open(Access::Operate),
            files,
        }
    }

    /// Its file, if it is one of SQLite's.
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        match &self.files {
            Files::Sqlite(folder) => Some(sqlite_file(folder.path())),
            Files::Postgres(_) => None,
        }
    }

    /// The database on the PostgreSQL server, if it is there.
    pub const fn postgres(&self) -> Option<&PostgresDatabase> {
        match &self.files {
            Files::Sqlite(_) => None,
            Files::Postgres(database) => Some(database),
        }
    }
}

fn sqlite_file(folder: &Path) -> PathBuf {
    folder.join("portal.db")
}

async fn template() -> (TempDir, PathBuf) {
    let folder = TempDir::new().expect("a temporary folder");
    let path = sqlite_file(folder.path());
    let config = DatabaseConfig::new(Target::Sqlite(path.clone()));
    // Migrating uses a connection of its own and closes it, so that all is in this one file.
    let database = Database::open(config).expect("a database");
    database.migrate().await.expect("migrations");
    (folder, path)
}
