//! The programs of this release and of the one before, built from source.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use portal_test_support::fixtures::PREVIOUS_RELEASE;
use serde_json::Value;

/// The server of this release.
pub(crate) fn this_server() -> &'static Path {
    static SERVER: OnceLock<PathBuf> = OnceLock::new();
    SERVER.get_or_init(|| build(repository(), target(), &[]))
}

/// The server of the release before, as this repository's history has it. It is built once, which
/// takes minutes, in a folder of its own: Cargo takes files of the same place in another workspace
/// for the same ones.
pub(crate) fn previous_server() -> &'static Path {
    static SERVER: OnceLock<PathBuf> = OnceLock::new();
    SERVER.get_or_init(|| {
        let folder = target().join("previous-release").join(PREVIOUS_RELEASE);
        let source = folder.join("source");
        if !source.is_dir() {
            check_out(&source);
        }
        // It is not debugged, nor built again.
        let settings = [("CARGO_PROFILE_DEV_DEBUG", "0"), ("CARGO_INCREMENTAL", "0")];
        build(&source, &folder.join("target"), &settings)
    })
}

fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The folder of what Cargo builds.
fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap()
}

/// Puts the source of the release before into a folder, as a whole or not at all.
fn check_out(source: &Path) {
    let unfinished = tempfile::tempdir_in(target()).unwrap();
    let mut archive = Command::new("git")
        .arg("-C")
        .arg(repository())
        .args(["archive", PREVIOUS_RELEASE])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let unpacked = Command::new("tar")
        .arg("-xmC")
        .arg(unfinished.path())
        .stdin(archive.stdout.take().unwrap())
        .stderr(Stdio::null())
        .status();
    assert!(
        archive.wait().unwrap().success() && unpacked.unwrap().success(),
        "the release before, {PREVIOUS_RELEASE}, is not in this repository: clone it with its whole \
         history, or complete it with `git fetch --unshallow --tags`"
    );
    std::fs::create_dir_all(source.parent().unwrap()).unwrap();
    std::fs::rename(unfinished.keep(), source).unwrap();
}

/// Builds the server of a workspace, and says where it is.
fn build(workspace: &Path, target: &Path, settings: &[(&str, &str)]) -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    // What Cargo has told this test of its own package would make build scripts run again.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_MANIFEST_") || name.starts_with("CARGO_PKG_") {
            cargo.env_remove(&*name);
        }
    }
    let output = cargo
        .args(["build", "--quiet", "--locked", "--package", "portal-server"])
        .arg("--message-format=json-render-diagnostics")
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
