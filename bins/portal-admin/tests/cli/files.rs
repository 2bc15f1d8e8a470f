//! Files of tickets.

use std::fs;

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
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (manual, log) = (path("manual.pdf", b"%PDF-1.7"), path("log.txt", b"42"));
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

    let program = path("setup.exe", b"MZ");
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
