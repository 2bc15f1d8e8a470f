//! Files of spreadsheets: read as they are written, and written so that they are read again.

use std::fs;
use std::path::Path;
use std::thread;

use portal_domain::profiles::record_sign_in;
use serde_json::{Value, json};

use crate::{Portal, failed, text, texts};

fn tally(created: u32, updated: u32, unchanged: u32, skipped: u32) -> Value {
    json!({ "created": created, "updated": updated, "unchanged": unchanged, "skipped": skipped })
}

/// An import's counts, and what it says on standard error.
fn import(portal: &Portal, noun: &str, file: &str, more: &[&str]) -> (Value, String) {
    let arguments = [noun, "import", "--org", "acme", file, "--json"];
    let output = portal.run(&[&arguments[..], more].concat(), "");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
    (serde_json::from_slice(&output.stdout).unwrap(), stderr)
}

fn names(portal: &Portal, noun: &str, key: &str) -> Vec<String> {
    texts(&portal.json(&[noun, "list", "--org", "acme"]), key)
}

fn utf_16(text: &str) -> Vec<u8> {
    let units = text.encode_utf16().flat_map(u16::to_le_bytes);
    [0xff, 0xfe].into_iter().chain(units).collect()
}

#[test]
fn files_of_spreadsheets_are_read() {
    let portal = Portal::new();
    portal.organization("Acme");
    let semicolons = "E-Mail;Name;Sprache\r\nmax@x.test;\"Müller; Max\";DE\r\n;;\r\n";
    let windows = [&b"E-Mail;Name\r\nmax@x.test;\"M\xfcller; Max\"\r\n"[..]].concat();
    let tabs = "E-Mail-Adresse\tVollständiger Name\r\nmax@x.test\tMüller; Max\r\n";
    for (name, bytes, said) in [
        ("german.csv", semicolons.as_bytes().to_vec(), ""),
        (
            "excel.csv",
            format!("\u{feff}sep=;\r\n{semicolons}").into_bytes(),
            "",
        ),
        ("unicode.txt", utf_16(tabs), ""),
        (
            "windows.csv",
            windows,
            "is not UTF-8 and was read as windows-1252\n",
        ),
        (
            "numbers.json",
            r#"[{"E-Mail": " max@x.test\u00a0", "fullName": "Müller; Max"}]"#.into(),
            "",
        ),
        (
            "more.csv",
            "First Name,Mail,full_name,Seriennummer,\n,max@x.test,\"Müller; Max\",1,\n".into(),
            "ignored columns: \"First Name\", \"Seriennummer\"\n",
        ),
    ] {
        let file = portal.bytes(name, &bytes);
        let (counts, stderr) = import(&portal, "user", &file, &[]);
        let expected = if name == "german.csv" {
            tally(1, 0, 0, 0)
        } else {
            tally(0, 0, 1, 0)
        };
        assert_eq!(counts, expected, "{name}");
        assert!(
            stderr.ends_with(said) && stderr.lines().count() <= 1,
            "{name}: {stderr}"
        );
        assert_eq!(stderr.is_empty(), said.is_empty(), "{name}: {stderr}");
    }
    let users = portal.json(&["user", "list", "--org", "acme"]);
    assert_eq!(users[0]["locale"], "de");
    assert_eq!(texts(&users, "name"), ["Müller; Max"]);
}

#[test]
fn what_cannot_be_read_is_refused_as_a_whole_with_one_sentence() {
    let portal = Portal::new();
    portal.organization("Acme");
    for (bytes, sentence) in [
        (
            &b"PK\x03\x04"[..],
            "it is a workbook, not a text file; save it as CSV",
        ),
        (b"email\nmax@x.test\0\n", "save it as CSV"),
        (
            b"email,name\na@x.test,A\nb@x.test,\"B\nc@x.test,C\n",
            "the quote in line 3 is not closed",
        ),
        (
            b"email,name,E-Mail\n",
            "are both read as email; remove or rename one",
        ),
        (
            b"Vorname;Nachname\nMax;M\n",
            "the header lacks email; line 1 has \"Vorname\", \"Nachname\", separated by semicolons",
        ),
    ] {
        let file = portal.bytes("users.csv", bytes);
        for more in [&[][..], &["--skip-bad"]] {
            let arguments = ["user", "import", "--org", "acme", &file];
            let said = portal.failure(&[&arguments[..], more].concat());
            assert!(said.contains(sentence), "{said}");
        }
    }
    assert_eq!(portal.json(&["user", "list", "--org", "acme"]), json!([]));
}

