//! A Rust client, by oas3-gen.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use portal_test_support::PASSWORD;

use crate::portal::Portal;
use crate::tools::{copy, finish, finish_served, folder};

/// The version that `rust/Cargo.toml` has of the generator's library.
const GENERATOR: &str = "oas3-gen@0.29.0";

/// The generator, built where that has not been done yet, with the dependencies that it was
/// published with.
fn generator() -> PathBuf {
    let folder = folder("tools");
    finish(
        cargo()
            .args(["install", GENERATOR, "--locked", "--debug", "--root"])
            .arg(&folder),
    );
    folder.join("bin/oas3-gen")
}

/// Cargo, building into a folder of its own, as little as is needed.
fn cargo() -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .arg("--quiet")
        .env("CARGO_TARGET_DIR", folder("build"))
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_PROFILE_DEV_DEBUG", "false");
    cargo
}

/// Puts right what oas3-gen gets wrong: it takes the items of a list that is separated by commas for
/// strings, and what it makes of enums does not compile.
fn mend(types: &str) -> String {
    let mut mended = types.to_owned();
    for (field, item) in [("status", "TicketStatus"), ("priority", "TicketPriority")] {
        let declared =
            |separated: &str| format!("{separated}>\")]\n    pub {field}: Option<Vec<{item}>>");
        let wrong = declared("oas3_gen_support::StringWithCommaSeparator");
        assert!(mended.contains(&wrong), "oas3-gen has been mended: {field}");
        let right = format!(
            "serde_with::StringWithSeparator::<serde_with::formats::CommaSeparator, {item}>"
        );
        mended = mended.replace(&wrong, &declared(&right));
    }
    mended
}

#[actix_web::test]
async fn a_rust_client_is_generated_and_calls_the_portal() {
    let folder = folder("rust");
    copy(
        "rust",
        &["Cargo.toml", "Cargo.lock", "src/main.rs"],
        &folder,
    );
    let portal = Portal::start().await;
    let document = portal.document().await.to_string();
    fs::write(folder.join("openapi.json"), document).unwrap();

    let mut generate = Command::new(generator());
    let arguments = [
        "generate",
        "client-mod",
        "--input",
        "openapi.json",
        "--output",
        "src/portal",
    ];
    generate
        .args(arguments)
        .args(["--api-name", "Portal", "--quiet"]);
    let (_, warnings) = finish(generate.current_dir(&folder));
    assert_eq!(warnings, "", "oas3-gen has to leave something out");

    let types = folder.join("src/portal/types.rs");
    let generated = fs::read_to_string(&types).unwrap();
    fs::write(&types, mend(&generated)).unwrap();

    let mut program = cargo();
    program.args(["run", "--locked", "--", &portal.url]);
    program.args([&portal.app.acme.ada.email, PASSWORD]);
    program.current_dir(&folder);
    let (printed, _) = finish_served(program).await;
    assert_eq!(printed, "Printer: Only a resolved ticket can be closed\n");
    portal.stop().await;
}
