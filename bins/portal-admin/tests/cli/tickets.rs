//! Tickets, which their number alone identifies.

use serde_json::{Value, json};

use crate::{Portal, id, texts};

const ADA: &str = "ada@acme.example";

/// A portal with the number of a ticket, and the organization of it.
fn portal_with_ticket() -> (Portal, String, String) {
    let portal = Portal::new();
    let acme = portal.organization("Acme");
    portal.user(&acme, ADA);
    let number = portal.ticket(&acme, ADA, "Printer");
    (portal, number, acme)
}

#[test]
fn a_ticket_is_triaged_assigned_answered_and_linked() {
    let (portal, number, acme) = portal_with_ticket();
    let run = |verb: &str, more: &[&str]| portal.json(&[&["ticket", verb, &number], more].concat());
    assert_eq!(
        run("triage", &["--priority", "urgent"])["priority"],
        "urgent"
    );
    assert_eq!(run("assign", &["--to", "Robin"])["assignedToName"], "Robin");
    let reply = run("reply", &["--author", "Robin", "--message", "On my way."]);
    assert_eq!(
        (&reply["authorType"], &reply["isPublic"]),
        (&json!("internal"), &json!(true))
    );
    let note = [
        "--author",
        "Robin",
        "--message",
        "Not again.\nSigh.",
        "--internal",
    ];
    assert_eq!(run("reply", &note)["isPublic"], false);
    assert_eq!(run("status", &["on_hold"])["status"], "on_hold");
    let url = "https://tracker.example/7";
    let linked = run("link", &["--external-id", "T-7", "--external-url", url]);
    assert_eq!(
        (&linked["externalTicketId"], &linked["externalTicketUrl"]),
        (&json!("T-7"), &json!(url))
    );
    assert_eq!(run("assign", &["--to", ""])["assignedToName"], Value::Null);
    let unlinked = run("link", &["--external-url", ""]);
    assert_eq!(
        (
            &unlinked["externalTicketId"],
            &unlinked["externalTicketUrl"]
        ),
        (&json!("T-7"), &Value::Null)
    );

    let ticket = run("show", &[]);
    assert_eq!(ticket["ticketNumber"], number.as_str());
    assert_eq!(ticket["orgId"], acme.as_str());
    assert_eq!(ticket["statusName"], "On hold");
    assert_eq!(ticket["description"], "It is on fire.");
    assert_eq!(
        texts(&ticket["comments"], "content"),
        ["Not again.\nSigh.", "On my way."]
    );

    let text = portal.text(&["ticket", "show", &number.to_lowercase()]);
    assert!(
        text.contains("Robin (internal note):\n  Not again.\n  Sigh.\n"),
        "{text}"
    );
    assert!(text.contains("Robin (internal):\n  On my way.\n"), "{text}");
}

#[test]
fn an_invalid_status_transition_is_refused() {
    let (portal, number, _) = portal_with_ticket();
    portal.json(&["ticket", "status", &number, "closed"]);
    assert_eq!(
        portal.failure(&["ticket", "status", &number, "pending"]),
        "a ticket cannot be moved from closed to pending"
    );
}

#[test]
fn a_deleted_ticket_is_not_found() {
    let (portal, number, acme) = portal_with_ticket();
    let deleted = portal.json(&["ticket", "delete", &number]);
    assert_eq!(
        deleted,
        json!({ "id": id(&deleted), "ticketNumber": number, "deleted": true })
    );
    assert_eq!(portal.json(&["ticket", "list", "--org", &acme]), json!([]));
    let sentence = portal.failure(&["ticket", "show", &number]);
    assert!(sentence.starts_with("there is no "), "{sentence}");
}

#[test]
fn the_list_is_filtered_by_organization_and_status() {
    let (portal, number, acme) = portal_with_ticket();
    let second = portal.ticket(&acme, ADA, "Scanner");
    portal.json(&["ticket", "status", &second, "open"]);
    let globex = portal.organization("Globex");
    let list = |organization: &str, more: &[&str]| {
        let tickets = portal.json(&[&["ticket", "list", "--org", organization], more].concat());
        texts(&tickets, "ticketNumber")
    };
    assert_eq!(list(&acme, &[]), [second.clone(), number.clone()]);
    assert_eq!(list(&acme, &["--status", "new"]), [number.as_str()]);
    assert_eq!(list(&acme, &["--status", "new,open"]), [second, number]);
    assert!(list(&acme, &["--status", "closed"]).is_empty());
    assert!(list(&globex, &[]).is_empty());
}

#[test]
fn colleagues_are_added_to_a_ticket_and_removed() {
    let (portal, number, acme) = portal_with_ticket();
    portal.user(&acme, "bob@acme.example");
    let participants = |more: &[&str]| {
        let command = ["ticket", "participants", number.as_str()];
        texts(&portal.json(&[&command[..], more].concat()), "email")
    };
    let bob = "bob@acme.example";
    assert!(participants(&[]).is_empty());
    assert_eq!(participants(&["--add", bob]), [bob]);
    assert_eq!(participants(&["--add", bob]), [bob]);
    let shown = portal.json(&["ticket", "show", &number]);
    assert_eq!(shown["participants"][0]["name"], bob);
    assert!(participants(&["--remove", bob]).is_empty());
    assert_eq!(
        portal.failure(&["ticket", "participants", &number, "--add", "x@acme.example"]),
        "there is no such colleague"
    );
}

#[test]
fn an_unknown_ticket_number_is_an_error_of_one_sentence() {
    let portal = Portal::new();
    assert_eq!(
        portal.failure(&["ticket", "show", "7KQ3MRXD"]),
        "there is no ticket 7KQ3MRXD"
    );
}
