//! A shared chromedriver.

use std::net::{Ipv4Addr, TcpStream};
use std::process::Command;
use std::sync::OnceLock;

use crate::process::{OwnProcess, free_port, log_in, require, wait_until};

/// The address of a chromedriver that all tests of this process share. Each session is a Chromium
/// of its own, with a profile of its own.
pub fn shared() -> &'static str {
    static DRIVER: OnceLock<(String, OwnProcess)> = OnceLock::new();
    let (url, _) = DRIVER.get_or_init(start);
    url
}

fn start() -> (String, OwnProcess) {
    // The driver's client is built with the portal's own TLS, which has no provider by default; fails
    // if the process has one.
    let provider = tokio_rustls::rustls::crypto::ring::default_provider();
    let _is_first = provider.install_default();
    require("chromedriver", "chromium-driver");
    require("chromium", "chromium");
    // The shell that ends the driver with this process removes the folder as well.
    let folder = tempfile::tempdir().expect("a folder").keep();
    let log = log_in(&folder);
    let port = free_port();
    // Chromium asks these for its language, in whose order the parts of a date are typed.
    let mut program = Command::new("env");
    program
        .args(["LANGUAGE=en_US", "LC_ALL=C.UTF-8", "chromedriver"])
        .arg(format!("--port={port}"));
    let process = OwnProcess::start(&program, "TERM", &log);
    let address = (Ipv4Addr::LOCALHOST, port);
    wait_until(|| TcpStream::connect(address).is_ok(), &log);
    (format!("http://127.0.0.1:{port}"), process)
}
