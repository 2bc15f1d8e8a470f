//! Redis servers, and clusters of them.

mod cluster;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use tempfile::TempDir;

pub use self::cluster::RedisCluster;
use super::certificates::Certificates;
use super::process::{OwnProcess, free_port, log_in, require, wait_until};
use super::shared::{Recipe, SharedServer};

/// Names a Redis server that the tests shall use in place of one of their own.
const GIVEN_SERVER: &str = "TEST_REDIS_URL";

/// The one that all tests share, unless they are given one.
const SHARED: Recipe<RedisAddress> = Recipe {
    name: "redis",
    signal: "TERM",
    linger: Duration::from_secs(2),
    prepare: |folder| {
        let port = free_port();
        let url = format!("redis://127.0.0.1:{port}");
        let program = program(folder, [format!("--port {port}")]);
        (program, RedisAddress::from(url))
    },
    answers: RedisAddress::answers,
};

/// The address of a Redis server, and how `redis-cli` reaches it.
#[derive(Debug, Clone)]
pub struct RedisAddress {
    url: String,
    authority: Option<PathBuf>,
}

impl RedisAddress {
    /// The server that the tests share, which each uses under a key prefix of its own: the one that
    /// `TEST_REDIS_URL` names, else one that is started and ends with the last test.
    pub fn shared() -> Self {
        static SERVER: OnceLock<SharedServer<RedisAddress>> = OnceLock::new();
        #[expect(
            clippy::disallowed_methods,
            reason = "a setting of the tests, not of the portal"
        )]
        if let Ok(url) = std::env::var(GIVEN_SERVER) {
            return Self::from(url);
        }
        let server = SERVER.get_or_init(|| {
            require_redis();
            SHARED.share()
        });
        server.address.clone()
    }

    /// `redis://…` or `rediss://…`
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The file with the certificate of the authority that the server's is from, for `rediss://…`.
    pub fn authority(&self) -> Option<&Path> {
        self.authority.as_deref()
    }

    /// What `redis-cli` prints for a command, which must not fail.
    pub fn command(&self, command: impl IntoIterator<Item = impl AsRef<OsStr>>) -> String {
        let output = self.cli().args(command).output().expect("redis-cli");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "redis-cli: {errors}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn answers(&self) -> bool {
        let output = self.cli().arg("PING").output().expect("redis-cli");
        output.stdout.starts_with(b"PONG")
    }

    fn cli(&self) -> Command {
        let mut cli = Command::new("redis-cli");
        cli.args(["-e", "--no-auth-warning", "-u", &self.url]);
        if let Some(authority) = &self.authority {
            cli.arg("--cacert").arg(authority);
        }
        cli.stdin(Stdio::null());
        cli
    }
}

impl From<String> for RedisAddress {
    fn from(url: String) -> Self {
        Self {
            url,
            authority: None,
        }
    }
}

impl AsRef<str> for RedisAddress {
    fn as_ref(&self) -> &str {
        &self.url
    }
}

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
        let address = RedisAddress {
            url: format!("rediss://127.0.0.1:{port}"),
            authority: Some(certificates.authority),
        };
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
        wait_until(|| self.address.answers(), &log_in(folder));
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
    require("redis-server", "redis-server", Some(GIVEN_SERVER));
    require("redis-cli", "redis-tools", Some(GIVEN_SERVER));
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