#[test]
fn words_are_read_in_any_case_and_numbers_only_where_they_are_exact() {
    let portal = Portal::new();
    portal.organization("Acme");
    let file = portal.file(
        "inventory.csv",
        "Gerätename;Betriebssystem;OS-Version;Status;Ausleihbar\n\
         pc-1;Windows;11;Online;FALSCH\npc-2;macOS;15;;WAHR\n",
    );
    let (counts, stderr) = import(&portal, "device", &file, &[]);
    assert_eq!((counts, stderr), (tally(2, 0, 0, 0), String::new()));
    let devices = portal.json(&["device", "list", "--org", "acme"]);
    let first = devices
        .as_array()
        .unwrap()
        .iter()
        .find(|device| device["hostname"] == "pc-1");
    let first = first.unwrap();
    assert_eq!(
        (&first["osType"], &first["status"]),
        (&json!("windows"), &json!("online"))
    );
    assert_eq!(first["isLoanable"], false);

    let file = portal.file(
        "inventory.json",
        r#"[{"hostname": "pc-3", "osType": "linux", "osVersion": 22.10},
            {"hostname": 17, "osType": "Linux", "osVersion": "22.10"}]"#,
    );
    let (counts, stderr) = import(&portal, "device", &file, &["--skip-bad"]);
    assert_eq!(counts, tally(1, 0, 0, 1));
    assert_eq!(
        stderr,
        "item 1: os_version: this number must stand in quotes\n"
    );
    assert!(names(&portal, "device", "hostname").contains(&"17".to_owned()));
}

#[test]
fn an_address_with_an_invisible_character_is_refused_by_its_name() {
    let portal = Portal::new();
    portal.organization("Acme");
    let file = portal.file(
        "users.csv",
        "email\n\u{200b}ada@x.test\u{a0}\nb\u{202a}ob@x.test\n",
    );
    let import = ["user", "import", "--org", "acme", &file];
    let stderr = failed(&portal.run(&import, ""), 1);
    let first = stderr.lines().next().unwrap();
    assert_eq!(
        first,
        "line 3: email: must be a valid e-mail address (it has a mark of writing direction, \
         U+202A, which must be removed)"
    );
    portal.json(&[&import[..], &["--skip-bad"]].concat());
    assert_eq!(names(&portal, "user", "email"), ["ada@x.test"]);
}

#[test]
fn what_a_person_calls_the_same_name_is_one_device() {
    let portal = Portal::new();
    portal.organization("Acme");
    let add = |hostname: &str| {
        let system = [
            "--os",
            "Windows",
            "--os-version",
            " 11 ",
            "--hostname",
            hostname,
        ];
        portal.run(
            &[&["device", "add", "--org", "acme"], &system[..]].concat(),
            "",
        )
    };
    assert!(add(" Büro-1\u{a0}").status.success());
    let taken = failed(&add("bu\u{308}ro-1"), 1);
    assert!(taken.contains("already has a device called"), "{taken}");
    for name in [
        "Büro-1",
        "Bu\u{308}ro-1",
        "\u{200b}BÜRO-1\u{a0}",
        "Bü\u{ad}ro-1",
    ] {
        let csv = format!("hostname,os_type,os_version\n{name},windows,11\n");
        let file = portal.file("inventory.csv", &csv);
        assert_eq!(
            import(&portal, "device", &file, &[]).0,
            tally(0, 0, 1, 0),
            "{name:?}"
        );
    }
    assert_eq!(names(&portal, "device", "hostname"), ["Büro-1"]);
}

#[test]
fn a_device_of_an_earlier_release_is_found_without_its_invisible_characters() {
    let portal = Portal::new();
    portal.organization("Acme");
    let add = |hostname: &str| {
        let system = ["--os", "linux", "--os-version", "6", "--hostname", hostname];
        portal.run(
            &[&["device", "add", "--org", "acme"], &system[..]].concat(),
            "",
        )
    };
    assert!(add("PC-1").status.success());
    portal.tamper("UPDATE devices SET hostname = 'PC-1\u{a0}', hostname_key = 'pc-1\u{a0}'");
    assert!(failed(&add("PC-1"), 1).contains("already has a device"));
    let file = portal.file(
        "inventory.csv",
        "hostname,os_type,os_version\npc-1,linux,7\n",
    );
    assert_eq!(import(&portal, "device", &file, &[]).0, tally(0, 1, 0, 0));
    assert_eq!(import(&portal, "device", &file, &[]).0, tally(0, 0, 1, 0));
}

