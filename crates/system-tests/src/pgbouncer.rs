//! `PgBouncer`, between the portal and a PostgreSQL server.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use portal_test_support::postgres::PostgresAddress;
use tempfile::TempDir;

use crate::postgres::PostgresServer;
use crate::process::{OwnProcess, free_port, log_in, require, unprivileged, wait_until};

/// The variable that names the program of a `PgBouncer` that keeps prepared statements apart, from
/// 1.21 on; Debian's may be older.
const NEWER: &str = "TEST_PGBOUNCER";

/// A `PgBouncer` of one test, on a free port. It ends when it is dropped.
pub struct PgBouncer {
    address: PostgresAddress,
    _process: OwnProcess,
    _folder: TempDir,
}

impl PgBouncer {
    /// Debian's, with these lines in its settings.
    pub fn start(server: &PostgresServer, settings: &str) -> Self {
        require("/usr/sbin/pgbouncer", "pgbouncer");
        Self::run(Path::new("/usr/sbin/pgbouncer"), server, settings)
    }

    /// The one that `TEST_PGBOUNCER` names.
    ///
    /// # Panics
    ///
    /// Where the variable is not set.
    pub fn newer(server: &PostgresServer, settings: &str) -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "a setting of the tests, not of the portal"
        )]
        let program = std::env::var_os(NEWER).expect("TEST_PGBOUNCER names a program");
        Self::run(Path::new(&program), server, settings)
    }

    fn run(program: &Path, server: &PostgresServer, settings: &str) -> Self {
        let (folder, port) = (TempDir::new().expect("a temporary folder"), free_port());
        let open_to_all = Permissions::from_mode(0o755);
        fs::set_permissions(folder.path(), open_to_all).expect("a folder for the server");
        let (file, users) = (
            folder.path().join("settings.ini"),
            folder.path().join("users"),
        );
        let logins = ["postgres", "portal_owner", "portal_app", "portal_system"];
        let logins = logins.map(|login| format!("\"{login}\" \"\"\n")).concat();
        fs::write(&users, logins).expect("a file of logins");
        let text = format!(
            "[databases]\n* = host=127.0.0.1 port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nunix_socket_dir =\nauth_type = trust\nauth_file = {}\n{settings}\n",
            server.port(),
            users.display(),
        );
        fs::write(&file, text).expect("a file of settings");
        let mut command = unprivileged(program);
        command.arg(&file);
        let log = log_in(folder.path());
        let process = OwnProcess::start(&command, "INT", &log);
        let address =
            PostgresAddress::from(format!("postgres://postgres@127.0.0.1:{port}/postgres"));
        wait_until(|| address.responses(), &log);
        Self {
            address,
            _process: process,
            _folder: folder,
        }
    }

    /// Where it is.
    pub const fn address(&self) -> &PostgresAddress {
        &self.address
    }
}
