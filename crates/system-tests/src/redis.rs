//! Redis servers and clusters.

mod cluster;

use std::path::Path;
use std::process::Command;

use portal_test_support::redis::RedisAddress;
use tempfile::TempDir;

pub use self::cluster::RedisCluster;
use crate::certificates::Certificates;
use crate::process::{OwnProcess, free_port, log_in, require, wait_until};

/// A Redis server of one test, on a free port. It keeps nothing on disk, and ends when it is
/// dropped.
pub struct RedisServer {
    address: RedisAddress,
    options: Vec<String>,
    process: Option<OwnProcess>,
    folder: TempDir,
}

impl RedisServer {
    /// One that lets everybody in.
    pub fn start() -> Self {
        let port = free_port();
        Self::with(
            folder(),
            format!("redis://127.0.0.1:{port}").into(),
            [format!("--port {port}")],
        )
    }

    /// One that wants a password, which its address has.
    pub fn with_password(password: &str) -> Self {
        let port = free_port();
        let url = format!("redis://default:{password}@127.0.0.1:{port}");
        Self::with(
            folder(),
            url.into(),
            [
                format!("--port {port}"),
                format!("--requirepass {password}"),
            ],
        )
    }

    /// One that speaks TLS only.
    pub fn with_tls() -> Self {
        let (folder, port) = (folder(), free_port());
        let certificates = Certificates::create(folder.path());
        let options = [
            "--port 0".to_owned(),
            format!("--tls-port {port}"),
            format!("--tls-cert-file {}", certificates.server.display()),
            format!("--tls-key-file {}", certificates.key.display()),
            format!("--tls-ca-cert-file {}", certificates.authority.display()),
            "--tls-auth-clients no".to_owned(),
        ];
        let url = format!("rediss://127.0.0.1:{port}");
        let address = RedisAddress::encrypted(url, certificates.authority);
        Self::with(folder, address, options)
    }

    fn with<const N: usize>(folder: TempDir, address: RedisAddress, options: [String; N]) -> Self {
        require_redis();
        let mut server = Self {
            address,
            options: options.into(),
            process: None,
            folder,
        };
        server.restart();
        server
    }

    /// Where it is.
    pub const fn address(&self) -> &RedisAddress {
        &self.address
    }

    /// Ends it at once, as `kill -9` does.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// Starts it anew, empty, at the same address; first ends it if it is running.
    pub fn restart(&mut self) {
        self.kill();
        let folder = self.folder.path();
        let program = program(folder, &self.options);
        self.process = Some(OwnProcess::start(&program, "KILL", &log_in(folder)));
        wait_until(|| self.address.responses(), &log_in(folder));
    }

    /// Stops it without ending it: connections stay open, and nothing is answered.
    pub fn freeze(&self) -> Frozen {
        let information = self.address.command(["INFO", "server"]);
        let process = information
            .lines()
            .find_map(|line| line.strip_prefix("process_id:"))
            .expect("a process id");
        let frozen = Frozen(process.trim().to_owned());
        frozen.signal("STOP");
        frozen
    }
}

/// A server that does not answer, until this is dropped.
pub struct Frozen(String);

impl Frozen {
    fn signal(&self, signal: &str) {
        let status = Command::new("kill")
            .args(["-s", signal, &self.0])
            .status()
            .expect("the program `kill`");
        assert!(status.success(), "kill: {status}");
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        self.signal("CONT");
    }
}

fn folder() -> TempDir {
    TempDir::new().expect("a temporary folder")
}

fn require_redis() {
    require("redis-server", "redis-server");
    require("redis-cli", "redis-tools");
}

/// The server, with options of the form `--name value`.
fn program(folder: &Path, options: impl IntoIterator<Item = impl AsRef<str>>) -> Command {
    let mut program = Command::new("redis-server");
    program.args(["--bind", "127.0.0.1", "--save", "", "--dir"]);
    program.arg(folder);
    for option in options {
        program.args(option.as_ref().splitn(2, ' '));
    }
    program
}
