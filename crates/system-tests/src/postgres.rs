//! PostgreSQL servers.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use portal_test_support::postgres::{PostgresAddress, PostgresDatabase, program_named};
use tempfile::TempDir;

use crate::certificates::Certificates;
use crate::process::{
    OwnProcess, UNPRIVILEGED, free_port, is_root, log_in, unprivileged, wait_until,
};

/// How long a server that was killed may keep a new one from starting.
const RESTART_TIMEOUT: Duration = Duration::from_secs(30);

/// A new database of one test, on a server that the tests of this process share.
pub async fn database() -> PostgresDatabase {
    static SERVER: LazyLock<PostgresServer> = LazyLock::new(PostgresServer::start);
    PostgresDatabase::create_on(SERVER.address().clone()).await
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

    /// Starts it anew as a replica, which only reads.
    pub fn restart_as_replica(&mut self) {
        self.stop();
        let signal = self.data.join("standby.signal");
        fs::write(&signal, "").expect("a file of the server's");
        give_to_server(&signal);
        self.restart();
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
                if self.address.responses() {
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
    format!("postgres://postgres@127.0.0.1:{port}/postgres").into()
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
    unprivileged(&program_named(name))
}

/// Lets the server own a file.
fn give_to_server(path: &Path) {
    if is_root() {
        let (user, group) = (id("-u", UNPRIVILEGED), id("-g", UNPRIVILEGED));
        chown(path, Some(user), Some(group)).expect("a file of the server's");
    }
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