#[test]
fn a_dry_run_counts_but_writes_nothing() {
    let portal = Portal::new();
    portal.organization("Acme");
    let file = portal.file("users.csv", "email,name\nada@x.test,Ada\nbob@x.test,Bob\n");
    let dry = "nothing was written, because this is a dry run\n".to_owned();
    let expected = (tally(2, 0, 0, 0), dry.clone());
    assert_eq!(import(&portal, "user", &file, &["--dry-run"]), expected);
    assert_eq!(portal.json(&["user", "list", "--org", "acme"]), json!([]));
    assert_eq!(portal.json(&["mail", "list"]), json!([]));
    import(&portal, "user", &file, &[]);
    portal.file(
        "users.csv",
        "email,name\nada@x.test,Ada L\nbob@x.test,Bob\neve@x.test,Eve\nx,X\n",
    );
    let arguments = ["user", "import", "--org", "acme", &file, "--dry-run"];
    assert!(failed(&portal.run(&arguments, ""), 1).starts_with("line 5: email: "));
    let (counts, _) = import(&portal, "user", &file, &["--dry-run", "--skip-bad"]);
    assert_eq!(counts, tally(1, 1, 1, 1));
    assert_eq!(names(&portal, "user", "name"), ["Ada", "Bob"]);
}

#[test]
fn imports_of_devices_at_the_same_time_succeed() {
    let portal = &Portal::new();
    portal.organization("Acme");
    let mut lines: Vec<_> = (0..100).map(|n| format!("pc-{n},linux,6\n")).collect();
    let file = |name: &str, lines: &[String]| {
        portal.file(
            name,
            &format!("hostname,os_type,os_version\n{}", lines.concat()),
        )
    };
    let first = file("a.csv", &lines);
    lines.reverse();
    let files = [first.clone(), first, file("b.csv", &lines)];
    let counts = thread::scope(|scope| {
        let imports = files
            .each_ref()
            .map(|file| scope.spawn(move || import(portal, "device", file, &[]).0));
        imports.map(|import| import.join().unwrap())
    });
    let sum = |key: &str| {
        counts
            .iter()
            .map(|counts| counts[key].as_u64().unwrap())
            .sum::<u64>()
    };
    assert_eq!(
        (sum("created"), sum("updated"), sum("unchanged")),
        (100, 0, 200)
    );
}

#[test]
fn imports_at_the_same_time_and_beside_sign_ins_succeed() {
    const LINES: usize = 120;
    let portal = &Portal::new();
    let acme = &portal.organization("Acme");
    portal.user(acme, "ada@x.test");
    let lines = |from: usize, order: fn(&mut Vec<String>)| {
        let mut users: Vec<_> = (from..LINES)
            .map(|n| format!("u{n}@x.test,U{n}\n"))
            .collect();
        order(&mut users);
        format!("email,name\n{}", users.concat())
    };
    let files = [
        portal.file("a.csv", &lines(0, |_| {})),
        portal.file("b.csv", &lines(0, |_| {})),
        portal.file("c.csv", &lines(0, |users| users.reverse())),
    ];
    let counts = thread::scope(|scope| {
        let imports = files
            .each_ref()
            .map(|file| scope.spawn(move || import(portal, "user", file, &[]).0));
        while imports.iter().any(|import| !import.is_finished()) {
            portal.act(acme, "ada@x.test", async |op| {
                record_sign_in(op).await.unwrap();
            });
        }
        imports.map(|import| import.join().unwrap())
    });
    let sum = |key: &str| {
        counts
            .iter()
            .map(|counts| counts[key].as_u64().unwrap())
            .sum::<u64>()
    };
    assert_eq!(
        (sum("created"), sum("updated"), sum("unchanged")),
        (120, 0, 240)
    );
    assert_eq!(
        portal.json(&["mail", "list"]).as_array().unwrap().len(),
        LINES
    );
}

fn exported(portal: &Portal, noun: &str, name: &str) -> (String, String) {
    let file = portal.file(name, "");
    let written = portal.json(&[noun, "export", "--org", "acme", &file]);
    let count = written.get("exported").and_then(Value::as_u64);
    assert!(count > Some(0), "{written}");
    let text = fs::read_to_string(Path::new(&file)).unwrap();
    (file, text)
}

#[test]
fn an_export_of_users_is_read_back_as_it_was_written() {
    let portal = Portal::new();
    let acme = portal.organization("Acme");
    for (email, name) in [
        ("a@x.test", "=HYPERLINK(\"http://x.test\")"),
        ("b@x.test", "'+1; \"x\", y"),
        ("c@x.test", "  @Ada\u{a0}"),
        ("d@x.test", "Grüße 👩\u{200d}🚀"),
        ("+e@x.test", "'tis"),
    ] {
        portal.json(&[
            "user", "create", "--org", "acme", "--email", email, "--name", name,
        ]);
    }
    portal.user(&acme, "f@x.test");
    let before = portal.json(&["user", "list", "--org", "acme"]);
    for name in ["users.csv", "users.json"] {
        let (file, text) = exported(&portal, "user", name);
        if name == "users.csv" {
            assert!(
                text.starts_with("\u{feff}email,name,role,locale,status,"),
                "{text}"
            );
            assert!(text.contains("\n'+e@x.test,'tis,"), "{text}");
            assert!(
                text.contains(",\"'=HYPERLINK(\"\"http://x.test\"\")\","),
                "{text}"
            );
        }
        let (counts, stderr) = import(&portal, "user", &file, &[]);
        assert_eq!(counts, tally(0, 0, 6, 0), "{stderr}");
        assert!(
            stderr.starts_with("ignored columns: \"status\", "),
            "{stderr}"
        );
    }
    assert_eq!(portal.json(&["user", "list", "--org", "acme"]), before);

    // Into another organization, everything comes as it was.
    portal.organization("Globex");
    let (file, _) = exported(&portal, "user", "users.csv");
    portal.json(&["user", "import", "--org", "globex", &file]);
    let copy = portal.json(&["user", "list", "--org", "globex"]);
    let trimmed = |list: &Value| -> Vec<Option<String>> {
        let names = list
            .as_array()
            .unwrap()
            .iter()
            .map(|user| user["name"].as_str());
        names
            .map(|name| name.map(|name| name.trim().to_owned()))
            .collect()
    };
    assert_eq!(texts(&copy, "email"), texts(&before, "email"));
    assert_eq!(trimmed(&copy), trimmed(&before));
}

