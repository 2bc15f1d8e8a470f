//! Devices, their inventory, and loans of them.

use serde_json::{Value, json};

use crate::{Portal, failed, texts};

fn tally(created: u32, updated: u32, unchanged: u32, skipped: u32) -> Value {
    json!({ "created": created, "updated": updated, "unchanged": unchanged, "skipped": skipped })
}

fn add(portal: &Portal, organization: &str, hostname: &str, more: &[&str]) -> Value {
    let flags = [
        "--org",
        organization,
        "--hostname",
        hostname,
        "--os",
        "linux",
        "--os-version",
        "6",
    ];
    portal.json(&[&["device", "add"], &flags[..], more].concat())
}

#[test]
fn a_device_is_added_and_changed() {
    let portal = Portal::new();
    let acme = portal.organization("Acme");
    let added = add(
        &portal,
        &acme,
        "LAP-01",
        &["--display-name", "Spare", "--not-loanable"],
    );
    assert_eq!(
        (&added["hostname"], &added["displayName"]),
        (&json!("LAP-01"), &json!("Spare"))
    );
    assert_eq!(
        (&added["osType"], &added["osVersion"]),
        (&json!("linux"), &json!("6"))
    );
    assert_eq!(
        (&added["status"], &added["isLoanable"]),
        (&json!("offline"), &json!(false))
    );

    let changed = portal.json(&[
        "device",
        "update",
        "--org",
        &acme,
        "--hostname",
        "lap-01",
        "--display-name",
        "",
        "--status",
        "online",
        "--loanable",
        "true",
        "--last-seen-at",
        "2026-01-31T10:05:00+01:00",
    ]);
    assert_eq!(changed["id"], added["id"]);
    assert_eq!(
        (&changed["displayName"], &changed["status"]),
        (&Value::Null, &json!("online"))
    );
    assert_eq!(changed["isLoanable"], true);
    assert_eq!(changed["lastSeenAt"], "2026-01-31T09:05:00.000Z");
    assert_eq!(changed["osVersion"], "6");
    assert_eq!(
        portal.json(&["device", "list", "--org", &acme]),
        json!([changed])
    );
}

#[test]
fn the_list_has_more_devices_than_one_page() {
    let portal = Portal::new();
    portal.organization("Acme");
    let lines: Vec<String> = (0..205)
        .map(|n| format!("pc-{n},windows,11,{}", n % 2 == 0))
        .collect();
    let file = portal.file(
        "all.csv",
        &format!(
            "hostname,os_type,os_version,is_ephemeral\n{}\n",
            lines.join("\n")
        ),
    );
    assert_eq!(
        portal.json(&["device", "import", "--org", "acme", &file]),
        tally(205, 0, 0, 0)
    );
    let mut names = texts(
        &portal.json(&["device", "list", "--org", "acme"]),
        "hostname",
    );
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 205);
}

#[test]
fn importing_an_inventory_again_changes_only_what_differs() {
    let portal = Portal::new();
    portal.organization("Acme");
    let file = portal.file(
        "inventory.csv",
        "hostname,display_name,os_type,os_version,status,last_seen_at,is_ephemeral,is_loanable\r\n\
         lap-01,\"Spare, third floor\",macos,15.1,online,2026-01-31T09:05:00Z,false,false\r\n\
         ci-01,,linux,6.1,,,true,\r\n",
    );
    let import = ["device", "import", "--org", "acme", &file];
    assert_eq!(portal.json(&import), tally(2, 0, 0, 0));
    assert_eq!(portal.json(&import), tally(0, 0, 2, 0));

    let json = portal.file(
        "inventory.JSON",
        r#"[{"hostname": "LAP-01", "osType": "macos", "osVersion": "15.2", "isLoanable": true}]"#,
    );
    assert_eq!(
        portal.json(&["device", "import", "--org", "acme", &json]),
        tally(0, 1, 0, 0)
    );

    let devices = portal.json(&["device", "list", "--org", "acme"]);
    let (laptop, machine) = (&devices[0], &devices[1]);
    assert_eq!(
        (&laptop["hostname"], &laptop["osVersion"]),
        (&json!("lap-01"), &json!("15.2"))
    );
    assert_eq!(laptop["displayName"], "Spare, third floor");
    assert_eq!(
        (&laptop["status"], &laptop["isLoanable"]),
        (&json!("online"), &json!(true))
    );
    assert_eq!(
        (&machine["status"], &machine["isEphemeral"]),
        (&json!("offline"), &json!(true))
    );
    assert_eq!(machine["isLoanable"], true);
}

