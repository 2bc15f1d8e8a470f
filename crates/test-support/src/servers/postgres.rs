//! PostgreSQL servers, and a database for each test.

use std::fs::{self, Permissions};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use portal_persistence::{Database, DatabaseConfig, Logins, Target};
use tempfile::TempDir;

use super::certificates::Certificates;
use super::process::{OwnProcess, free_port, lock_file, log_in, wait_until};
use super::shared::{Recipe, SharedServer, base_folder};

/// Names a PostgreSQL server that the tests shall use in place of one of their own: the address of
/// a database of a superuser's.
const GIVEN_SERVER: &str = "TEST_DATABASE_URL";

/// Who a server runs as when the tests run as root, which PostgreSQL refuses.
const UNPRIVILEGED: &str = "postgres";

/// How long a server that was killed may keep a new one from starting.
const RESTART_TIMEOUT: Duration = Duration::from_secs(30);

/// The one that all tests share, unless they are given one.
const SHARED: Recipe<PostgresAddress> = Recipe {
    name: "postgres",
    // what ends it without waiting for clients
    signal: "INT",
    linger: Duration::from_secs(5),
    prepare: |folder| {
        let data = initialize(folder);
        let port = free_port();
        (program(&data, port), address(port))
    },
    answers: PostgresAddress::answers,
};

/// Where a PostgreSQL server is, and how `psql` reaches it as a superuser.
#[derive(Debug, Clone)]
pub struct PostgresAddress(String);

