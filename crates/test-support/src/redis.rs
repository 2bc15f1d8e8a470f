//! Existing Redis servers.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The variable that names the server.
const SERVER: &str = "TEST_REDIS_URL";

/// The address of a Redis server, and how `redis-cli` reaches it.
#[derive(Debug, Clone)]
pub struct RedisAddress {
    url: String,
    authority: Option<PathBuf>,
}

impl RedisAddress {
    /// The servers that `TEST_REDIS_URL` names, separated by commas: none, one, or the nodes of a
    /// cluster.
    pub fn given() -> Vec<Self> {
        #[expect(
            clippy::disallowed_methods,
            reason = "a setting of the tests, not of the portal"
        )]
        let urls = std::env::var(SERVER).unwrap_or_default();
        let urls = urls.split(',').filter(|url| !url.is_empty());
        urls.map(|url| Self::from(url.to_owned())).collect()
    }

    /// One that speaks TLS, with the file of its authority's certificate.
    pub fn encrypted(url: String, authority: PathBuf) -> Self {
        Self {
            url,
            authority: Some(authority),
        }
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

    /// Whether the server can be used.
    pub fn responses(&self) -> bool {
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
