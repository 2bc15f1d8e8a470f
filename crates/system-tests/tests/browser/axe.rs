//! The accessibility scan: axe-core, from npm.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

use crate::browser::Browser;

/// The rules of WCAG 2.2, levels A and AA, and what axe holds for good practice.
const RUN: &str = r#"
const tell = arguments[arguments.length - 1];
const runOnly = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
axe.run(document, { runOnly, resultTypes: ["violations"] }).then(
  ({ violations }) => tell(violations.map(({ id, help, nodes }) =>
    ({ id, help, nodes: nodes.map(({ html, failureSummary }) => `${html}: ${failureSummary}`) }))),
  (error) => tell([{ id: "axe", help: String(error), nodes: [] }]),
);
"#;

/// Makes sure that axe finds nothing on the page.
pub(crate) async fn assert_accessible(browser: &Browser, page: &str) {
    let driver = &browser.driver;
    driver.execute(source(), Vec::new()).await.unwrap();
    let found = driver.execute_async(RUN, Vec::new()).await.unwrap();
    let found = found.json();
    let none = found.as_array().is_some_and(Vec::is_empty);
    assert!(none, "{page}: {}", pretty(found));
}

fn pretty(found: &Value) -> String {
    serde_json::to_string_pretty(found).unwrap()
}

/// The scanner, installed by npm where it is not there yet: in the version of the lock file beside
/// this one, whose checksum npm verifies.
fn source() -> &'static str {
    static SOURCE: OnceLock<String> = OnceLock::new();
    SOURCE.get_or_init(|| {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("npm");
        let lock = fs::read(here.join("package-lock.json")).unwrap();
        let scanner = folder.join("node_modules/axe-core/axe.min.js");
        let installed = fs::read(folder.join("package-lock.json")).ok();
        if installed.as_ref() != Some(&lock) || !scanner.exists() {
            fs::create_dir_all(&folder).unwrap();
            fs::copy(here.join("package.json"), folder.join("package.json")).unwrap();
            install(&folder, &lock);
        }
        fs::read_to_string(scanner).unwrap()
    })
}

fn install(folder: &Path, lock: &[u8]) {
    fs::write(folder.join("package-lock.json"), lock).unwrap();
    let npm = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(folder)
        .output();
    let npm = npm.unwrap_or_else(|error| {
        panic!("the tests need npm, for axe-core: install Debian's package `npm` ({error})")
    });
    let said = String::from_utf8_lossy(&npm.stderr);
    assert!(npm.status.success(), "npm ci: {said}");
}
