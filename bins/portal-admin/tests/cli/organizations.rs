//! Organizations, the audit log and the database itself.

use serde_json::{Value, json};

use crate::{Portal, id, texts};

#[test]
fn an_organization_is_created_disabled_and_enabled() {
    let portal = Portal::new();
    let acme = portal.json(&[
        "org",
        "create",
        "--name",
        "Acme & Sons",
        "--timezone",
        "Europe/Berlin",
    ]);
    let id = id(&acme);
    assert_eq!(
        acme,
        json!({
            "id": id,
            "name": "Acme & Sons",
            "slug": "acme-sons",
            "timezone": "Europe/Berlin",
            "status": "active",
        })
    );
    assert_eq!(portal.json(&["org", "list"]), json!([acme]));

    assert_eq!(
        portal.json(&["org", "disable", "--org", &id])["status"],
        "disabled"
    );
    assert_eq!(
        portal.json(&["org", "disable", "--org", "acme-sons"])["status"],
        "disabled"
    );
    assert_eq!(
        portal.json(&["org", "enable", "--org", "acme-sons"])["status"],
        "active"
    );
    let log = portal.json(&["audit", "list", "--org", &id]);
    assert_eq!(
        texts(&log, "action"),
        [
            "organization.enable",
            "organization.disable",
            "organization.create"
        ]
    );
    assert_eq!(texts(&log, "actorType"), ["system", "system", "system"]);
}

#[test]
fn the_audit_log_names_the_operator_and_the_author_of_a_reply() {
    let portal = Portal::new();
    let acme = portal.organization("Acme");
    portal.user(&acme, "ada@acme.example");
    let number = portal.ticket(&acme, "ada@acme.example", "Printer");
    portal.json(&["--as", "Otto Øst", "org", "disable", "--org", &acme]);
    portal.json(&["org", "enable", "--org", &acme, "--as", "Olga"]);
    portal.json(&["ticket", "status", &number, "open", "--as", "Olga"]);
    let reply = [
        "ticket",
        "reply",
        &number,
        "--author",
        "Robin",
        "--message",
        "On my way.",
    ];
    portal.json(&[&reply[..], &["--as", "Olga"]].concat());
    let name_of = |action: &str| {
        let log = portal.json(&["audit", "list", "--org", &acme, "--action", action]);
        log[0]["actorName"].clone()
    };
    assert_eq!(name_of("organization.disable"), "Otto Øst");
    assert_eq!(name_of("organization.enable"), "Olga");
    assert_eq!(name_of("ticket.status"), "Olga");
    assert_eq!(name_of("ticket.reply"), "Robin");
    assert_eq!(name_of("portal.ticket.create"), Value::Null);
    assert!(
        portal
            .text(&["audit", "list", "--org", &acme])
            .contains("Otto Øst")
    );
}

#[test]
fn the_operator_is_the_flag_the_variable_or_the_system_user() {
    for (flags, variables, name) in [
        (
            &["--as", "Olga"][..],
            &[("PORTAL_OPERATOR", "Otto")][..],
            "Olga",
        ),
        (
            &[],
            &[("PORTAL_OPERATOR", "Otto"), ("USER", "root")],
            "Otto",
        ),
        (&[], &[("PORTAL_OPERATOR", ""), ("USER", "olga")], "olga"),
        (&[], &[("LOGNAME", "otto")], "otto"),
    ] {
        let portal = Portal::new();
        let line = [&["org", "create", "--name", "Acme", "--verbose"][..], flags].concat();
        let output = portal.run_with(&line, variables, "");
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{stderr}");
        assert!(!stderr.contains("is not a setting"), "{stderr}");
        let log = portal.json(&["audit", "list", "--org", "acme"]);
        assert_eq!(texts(&log, "actorName"), [name]);
    }
    let portal = Portal::new();
    portal.organization("Acme");
    let log = portal.json(&["audit", "list", "--org", "acme"]);
    assert_ne!(texts(&log, "actorName"), [""], "there is always a name");
    let refused = portal.usage_error(&["org", "list", "--as", "a\nb"]);
    assert!(refused.contains("--as"), "{refused}");
}

#[test]
fn the_audit_log_is_filtered_by_action_time_and_limit() {
    let portal = Portal::new();
    let acme = portal.organization("Acme");
    portal.json(&["org", "disable", "--org", &acme]);
    let list = |more: &[&str]| {
        let log = portal.json(&[&["audit", "list", "--org", &acme], more].concat());
        texts(&log, "action")
    };
    assert_eq!(
        list(&["--action", "organization.create"]),
        ["organization.create"]
    );
    assert_eq!(list(&["--limit", "1"]), ["organization.disable"]);
    assert_eq!(list(&["--since", "2020-01-01T00:00:00Z"]).len(), 2);
    assert!(list(&["--since", "9000-01-01T00:00:00+02:00"]).is_empty());
}

#[test]
fn without_json_lists_are_tables_and_entities_are_lines() {
    let portal = Portal::new();
    let created = portal.text(&["org", "create", "--name", "Acme", "--slug", "a1"]);
    assert!(created.starts_with("id: "), "{created}");
    assert!(
        created.ends_with("name: Acme\nslug: a1\ntimezone: UTC\nstatus: active\n"),
        "{created}"
    );
    let list = portal.text(&["org", "list"]);
    assert!(list.contains("slug") && list.contains("Acme"), "{list}");
}

#[test]
fn migrating_a_second_time_does_nothing() {
    let portal = Portal::without_database();
    let first = portal.json(&["migrate"]);
    assert!(!first["applied"].as_array().unwrap().is_empty(), "{first}");
    assert_eq!(portal.json(&["migrate"]), json!({ "applied": [] }));
    assert_eq!(portal.text(&["migrate"]), "The database is up to date.\n");
}
