//! Users and their invitations.

use serde_json::{Value, json};

use crate::{Portal, failed, texts};

const ADA: &str = "ada@acme.example";

fn kinds(portal: &Portal) -> Vec<String> {
    texts(&portal.json(&["mail", "list"]), "kind")
}

#[test]
fn a_user_without_a_password_is_invited() {
    let portal = Portal::new();
    let acme = portal.organization("Acme");
    let account = ["--org", &acme, "--email", "  Ada@ACME.example"];
    let ada = portal.json(&[&["user", "create"], &account[..], &["--name", "Ada"]].concat());
    assert_eq!(ada["email"], ADA);
    assert_eq!(ada["name"], "Ada");
    assert_eq!(ada["orgId"], acme.as_str());
    assert_eq!(ada["status"], "invited");
    assert_eq!(ada["hasPassword"], false);
    assert!(ada["invitedAt"].is_string());

    portal.json(&[&["user", "invite"], &account[..]].concat());
    assert_eq!(kinds(&portal), ["invitation", "invitation"]);
}

#[test]
fn a_password_from_standard_input_is_checked_and_used() {
    let portal = Portal::new();
    portal.organization("Acme");
    let create = [
        "user",
        "create",
        "--org",
        "acme",
        "--email",
        ADA,
        "--password-stdin",
        "--json",
    ];
    for (password, sentence) in [
        ("", "error: Password must be at least 8 characters\n"),
        ("Password1\n", "error: Password is too common\n"),
        (
            "Correct-Horse1\n\n",
            "error: Password must not contain control characters\n",
        ),
    ] {
        assert_eq!(failed(&portal.run(&create, password), 1), sentence);
    }
    assert_eq!(portal.json(&["user", "list", "--org", "acme"]), json!([]));

    let output = portal.run(&create, "Correct-Horse1\r\n");
    let printed = String::from_utf8(output.stdout).unwrap();
    let ada: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(
        (&ada["status"], &ada["hasPassword"]),
        (&json!("active"), &json!(true))
    );
    assert!(!printed.contains("argon2"), "{printed}");
    assert!(kinds(&portal).is_empty());
}

#[test]
fn a_user_is_disabled_enabled_and_renamed() {
    let portal = Portal::new();
    let acme = portal.organization("Acme");
    portal.user(&acme, ADA);
    let run = |verb: &str, email: &str, more: &[&str]| {
        portal.json(&[&["user", verb, "--org", &acme, "--email", email], more].concat())
    };
    assert_eq!(run("disable", ADA, &[])["status"], "disabled");
    assert_eq!(run("enable", ADA, &[])["status"], "active");
    let new = "ada.lovelace@acme.example";
    let renamed = run(
        "update",
        ADA,
        &["--new-email", new, "--name", "Ada Lovelace"],
    );
    assert_eq!(
        (&renamed["email"], &renamed["name"]),
        (&json!(new), &json!("Ada Lovelace"))
    );
    assert_eq!(run("list", ADA, &[]), json!([]));
    assert_eq!(run("list", new, &[]), json!([renamed]));
}

#[test]
fn a_user_is_made_a_manager() {
    let portal = Portal::new();
    let acme = portal.organization("Acme");
    let account = ["--org", &acme, "--email", ADA];
    let create = [&["user", "create"], &account[..]].concat();
    assert_eq!(portal.json(&create)["role"], "member");
    let update = [&["user", "update"], &account[..], &["--role", "manager"]].concat();
    assert_eq!(portal.json(&update)["role"], "manager");
    let eve = [
        "--org",
        &acme,
        "--email",
        "eve@acme.example",
        "--role",
        "manager",
    ];
    let created = portal.json(&[&["user", "create"], &eve[..]].concat());
    assert_eq!(created["role"], "manager");
    let users = portal.file("users.csv", "E-Mail;Rolle\nada@acme.example;Mitglied\n");
    let tally = portal.json(&["user", "import", "--org", &acme, &users]);
    assert_eq!(tally["updated"], 1);
    let listed = portal.json(&["user", "list", "--org", &acme]);
    assert_eq!(texts(&listed, "role"), ["member", "manager"]);
}

