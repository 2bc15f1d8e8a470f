//! The server of the release before, built from source.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use portal_system_tests::build::{build_server, repository, target};
use portal_test_support::releases::PREVIOUS_RELEASE;

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
        build_server(&source, &folder.join("target"), &settings)
    })
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
