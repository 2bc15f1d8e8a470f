//! Databases on an existing PostgreSQL server, one per test.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use portal_persistence::{Access, Database, DatabaseConfig, Logins, Target};

/// The variable that names the server: the address of a superuser's database.
const SERVER: &str = "TEST_DATABASE_URL";

/// The logins of production, made once on a server. None of them needs a password, as `trust` in
/// `pg_hba.conf` allows.
const LOGINS: &str = "
    DO $$
    DECLARE
        login text;
    BEGIN
        FOREACH login IN ARRAY ARRAY['portal_owner', 'portal_app', 'portal_system'] LOOP
            BEGIN
                EXECUTE format('CREATE ROLE %I LOGIN', login);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;
            END;
        END LOOP;
    END $$";

/// Where a PostgreSQL server is, and how `psql` reaches it as a superuser.
#[derive(Debug, Clone)]
pub struct PostgresAddress(String);

impl PostgresAddress {
    /// The server that `TEST_DATABASE_URL` names, if it does.
    pub fn given() -> Option<Self> {
        #[expect(
            clippy::disallowed_methods,
            reason = "a setting of the tests, not of the portal"
        )]
        std::env::var(SERVER).ok().map(Self)
    }

    /// Whether the server can be used.
    pub fn responses(&self) -> bool {
        self.try_sql("postgres", "SELECT 1").is_ok()
    }

    /// The address of a database, for the superuser.
    pub fn url(&self, database: &str) -> String {
        let (server, options) = self.0.split_once('?').unwrap_or((&self.0, ""));
        let (scheme, rest) = server.split_once("://").expect("a scheme");
        let host = rest.split('/').next().unwrap_or_default();
        match options {
            "" => format!("{scheme}://{host}/{database}"),
            _ => format!("{scheme}://{host}/{database}?{options}"),
        }
    }

    /// The address of a database, for another login that needs no password.
    pub fn url_as(&self, login: &str, database: &str) -> String {
        let url = self.url(database);
        let (scheme, rest) = url.split_once("://").expect("a scheme");
        let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
        format!("{scheme}://{login}@{host}")
    }

    /// What `psql` prints for statements, which must not fail: rows in lines, columns between bars.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        self.try_sql(database, sql)
            .unwrap_or_else(|error| panic!("psql: {error}"))
    }

    /// What `psql` prints for statements, or for the first that fails.
    pub fn try_sql(&self, database: &str, sql: &str) -> Result<String, String> {
        let mut psql = self.psql(database);
        printed_by(psql.args(["--command", sql]))
    }

    /// Runs the statements of a file, such as one of `pg_dump`'s, which must not fail.
    pub fn run_file(&self, database: &str, file: &Path) {
        let mut psql = self.psql(database);
        let printed = printed_by(psql.arg("--file").arg(file));
        printed.unwrap_or_else(|error| panic!("psql: {}: {error}", file.display()));
    }

    /// The definitions of all that is in a database but rows, with owners, rights and policies, as
    /// `pg_dump` writes them.
    pub fn schema(&self, database: &str) -> String {
        let mut dump = Command::new(program_named("pg_dump"));
        dump.arg("--schema-only").arg(self.url(database));
        let dump = printed_by(&mut dump).unwrap_or_else(|error| panic!("pg_dump: {error}"));
        // but for a key against hostile rows, which differs each time
        let lines = dump
            .lines()
            .filter(|line| !line.starts_with("\\restrict ") && !line.starts_with("\\unrestrict "));
        lines.collect::<Vec<_>>().join("\n")
    }

    fn psql(&self, database: &str) -> Command {
        let mut psql = Command::new(program_named("psql"));
        psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"])
            .args(["--set", "ON_ERROR_STOP=1"])
            .arg(self.url(database));
        psql
    }
}

/// What a program prints, or what it says when it fails.
fn printed_by(program: &mut Command) -> Result<String, String> {
    let output = program.stdin(Stdio::null()).output();
    let output = output.expect("a program of PostgreSQL's");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(text(&output.stderr))
    }
}

impl From<String> for PostgresAddress {
    fn from(url: String) -> Self {
        Self(url)
    }
}

