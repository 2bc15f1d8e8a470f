//! Schemathesis: requests that the document allows have to be accepted, those that it forbids refused,
//! and every answer has to be one that the document knows.
//!
//! `schemathesis/hooks.py` names what no schema can say.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use portal_test_support::PASSWORD;

use crate::portal::Portal;
use crate::tools::{copy, finish_served, folder, install_once, run};

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

/// Runs schemathesis against a portal of its own.
async fn hold_against_the_document(arguments: &[&str]) {
    let folder = installed();
    let portal = Portal::start().await;
    let mut schemathesis = Command::new(folder.join("venv/bin/schemathesis"));
    schemathesis
        .current_dir(folder)
        .args(["run", "--no-color"])
        .args(arguments)
        .arg(format!("{}/api/v1/portal/openapi.json", portal.url))
        .env("PORTAL_URL", &portal.url)
        .env("PORTAL_PASSWORD", PASSWORD);
    finish_served(schemathesis).await;
    portal.stop().await;
}

#[actix_web::test]
async fn what_the_document_allows_is_accepted() {
    let phases = ["--phases", "examples,coverage,fuzzing"];
    hold_against_the_document(&[&["--mode", "positive"], &phases[..]].concat()).await;
}

#[actix_web::test]
async fn what_the_document_forbids_is_refused() {
    let phases = ["--phases", "coverage,fuzzing"];
    hold_against_the_document(&[&["--mode", "negative"], &phases[..]].concat()).await;
}

#[actix_web::test]
async fn what_one_operation_answers_is_good_for_another() {
    hold_against_the_document(&["--mode", "all", "--phases", "stateful"]).await;
}