#[test]
fn a_file_with_bad_lines_is_not_imported_unless_they_are_skipped() {
    let portal = Portal::new();
    portal.organization("Acme");
    let file = portal.file(
        "inventory.csv",
        "hostname,os_type,os_version,status\n\
         lap-01,linux,6,online\n\
         lap-02,beos,5,asleep\n\
         LAP-01,linux,6,online\n",
    );
    let import = ["device", "import", "--org", "acme", &file];
    let stderr = failed(&portal.run(&import, ""), 1);
    let lines: Vec<&str> = stderr.lines().collect();
    assert_eq!(lines.len(), 4, "{stderr}");
    assert_eq!(
        lines[0],
        "line 3: os_type: must be one of windows, macos, linux"
    );
    assert!(
        lines[1].starts_with("line 3: status: must be one of online, "),
        "{stderr}"
    );
    assert_eq!(lines[2], "line 4: says the same as line 2");
    assert!(lines[3].starts_with("error: 2 of 3 lines of "), "{stderr}");
    assert_eq!(portal.json(&["device", "list", "--org", "acme"]), json!([]));

    let skipping = [&import[..], &["--skip-bad"]].concat();
    assert_eq!(portal.json(&skipping), tally(1, 0, 0, 2));
    let devices = portal.json(&["device", "list", "--org", "acme"]);
    assert_eq!(texts(&devices, "hostname"), ["lap-01"]);
}

#[test]
fn an_invalid_or_missing_inventory_file_is_one_error() {
    let portal = Portal::new();
    portal.organization("Acme");
    for (name, text, end) in [
        (
            "a.csv",
            "hostname;os_type\n",
            "the header lacks os_version; line 1 has \"hostname\", \"os_type\", separated by \
             semicolons; add or rename a column",
        ),
        ("b.json", "{}", "it must be an array"),
    ] {
        let file = portal.file(name, text);
        let sentence = portal.failure(&["device", "import", "--org", "acme", &file]);
        assert!(sentence.ends_with(end), "{sentence}");
    }
    let sentence = portal.failure(&["device", "import", "--org", "acme", "missing.csv"]);
    assert!(
        sentence.starts_with("missing.csv cannot be read: "),
        "{sentence}"
    );
}

#[test]
fn overdue_loans_are_listed_and_a_device_is_checked_in() {
    let portal = Portal::new();
    let acme = portal.organization("Acme");
    portal.user(&acme, "ada@acme.example");
    let device = crate::id(&add(&portal, &acme, "lap-01", &[]));
    add(&portal, &acme, "lap-02", &[]);
    portal.checkout(
        &acme,
        "ada@acme.example",
        "lap-01",
        Some("2020-01-01T00:00:00Z"),
    );
    portal.checkout(&acme, "ada@acme.example", "lap-02", None);

    let list = |more: &[&str]| {
        let loans = portal.json(&[&["checkout", "list", "--org", &acme], more].concat());
        texts(&loans, "hostname")
    };
    assert_eq!(list(&[]), ["lap-01", "lap-02"]);
    assert_eq!(list(&["--overdue"]), ["lap-01"]);

    let checkin = ["checkout", "checkin", "--org", &acme, "--device"];
    let returned = portal.json(&[&checkin[..], &[&device, "--condition", "dusty"]].concat());
    assert!(returned["checkedInAt"].is_string(), "{returned}");
    assert_eq!(returned["checkinCondition"], "dusty");
    assert_eq!(returned["overdue"], false);
    portal.json(&[&checkin[..], &["LAP-02"]].concat());
    assert!(list(&[]).is_empty());
    assert_eq!(
        portal.failure(&[&checkin[..], &["lap-02"]].concat()),
        "the device is not checked out"
    );
    assert_eq!(
        portal.failure(&[&checkin[..], &["lap-03"]].concat()),
        "the organization has no such device"
    );
}
