//! A TypeScript client: types by openapi-typescript, calls by openapi-fetch.

use std::fs;
use std::process::Command;

use portal_test_support::PASSWORD;
use serde_json::{Value, json};

use crate::portal::Portal;
use crate::tools::{copy, finish_served, folder, install_once, run};

#[actix_web::test]
async fn a_typescript_client_is_generated_and_calls_the_portal() {
    let folder = folder("typescript");
    let files = [
        "package.json",
        "package-lock.json",
        "tsconfig.json",
        "program.ts",
    ];
    copy("typescript", &files, &folder);
    install_once(&folder, "package-lock.json", || {
        run(
            "npm",
            &["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            &folder,
        );
    });

    let portal = Portal::start().await;
    let document = portal.document().await.to_string();
    fs::write(folder.join("openapi.json"), document).unwrap();
    // A field with a default may still be left out of a request.
    let generate = [
        "openapi.json",
        "--output",
        "portal.d.ts",
        "--default-non-nullable",
        "false",
    ];
    let programs = folder.join("node_modules/.bin");
    run(programs.join("openapi-typescript"), &generate, &folder);
    run(programs.join("tsc"), &[], &folder);

    let person = &portal.app.acme.ada.email;
    let mut program = Command::new("node");
    program.args(["program.js", &portal.url, person, PASSWORD]);
    program.current_dir(&folder);
    let (printed, _) = finish_served(program).await;
    let printed: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(
        printed,
        json!({
            "sentence": "Missing or invalid authorization header",
            "user": "ada@acme.example",
            "found": [["Printer", "urgent"]],
            "total": 1,
            "status": "new",
            "authorType": "portal",
            "comments": ["Hurry!"],
            "code": "TICKET_NOT_RESOLVED",
            "osType": "linux",
            "returnAt": null,
            "condition": "Like new",
            "locale": "de",
            "signedOut": true,
        })
    );
    portal.stop().await;
}
