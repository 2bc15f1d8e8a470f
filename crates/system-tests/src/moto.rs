//! moto, a server that speaks S3.

use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::process::{OwnProcess, free_port, log_in, wait_until};

/// A moto of one test, on a free port. It ends when it is dropped.
pub struct MotoServer {
    port: u16,
    _folder: TempDir,
    _process: OwnProcess,
}

impl MotoServer {
    /// Starts the program `moto_server` of a Python environment.
    pub fn start(environment: &Path) -> Self {
        let (folder, port) = (TempDir::new().expect("a temporary folder"), free_port());
        let mut command = Command::new(environment.join("bin/moto_server"));
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        let log = log_in(folder.path());
        let process = OwnProcess::start(&command, "KILL", &log);
        let answers = || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
        wait_until(answers, &log);
        Self {
            port,
            _folder: folder,
            _process: process,
        }
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}