impl PostgresAddress {
    /// The server that the tests share: the one that `TEST_DATABASE_URL` names, else one that is
    /// started and ends with the last test.
    pub fn shared() -> Self {
        static SERVER: OnceLock<SharedServer<PostgresAddress>> = OnceLock::new();
        #[expect(
            clippy::disallowed_methods,
            reason = "a setting of the tests, not of the portal"
        )]
        if let Ok(url) = std::env::var(GIVEN_SERVER) {
            return Self(url);
        }
        SERVER.get_or_init(|| SHARED.share()).address.clone()
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

    fn answers(&self) -> bool {
        self.try_sql("postgres", "SELECT 1").is_ok()
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

/// A migrated, empty database of one test on the server that the tests share. It is removed when
/// this is dropped.
pub struct PostgresDatabase {
    server: PostgresAddress,
    name: String,
}

impl PostgresDatabase {
    /// A new one.
    pub async fn create() -> Self {
        let server = PostgresAddress::shared();
        let template = template(&server).await;
        let name = unique_name();
        server.sql(
            "postgres",
            &format!("CREATE DATABASE {name} TEMPLATE {template}"),
        );
        Self { server, name }
    }

    /// Its address, for the superuser.
    pub fn url(&self) -> String {
        self.server.url(&self.name)
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
    let there = format!("SELECT FROM pg_database WHERE datname = '{name}'");
    let exists = || {
        !server
            .sql("postgres", &format!("SELECT count(*) FROM ({there}) t"))
            .eq("0")
    };
    if exists() {
        return name;
    }
    let making = lock_file(&base_folder().join("postgres.template"));
    making.lock().expect("a lock");
    if exists() {
        return name;
    }
    // Under another name until it is complete.
    let draft = unique_name();
    server.sql("postgres", &format!("CREATE DATABASE {draft}"));
    let target = Target::Postgres(Logins::single(server.url(&draft)));
    let database = Database::open(DatabaseConfig::new(target)).expect("a database");
    database.migrate().await.expect("migrations");
    server.sql(
        "postgres",
        &format!("ALTER DATABASE {draft} RENAME TO {name}"),
    );
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

/// A PostgreSQL server of one test, on a free port. It ends when it is dropped.
pub struct PostgresServer {
    address: PostgresAddress,
    port: u16,
    data: PathBuf,
    process: Option<OwnProcess>,
    authority: Option<PathBuf>,
    folder: TempDir,
}

impl PostgresServer {
    /// A new one, without any database of the portal's.
    pub fn start() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let open_to_all = Permissions::from_mode(0o755);
        fs::set_permissions(folder.path(), open_to_all).expect("a folder for the server");
        let port = free_port();
        let mut server = Self {
            address: address(port),
            port,
            data: initialize(folder.path()),
            process: None,
            authority: None,
            folder,
        };
        server.restart();
        server
    }

    /// One that speaks TLS too, with a certificate for `127.0.0.1` by an authority of its own.
    pub fn with_tls() -> Self {
        let mut server = Self::start();
        let certificates = Certificates::create(server.folder.path());
        let settings = [
            ("ssl_cert_file", certificates.server),
            ("ssl_key_file", certificates.key),
        ];
        let mut configuration = vec!["ssl = on".to_owned()];
        for (setting, file) in settings {
            let own = server.data.join(setting);
            fs::copy(&file, &own).expect("a file of the server's");
            fs::set_permissions(&own, Permissions::from_mode(0o600)).expect("a private file");
            give_to_server(&own);
            configuration.push(format!("{setting} = '{}'", own.display()));
        }
        let file = server.data.join("postgresql.auto.conf");
        fs::write(&file, configuration.join("\n")).expect("a configuration");
        server.authority = Some(certificates.authority);
        server.restart();
        server
    }

    /// Where it is.
    pub const fn address(&self) -> &PostgresAddress {
        &self.address
    }

    /// Its port on the loopback interface.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The file with the certificate of its authority, when it speaks TLS.
    pub fn authority(&self) -> Option<&Path> {
        self.authority.as_deref()
    }

    /// Ends it in order: it tells its clients, and closes their connections.
    pub fn stop(&mut self) {
        let pid_file = self.data.join("postmaster.pid");
        let noted = fs::read_to_string(&pid_file).expect("the server's process id");
        let pid = noted.lines().next().expect("a process id");
        let status = Command::new("kill").args(["-s", "INT", pid]).status();
        assert!(status.expect("the program `kill`").success());
        wait_until(|| !pid_file.exists(), &log_in(self.folder.path()));
        self.process = None;
    }

    /// Ends it at once, as `kill -9` does.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// Starts it anew at the same address, with what was committed; first kills it if it is running.
    pub fn restart(&mut self) {
        let log = log_in(self.folder.path());
        let start = Instant::now();
        loop {
            self.kill();
            let program = program(&self.data, self.port);
            self.process = Some(OwnProcess::start(&program, "KILL", &log));
            // Processes of one that was killed may still be there, and keep this one from starting.
            let patience = Instant::now() + Duration::from_secs(3);
            while Instant::now() < patience {
                if self.address.answers() {
                    return;
                }
                std::thread::sleep(Duration::from_millis(20));
            }
            assert!(
                start.elapsed() < RESTART_TIMEOUT,
                "a PostgreSQL server for the tests does not answer; it says:\n{}",
                fs::read_to_string(&log).unwrap_or_default()
            );
        }
    }
}

fn address(port: u16) -> PostgresAddress {
    PostgresAddress(format!("postgres://postgres@127.0.0.1:{port}/postgres"))
}

/// The files of a new server in a folder that others may look into.
fn initialize(folder: &Path) -> PathBuf {
    let data = folder.join("data");
    fs::create_dir(&data).expect("a folder for the server");
    give_to_server(&data);
    let mut initdb = as_server("initdb");
    initdb
        .args(["--username=postgres", "--auth=trust", "--no-sync"])
        .args(["--encoding=UTF8", "--no-locale", "--pgdata"])
        .arg(&data);
    let output = initdb.stdin(Stdio::null()).output().expect("initdb");
    assert!(
        output.status.success(),
        "initdb: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    data
}

fn program(data: &Path, port: u16) -> Command {
    let mut program = as_server("postgres");
    program.arg("-D").arg(data);
    for setting in [
        &format!("port={port}"),
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "max_connections=500",
        "shared_buffers=32MB",
        // a crash of the machine costs the tests nothing
        "fsync=off",
        "full_page_writes=off",
        "autovacuum=off",
    ] {
        program.args(["-c", setting]);
    }
    program
}

/// A program of PostgreSQL's, run by somebody other than root.
fn as_server(name: &str) -> Command {
    let program = program_named(name);
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid", UNPRIVILEGED, "--regid", UNPRIVILEGED])
        .arg("--init-groups")
        .arg(program);
    command
}

/// Lets the server own a file.
fn give_to_server(path: &Path) {
    if is_root() {
        let (user, group) = (id("-u", UNPRIVILEGED), id("-g", UNPRIVILEGED));
        chown(path, Some(user), Some(group)).expect("a file of the server's");
    }
}

fn is_root() -> bool {
    let me = Command::new("id")
        .arg("-u")
        .output()
        .expect("the program `id`");
    me.stdout.trim_ascii() == b"0"
}

fn id(kind: &str, user: &str) -> u32 {
    let output = Command::new("id").args([kind, user]).output();
    let printed = output.expect("the program `id`").stdout;
    let printed = String::from_utf8_lossy(&printed);
    printed.trim().parse().unwrap_or_else(|_| {
        panic!(
            "as root, the tests run PostgreSQL as the user `{user}`, who is not here: install \
             Debian's package `postgresql`"
        )
    })
}

/// Where a program of PostgreSQL's is: where Debian keeps those of each version, of which the newest
/// is taken, or among all programs.
fn program_named(name: &str) -> PathBuf {
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
             `postgresql`, or name a server in {GIVEN_SERVER}"
        )
    })
}