#[test]
fn an_export_of_devices_is_read_back_as_it_was_written() {
    let portal = Portal::new();
    portal.organization("Acme");
    let file = portal.file(
        "inventory.json",
        r#"[{"hostname": "-pc", "osType": "linux", "osVersion": "=6", "displayName": "'=x\"; ,",
             "lastSeenAt": "2026-01-31T09:05:00.123456Z", "isEphemeral": true, "status": "pending"},
            {"hostname": "Büro", "osType": "macos", "osVersion": "22.10", "isLoanable": false}]"#,
    );
    import(&portal, "device", &file, &[]);
    let before = portal.json(&["device", "list", "--org", "acme"]);
    for name in ["devices.csv", "devices.JSON"] {
        let (file, text) = exported(&portal, "device", name);
        assert!(text.contains("2026-01-31T09:05:00.123456Z"), "{text}");
        assert_eq!(import(&portal, "device", &file, &[]).0, tally(0, 0, 2, 0));
    }
    assert_eq!(portal.json(&["device", "list", "--org", "acme"]), before);
    portal.organization("Globex");
    let (file, _) = exported(&portal, "device", "devices.csv");
    portal.json(&["device", "import", "--org", "globex", &file]);
    let export = |organization: &str| {
        let mut devices = portal.json(&["device", "export", "--org", organization]);
        for device in devices.as_array_mut().unwrap() {
            let device = device.as_object_mut().unwrap();
            device.retain(|key, _| !key.ends_with("ated_at"));
        }
        let mut devices = devices.as_array().unwrap().clone();
        devices.sort_by_key(|device| text(device, "hostname"));
        devices
    };
    assert_eq!(export("globex"), export("acme"));
}

#[test]
fn tickets_are_exported_to_standard_output_in_either_format() {
    let portal = Portal::new();
    let acme = portal.organization("Acme");
    portal.user(&acme, "ada@x.test");
    let number = portal.ticket(&acme, "ada@x.test", "=1+1");
    let csv = portal.text(&["ticket", "export", "--org", "acme"]);
    assert!(
        csv.starts_with("ticket_number,subject,description,status,"),
        "{csv}"
    );
    let line = format!("{number},'=1+1,It is on fire.,new,normal,ada@x.test,");
    assert!(csv.lines().nth(1).unwrap().starts_with(&line), "{csv}");
    let json = portal.text(&["ticket", "export", "--org", "acme", "--format", "json"]);
    let tickets: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(texts(&tickets, "subject"), ["=1+1"]);
    assert_eq!(portal.json(&["ticket", "export", "--org", "acme"]), tickets);
}

#[test]
fn no_cell_of_any_export_is_a_formula() {
    let portal = Portal::new();
    let acme = portal.organization("Acme");
    portal.user(&acme, "ada@x.test");
    portal.ticket(&acme, "ada@x.test", "=1+1");
    let file = portal.file(
        "inventory.csv",
        "hostname,os_type,os_version\n-pc,linux,=6\n",
    );
    import(&portal, "device", &file, &[]);
    portal.tamper("UPDATE portal_users SET name = '@SUM(A1)'");
    portal.tamper("UPDATE devices SET display_name = '+1'");
    portal.tamper(
        "UPDATE tickets SET description = '-2+3', submitter_name = '@x', assigned_to_name = '=y', \
         external_ticket_id = '+7'",
    );
    for (noun, formulas) in [("user", 1), ("device", 3), ("ticket", 4)] {
        let csv = portal.text(&[noun, "export", "--org", "acme"]);
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        let cells = rows.iter().flatten();
        let neutralized = cells.clone().filter(|cell| cell.starts_with('\'')).count();
        assert!(neutralized >= formulas, "{csv}");
        for cell in cells {
            assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
        }
    }
}
