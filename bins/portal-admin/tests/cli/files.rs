//! Files of tickets.

use std::fs;

use portal_test_support::{DOUBT_ON_POSTGRES, DOUBT_ON_SQLITE};
use serde_json::json;

use crate::{Portal, texts};

const ADA: &str = "ada@acme.example";

fn portal_with_ticket() -> (Portal, String) {
    let portal = Portal::new();
    let acme = portal.organization("Acme");
    portal.user(&acme, ADA);
    let number = portal.ticket(&acme, ADA, "Printer");
    (portal, number)
}

#[test]
fn the_team_attaches_files_to_a_ticket() {
    let (portal, number) = portal_with_ticket();
    let manual = portal.file("manual.pdf", "%PDF-1.7");
    let log = portal.file("log.txt", "42");
    let reply = portal.json(&[
        "ticket", "attach", &number, &manual, &log, "--author", "Robin",
    ]);
    assert_eq!(reply["content"], "manual.pdf\nlog.txt");
    assert_eq!(
        (&reply["authorName"], &reply["isPublic"]),
        (&json!("Robin"), &json!(true))
    );
    assert_eq!(
        texts(&reply["attachments"], "fileName"),
        ["manual.pdf", "log.txt"]
    );
    assert_eq!(
        texts(&reply["attachments"], "contentType"),
        ["application/pdf", "text/plain"]
    );
    let note = ["--internal", "--message", "For us."];
    let note = portal.json(&[&["ticket", "attach", &number, &log][..], &note].concat());
    assert_eq!(
        (&note["content"], &note["isPublic"]),
        (&json!("For us."), &json!(false))
    );

    let shown = portal.json(&["ticket", "show", &number]);
    assert_eq!(shown["attachments"], json!([]));
    assert_eq!(shown["comments"][1]["attachments"], reply["attachments"]);
    let text = portal.text(&["ticket", "show", &number]);
    assert!(
        text.contains("  file manual.pdf (application/pdf, 8 bytes)\n"),
        "{text}"
    );

    let program = portal.file("setup.exe", "MZ");
    let refused = portal.failure(&["ticket", "attach", &number, &log, &program]);
    assert!(
        refused.ends_with("Files that run when they are opened are not accepted"),
        "{refused}"
    );
    let missing = portal.failure(&["ticket", "attach", &number, "nowhere.txt"]);
    assert!(missing.starts_with("nowhere.txt: "), "{missing}");
    let shown = portal.json(&["ticket", "show", &number]);
    assert_eq!(shown["comments"].as_array().unwrap().len(), 2);

    let checked = portal.json(&["files", "check", "--repair"]);
    assert_eq!(checked[0]["organization"], "acme");
    assert_eq!(checked[0]["files"], 3);
    for nothing in ["lost", "orphans"] {
        assert_eq!(checked[0][nothing], json!([]));
    }
    assert_eq!(checked[0]["repaired"], false);
}

#[test]
fn the_text_of_a_reply_names_its_files() {
    let (portal, number) = portal_with_ticket();
    let (a, b) = (portal.file("a.txt", "1"), portal.file("b.txt", "2"));
    let text = portal.text(&["ticket", "attach", &number, &a, &b]);
    assert!(text.ends_with("\nattachments: a.txt, b.txt\n"), "{text}");
    let reply = ["--author", "Robin", "--message", "On my way."];
    let text = portal.text(&[&["ticket", "reply", &number][..], &reply].concat());
    assert!(text.starts_with("id: "), "{text}");
    assert!(text.contains("\ncontent: On my way.\n"), "{text}");
    assert!(text.ends_with("\nattachments: -\n"), "{text}");
}

/// How many files there are in the store.
fn stored(portal: &Portal) -> usize {
    let organizations = fs::read_dir(portal.folder.path().join("data/files")).unwrap();
    let folders = organizations.map(|folder| folder.unwrap().path());
    folders
        .map(|folder| fs::read_dir(folder).unwrap().count())
        .sum()
}

#[test]
fn bytes_stay_when_nobody_knows_whether_their_rows_are_there() {
    let (portal, number) = portal_with_ticket();
    let log = portal.file("log.txt", "42");
    portal.tamper(if portal.postgres.is_some() {
        DOUBT_ON_POSTGRES
    } else {
        DOUBT_ON_SQLITE
    });
    portal.failure(&["ticket", "attach", &number, &log]);
    assert_eq!(stored(&portal), 1);
    // What is refused before leaves none.
    let program = portal.file("setup.exe", "MZ");
    portal.failure(&["ticket", "attach", &number, &log, &program]);
    assert_eq!(stored(&portal), 1);
}