#[test]
fn invalid_changes_to_users_are_errors_of_one_sentence() {
    let portal = Portal::new();
    let acme = portal.organization("Acme");
    portal.user(&acme, ADA);
    let run =
        |verb: &str, email: &str| portal.failure(&["user", verb, "--org", &acme, "--email", email]);
    assert_eq!(
        run("create", ADA),
        "the organization already has a user with the address ada@acme.example"
    );
    assert_eq!(
        run("invite", ADA),
        "ada@acme.example has already set up the account"
    );
    assert_eq!(
        run("disable", "eve@acme.example"),
        "the organization has no user with the address eve@acme.example"
    );
}

#[test]
fn importing_a_list_again_changes_and_sends_nothing() {
    let portal = Portal::new();
    portal.organization("Acme");
    let list = portal.file(
        "users.csv",
        "\u{feff}email,name\nada@acme.example,Ada\nbob@acme.example,\n",
    );
    let import = ["user", "import", "--org", "acme", &list];
    let tally = |created: u32, updated: u32, unchanged: u32| json!({ "created": created, "updated": updated, "unchanged": unchanged, "skipped": 0 });
    assert_eq!(portal.json(&import), tally(2, 0, 0));
    assert_eq!(portal.json(&import), tally(0, 0, 2));
    portal.file("users.csv", "name,email\nAda Lovelace,ADA@acme.example\n");
    assert_eq!(portal.json(&import), tally(0, 1, 0));
    assert_eq!(kinds(&portal), ["invitation", "invitation"]);
}

#[test]
fn an_import_sets_the_language_of_new_users_only() {
    let portal = Portal::new();
    portal.organization("Acme");
    let user = ["user", "create", "--org", "acme", "--email", ADA];
    let created = portal.json(&[&user[..], &["--locale", "de"]].concat());
    assert_eq!(created["locale"], "de");
    let list = portal.file(
        "users.csv",
        "email,name,locale\nada@acme.example,Ada,en\nbob@acme.example,Bob,de\n",
    );
    portal.json(&["user", "import", "--org", "acme", &list]);
    let users = portal.json(&["user", "list", "--org", "acme"]);
    let locales = [&users[0]["locale"], &users[1]["locale"]];
    assert_eq!(locales, ["de", "de"]);

    let bad = portal.file("bad.csv", "email,locale\neve@acme.example,xx\n");
    let refused = portal.run(&["user", "import", "--org", "acme", &bad], "");
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("locale: must be one of en, de"), "{said}");
}

#[test]
fn an_import_without_invitations_sends_no_mail() {
    let portal = Portal::new();
    portal.organization("Acme");
    let list = portal.file("users.csv", "email,name\nada@acme.example,Ada\n");
    portal.json(&["user", "import", "--org", "acme", &list, "--no-invite"]);
    assert!(kinds(&portal).is_empty());
    assert_eq!(
        portal.json(&["user", "list", "--org", "acme"])[0]["status"],
        "invited"
    );
}

#[test]
fn unsent_mails_are_listed_and_retried() {
    let portal = Portal::new();
    portal.organization("Acme");
    portal.json(&["user", "create", "--org", "acme", "--email", ADA]);
    let mails = portal.json(&["mail", "list"]);
    let id = crate::id(&mails[0]);
    assert_eq!(texts(&mails, "state"), ["waiting"]);
    assert_eq!(portal.json(&["mail", "list", "--dead"]), json!([]));
    assert_eq!(
        portal.json(&["mail", "retry", &id]),
        json!({ "retried": 1 })
    );
    assert_eq!(portal.json(&["mail", "retry"]), json!({ "retried": 0 }));
    assert_eq!(
        portal.json(&["mail", "retry", "--all"]),
        json!({ "retried": 1 })
    );
    let unknown = "0190b3a4-7c1e-7d2a-8f00-000000000001";
    assert_eq!(
        portal.failure(&["mail", "retry", unknown]),
        format!("there is no unsent mail {unknown}")
    );
}
