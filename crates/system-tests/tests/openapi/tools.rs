//! Programs that are no part of the portal.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder in which a test keeps what it installs and generates.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("openapi")
        .join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Copies files of the tests into a folder.
pub(crate) fn copy(from: &str, names: &[&str], to: &Path) {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/openapi")
        .join(from);
    for name in names {
        let target = to.join(name);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, fs::read(here.join(name)).unwrap()).unwrap();
    }
}

/// Does what `install` does, unless it was done for this very list.
pub(crate) fn install_once(folder: &Path, list: &str, install: impl FnOnce()) {
    let installed = folder.join("installed");
    let wanted = fs::read(folder.join(list)).unwrap();
    if fs::read(&installed).ok().as_ref() != Some(&wanted) {
        install();
        fs::write(installed, wanted).unwrap();
    }
}

/// Runs a program to its end, and gives what it printed.
pub(crate) fn run(program: impl AsRef<OsStr>, arguments: &[&str], folder: &Path) -> String {
    finish(Command::new(program).args(arguments).current_dir(folder)).0
}

/// Runs a command to its end, and gives what it printed to standard output and to standard error.
pub(crate) fn finish(command: &mut Command) -> (String, String) {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output();
    let output = output.unwrap_or_else(|error| {
        panic!("the tests need {name}: install the packages that the README lists ({error})")
    });
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{command:?}:\n{out}\n{err}");
    (out.into_owned(), err.into_owned())
}

/// [`finish`] for a program that calls the portal, which has to be served meanwhile.
pub(crate) async fn finish_served(mut command: Command) -> (String, String) {
    let finished = actix_web::rt::task::spawn_blocking(move || finish(&mut command));
    match finished.await {
        Ok(said) => said,
        Err(failed) => std::panic::resume_unwind(failed.into_panic()),
    }
}
