//! Builds the programs that tests start.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use serde_json::Value;

const SERVER: &str = "portal-server";

/// The `portal-server` of this workspace.
pub fn portal_server() -> PathBuf {
    static PROGRAM: LazyLock<PathBuf> =
        LazyLock::new(|| build_server(repository(), &target(), &[]));
    PROGRAM.clone()
}

/// The `portal-admin` of this workspace.
pub fn portal_admin() -> PathBuf {
    build("portal-admin", repository(), &target(), &[], &[])
}

/// The same, optimized as a release is, to measure it.
pub fn released_server() -> PathBuf {
    build(SERVER, repository(), &target(), &["--release"], &[])
}

/// This workspace.
pub fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Cargo's target folder, in which this test is `<profile>/deps/<name>`.
pub fn target() -> PathBuf {
    let test = std::env::current_exe().expect("the path of the test");
    test.ancestors().nth(3).expect("a target folder").to_owned()
}

/// Builds the server of a workspace, with the features that `cargo run` builds it with there, and
/// gives its path.
pub fn build_server(workspace: &Path, target: &Path, settings: &[(&str, &str)]) -> PathBuf {
    build(SERVER, workspace, target, &[], settings)
}

fn build(
    program: &str,
    workspace: &Path,
    target: &Path,
    arguments: &[&str],
    settings: &[(&str, &str)],
) -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    // What Cargo has told this test of its own package would make build scripts run again.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_MANIFEST_") || name.starts_with("CARGO_PKG_") {
            cargo.env_remove(&*name);
        }
    }
    let output = cargo
        .args(["build", "--quiet", "--locked", "--bin", program])
        .arg("--message-format=json-render-diagnostics")
        .args(arguments)
        .arg("--target-dir")
        .arg(target)
        .current_dir(workspace)
        .env("CARGO_BUILD_BUILD_DIR", target)
        .envs(settings.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {errors}", workspace.display());
    let messages = String::from_utf8(output.stdout).unwrap();
    let mut programs = messages.lines().filter_map(|line| {
        let message: Value = serde_json::from_str(line).unwrap();
        Some(PathBuf::from(message.get("executable")?.as_str()?))
    });
    programs.next().unwrap()
}
