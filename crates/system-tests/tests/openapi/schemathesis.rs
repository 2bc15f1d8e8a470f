//! Schemathesis: requests that the document allows have to be accepted, those that it forbids refused,
//! and every answer has to be one that the document knows.
//!
//! `schemathesis/hooks.py` names what no schema can say.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use portal_test_support::PASSWORD;

use crate::portal::Portal;
use crate::tools::{copy, finish_served, folder, install_once, run};

/// Who tries to change a password: each a few times, as attempts are limited by user.
const GUESTS: u32 = 50;

/// The folder with schemathesis and its settings.
fn installed() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = folder("schemathesis");
        let files = ["requirements.txt", "schemathesis.toml", "hooks.py"];
        copy("schemathesis", &files, &folder);
        install_once(&folder, "requirements.txt", || {
            run("python3", &["-m", "venv", "--clear", "venv"], &folder);
            let install = ["install", "--quiet", "--requirement", "requirements.txt"];
            run(folder.join("venv/bin/pip"), &install, &folder);
        });
        folder
    })
}

/// Runs schemathesis against a portal of its own. What it did is in a file of this name.
async fn hold_against_the_document(name: &str, arguments: &[&str]) {
    let folder = installed();
    let portal = Portal::start().await;
    for number in 0..GUESTS {
        let email = format!("guest-{number}@acme.example");
        portal.app.person(portal.app.acme.id, &email).await;
    }
    let mut schemathesis = Command::new(folder.join("venv/bin/schemathesis"));
    schemathesis
        .current_dir(folder)
        .args(["run", "--no-color"])
        .args(arguments)
        .arg(format!("{}/api/v1/portal/openapi.json", portal.url))
        .env("PORTAL_URL", &portal.url)
        .env("PORTAL_PASSWORD", PASSWORD)
        .env("PORTAL_GUESTS", GUESTS.to_string());
    let (report, _) = finish_served(schemathesis).await;
    fs::write(folder.join(name).with_extension("txt"), report).unwrap();
    portal.stop().await;
}

#[actix_web::test]
async fn what_the_document_allows_is_accepted() {
    let phases = "examples,coverage,fuzzing";
    let arguments = ["--mode", "positive", "--phases", phases];
    hold_against_the_document("positive", &arguments).await;
}

#[actix_web::test]
async fn what_the_document_forbids_is_refused() {
    let arguments = ["--mode", "negative", "--phases", "coverage,fuzzing"];
    hold_against_the_document("negative", &arguments).await;
}

#[actix_web::test]
async fn what_one_operation_answers_is_good_for_another() {
    let arguments = ["--mode", "all", "--phases", "stateful"];
    hold_against_the_document("stateful", &arguments).await;
}
