//! What every command does when it cannot do what it is asked to.

use std::fs;

use crate::Portal;

#[test]
fn a_database_that_is_not_migrated_is_refused() {
    let portal = Portal::without_database();
    let sentence = "the database is not up to date; run `portal-admin migrate` first";
    assert_eq!(portal.failure(&["org", "list"]), sentence);
    assert!(
        !portal.database_file().exists(),
        "looking must not create it"
    );
    fs::write(portal.database_file(), "").unwrap();
    assert_eq!(portal.failure(&["ticket", "show", "7KQ3MRXD"]), sentence);
}

#[test]
fn an_invalid_value_is_a_usage_error_with_its_flag_and_rule() {
    let portal = Portal::without_database();
    for (arguments, flag, rule) in [
        (
            vec!["org", "create", "--name", " "],
            "--name",
            "must not be blank",
        ),
        (
            vec!["org", "create", "--name", "Acme", "--timezone", "Mars"],
            "--timezone",
            "must be an IANA time zone such as Europe/Berlin",
        ),
        (
            vec!["user", "list", "--org", "acme", "--email", "ada"],
            "--email",
            "must be a valid e-mail address",
        ),
        (
            vec!["user", "list", "--org", "Acme Inc"],
            "--org",
            "must be an organization's id or slug",
        ),
        (
            vec![
                "branding",
                "set",
                "--org",
                "acme",
                "--primary-color",
                "reddish",
            ],
            "--primary-color",
            "must be a CSS colour: hex, rgb(), hsl() or a name",
        ),
        (
            vec!["ticket", "list", "--org", "acme", "--status", "new,old"],
            "--status",
            "must be one of new, open, pending, on_hold, resolved, closed",
        ),
        (
            vec!["audit", "list", "--org", "acme", "--since", "yesterday"],
            "--since",
            "must be a date and time such as 2026-01-31T09:05:00Z",
        ),
    ] {
        let said = portal.usage_error(&arguments);
        assert!(said.contains(flag) && said.contains(rule), "{said}");
    }
}

#[test]
fn an_unknown_organization_is_an_error_of_one_sentence() {
    let portal = Portal::new();
    let id = "0190b3a4-7c1e-7d2a-8f00-000000000001";
    for organization in [id, "acme"] {
        for command in [["device", "list"], ["org", "disable"], ["branding", "show"]] {
            let arguments = [&command[..], &["--org", organization, "--json"]].concat();
            assert_eq!(
                portal.failure(&arguments),
                format!("there is no organization {organization}")
            );
        }
    }
}

#[test]
fn a_taken_slug_is_an_error_of_one_sentence() {
    let portal = Portal::new();
    portal.organization("Acme");
    assert_eq!(
        portal.failure(&["org", "create", "--name", "ACME"]),
        "the slug `acme` is taken"
    );
}

#[test]
fn invalid_settings_are_refused() {
    let portal = Portal::without_database();
    let sentence = portal.failure(&["--portal-env", "moon", "migrate"]);
    assert!(sentence.starts_with("PORTAL_ENV "), "{sentence}");
}

#[test]
fn only_settings_that_are_used_are_required() {
    let portal = Portal::without_database();
    let help = portal.text(&["--help"]);
    for name in [
        "PORTAL_ENV",
        "DATABASE_OWNER_URL",
        "PORTAL_ARGON2_QUEUE",
        "PORTAL_LOG",
    ] {
        assert!(help.contains(name), "{name}: {help}");
    }
    for name in ["PORTAL_BIND", "REDIS_URL", "SMTP_URL", "PORTAL_SECRET_KEY"] {
        assert!(!help.contains(name), "{name}: {help}");
    }
    // The server would need a secret key, a mail server and Redis.
    portal.text(&["--portal-env", "production", "migrate"]);
}

#[test]
fn misspelt_variables_are_logged_as_warnings() {
    let portal = Portal::new();
    portal.file(".env", "PORTAL_LGO=hunter2\nPORTAL_BIND=127.0.0.1:8080\n");
    let said = |arguments: &[&str]| {
        let output = portal.run(arguments, "");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert_eq!(said(&["org", "list"]), "");
    let log = said(&["--verbose", "org", "list"]);
    let warnings: Vec<&str> = log.lines().filter(|line| line.contains(" WARN ")).collect();
    let [warning] = warnings[..] else {
        panic!("{log}")
    };
    let sentence = "PORTAL_LGO is not a setting; did you mean PORTAL_LOG?";
    assert!(warning.contains(sentence), "{log}");
    assert!(!log.contains("hunter2"), "{log}");
}

#[test]
fn the_portals_own_host_cannot_be_a_custom_domain() {
    let portal = Portal::new();
    portal.organization("Acme");
    let set = [
        "branding",
        "set",
        "--org",
        "acme",
        "--custom-domain",
        "portal.example.com",
    ];
    let own = ["--portal-public-url", "https://portal.example.com"];
    assert_eq!(
        portal.failure(&[&own[..], &set[..]].concat()),
        "portal.example.com is the portal's own host, so it cannot be an organization's"
    );
}