impl AsRef<str> for PostgresAddress {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// A migrated, empty database of one test. It is dropped with this value.
pub struct PostgresDatabase {
    server: PostgresAddress,
    name: String,
}

impl PostgresDatabase {
    /// A new one on the server that `TEST_DATABASE_URL` names.
    pub async fn create() -> Self {
        let server = PostgresAddress::given().unwrap_or_else(|| panic!("{SERVER} is not set"));
        Self::create_on(server).await
    }

    /// A new one on a server.
    pub async fn create_on(server: PostgresAddress) -> Self {
        let template = template(&server).await;
        let name = unique_name();
        let sql = format!("CREATE DATABASE {name} TEMPLATE {template} OWNER portal_owner");
        server.sql("postgres", &sql);
        Self { server, name }
    }

    /// Its address, for the superuser.
    pub fn url(&self) -> String {
        self.server.url(&self.name)
    }

    /// Its addresses for the three logins of production.
    pub fn logins(&self) -> Logins {
        logins(&self.server, &self.name)
    }

    /// What `psql` prints for statements, which must not fail: rows in lines, columns between bars.
    pub fn sql(&self, sql: &str) -> String {
        self.server.sql(&self.name, sql)
    }

    /// What `psql` prints for statements, or for the first that fails.
    pub fn try_sql(&self, sql: &str) -> Result<String, String> {
        self.server.try_sql(&self.name, sql)
    }
}

fn logins(server: &PostgresAddress, database: &str) -> Logins {
    Logins {
        app: server.url_as("portal_app", database),
        system: server.url_as("portal_system", database),
        owner: server.url_as("portal_owner", database),
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        let sql = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        // A server that is already gone has nothing left to remove.
        drop(self.server.try_sql("postgres", &sql));
    }
}

fn unique_name() -> String {
    static COUNTER: AtomicUsize = AtomicUsize::new(0);
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    format!(
        "portal_test_{}_{}_{}",
        now.as_micros(),
        std::process::id(),
        COUNTER.fetch_add(1, Ordering::Relaxed)
    )
}

/// The database that those of tests are copies of, made if there is none for these migrations.
async fn template(server: &PostgresAddress) -> String {
    let name = format!("portal_template_{:016x}", migrations_fingerprint());
    let exists = format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'");
    if server.sql("postgres", &exists) == "1" {
        return name;
    }
    server.sql("postgres", LOGINS);
    // Several test programs may get here at once: each makes a draft, and one of them names it.
    let draft = unique_name();
    server.sql(
        "postgres",
        &format!("CREATE DATABASE {draft} OWNER portal_owner"),
    );
    let config = DatabaseConfig {
        access: Access::Operate,
        ..DatabaseConfig::new(Target::Postgres(logins(server, &draft)))
    };
    let database = Database::open(config).expect("a database");
    database.migrate().await.expect("migrations");
    let rename = format!("ALTER DATABASE {draft} RENAME TO {name}");
    if server.try_sql("postgres", &rename).is_err() {
        assert_eq!(server.sql("postgres", &exists), "1", "a template");
        server.sql("postgres", &format!("DROP DATABASE {draft} WITH (FORCE)"));
    }
    name
}

/// A number that another set of migrations does not have.
fn migrations_fingerprint() -> u64 {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/postgres");
    let entries = fs::read_dir(folder).expect("the migrations");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("a migration").path().join("up.sql"))
        .collect();
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        fs::read_to_string(&file)
            .expect("a migration")
            .hash(&mut hasher);
        file.hash(&mut hasher);
    }
    hasher.finish()
}

/// The path of a PostgreSQL program: of the newest version in the folder where Debian keeps them, or
/// from `PATH`.
pub fn program_named(name: &str) -> PathBuf {
    #[expect(
        clippy::disallowed_methods,
        reason = "a setting of the tests, not of the portal"
    )]
    let path = std::env::var_os("PATH").unwrap_or_default();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut versions: Vec<_> = versions.flatten().map(|entry| entry.path()).collect();
    versions.sort_by_key(|folder| {
        let version = folder.file_name().and_then(|name| name.to_str());
        version.and_then(|version| version.parse::<u32>().ok())
    });
    let versioned = versions.iter().rev().map(|folder| folder.join("bin"));
    let mut programs = versioned
        .chain(std::env::split_paths(&path))
        .map(|folder| folder.join(name));
    programs.find(|file| file.is_file()).unwrap_or_else(|| {
        panic!(
            "the tests start the program `{name}`, which is not here: install Debian's package \
             `postgresql`"
        )
    })
}
