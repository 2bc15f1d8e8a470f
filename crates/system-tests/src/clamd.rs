//! `clamd` of `ClamAV`, which knows one signature: of the tests' own.

use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::process::{OwnProcess, free_port, log_in, require, wait_until};

/// What a file has in it that the scanner finds.
pub const MALICIOUS: &str = "this is our own test signature";

/// The name of what it then finds.
pub const SIGNATURE: &str = "Portal.Test.Signature.UNOFFICIAL";

/// A `clamd` of one test, on a free port and a socket. It ends when it is dropped.
pub struct ClamdServer {
    port: u16,
    folder: TempDir,
    _process: OwnProcess,
}

impl ClamdServer {
    /// Debian's, with these lines in its settings.
    pub fn start(settings: &str) -> Self {
        require("/usr/sbin/clamd", "clamav-daemon");
        let (folder, port) = (TempDir::new().expect("a temporary folder"), free_port());
        let open_to_all = Permissions::from_mode(0o755);
        fs::set_permissions(folder.path(), open_to_all).expect("a folder for the server");
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("signatures")).expect("a folder for signatures");
        let mut hexadecimal = String::new();
        for byte in MALICIOUS.bytes() {
            write!(hexadecimal, "{byte:02x}").expect("a text");
        }
        let signature = format!("Portal.Test.Signature:0:*:{hexadecimal}\n");
        fs::write(path("signatures/test.ndb"), signature).expect("a file of signatures");
        let text = format!(
            "Foreground yes\nTCPSocket {port}\nTCPAddr 127.0.0.1\nLocalSocket {}\n\
             DatabaseDirectory {}\nTemporaryDirectory {}\n{settings}\n",
            path("clamd.sock").display(),
            path("signatures").display(),
            folder.path().display(),
        );
        fs::write(path("clamd.conf"), text).expect("a file of settings");
        let mut command = Command::new("/usr/sbin/clamd");
        command.arg("--config-file").arg(path("clamd.conf"));
        let log = log_in(folder.path());
        let process = OwnProcess::start(&command, "KILL", &log);
        let answers = || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
        wait_until(answers, &log);
        Self {
            port,
            folder,
            _process: process,
        }
    }

    /// Its address, by TCP.
    pub fn tcp(&self) -> String {
        format!("tcp://127.0.0.1:{}", self.port)
    }

    /// Its address, by a socket.
    pub fn socket(&self) -> String {
        format!(
            "unix:{}",
            Path::new(self.folder.path()).join("clamd.sock").display()
        )
    }
}
