//! Starting: on nothing, on what is there, and not at all.

use std::net::TcpListener;
use std::path::Path;

use portal_demo::DEMO_PASSWORD;
use portal_test_support::program::{Launch, Server};
use tempfile::tempdir;

use crate::in_folder;

/// The addresses that a start with `--demo` says one can sign in with, now.
fn announced_people(server: &Server) -> Vec<String> {
    let said = server.said();
    let people = said.iter().filter(|line| line.contains(", active): "));
    let addresses = people.filter_map(|line| line.trim_start().split(' ').next());
    addresses.map(str::to_owned).collect()
}

fn says(server: &Server, words: &str) -> bool {
    server.said().iter().any(|line| line == words)
}

#[tokio::test(flavor = "multi_thread")]
async fn demo_data_is_loaded_once_and_kept() {
    let folder = tempdir().unwrap();
    let launch = in_folder(folder.path());
    let demo = launch.clone().argument("--demo");

    let server = demo.start().await;
    assert!(folder.path().join("data/portal.db").is_file());
    assert!(says(&server, "demo data loaded"));
    assert!(says(
        &server,
        &format!("sign in with the password {DEMO_PASSWORD} as one of:")
    ));
    let people = announced_people(&server);
    assert!(people.len() > 8, "{people:?}");
    let customer = server.signed_in(&people[0]).await;
    let ticket = customer.submit("nightingale").await.unwrap();
    assert_eq!(ticket.status, 201, "{ticket:?}");
    let ticket = ticket.text("/ticket/id");
    server.stopped_by("TERM").await;

    let server = demo.start().await;
    assert!(says(&server, "demo data was already there"));
    assert_eq!(announced_people(&server), people);
    let customer = server.signed_in(&people[0]).await;
    assert_eq!(customer.tickets("nightingale").await, [&*ticket]);
    server.stopped_by("TERM").await;

    let server = launch.start().await;
    assert_eq!(announced_people(&server), [""; 0]);
    let customer = server.signed_in(&people[0]).await;
    assert_eq!(customer.tickets("nightingale").await, [&*ticket]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_demo_flag_the_database_stays_empty() {
    let folder = tempdir().unwrap();
    let server = in_folder(folder.path()).start().await;
    assert!(folder.path().join("data/portal.db").is_file());
    assert_eq!(announced_people(&server), [""; 0]);
    let mut client = server.client();
    assert_eq!(client.get("//readyz").await.unwrap().status, 200);
    let response = client.sign_in("lena.vogt@acme.example", DEMO_PASSWORD);
    assert_eq!(response.await.unwrap().status, 401);
}

/// What the program says when it refuses to start, which is one line, and leaves nothing behind.
fn refusal(launch: &Launch, folder: &Path) -> String {
    let output = launch.run();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(output.stdout, b"", "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    let (sentence, rest) = said.split_once('\n').unwrap();
    assert_eq!(rest, "", "{said}");
    let left = std::fs::read_dir(folder).unwrap().count();
    assert_eq!(left, 0, "{sentence}");
    sentence.strip_prefix("error: ").unwrap().to_owned()
}

#[test]
fn production_refuses_demo_data() {
    let folder = tempdir().unwrap();
    let launch = in_folder(folder.path()).production();
    assert_eq!(
        refusal(&launch.argument("--demo"), folder.path()),
        "--demo is for development; PORTAL_ENV is production"
    );
}

#[test]
fn an_invalid_setting_is_reported_without_its_value() {
    let folder = tempdir().unwrap();
    let launch = || in_folder(folder.path());
    for (name, value) in [
        ("PORTAL_ENV", "stagecraft"),
        ("PORTAL_BIND", "127.0.0.1:harbour"),
        ("PORTAL_PUBLIC_URL", "ftp://harbour"),
        ("DATABASE_URL", "mysql://harbour:hunter2@db/portal"),
        ("DATABASE_POOL_SIZE", "many"),
        ("PORTAL_STATE_BACKEND", "etcd"),
        ("REDIS_URL", "http://harbour"),
        ("PORTAL_SECRET_KEY", "hunter2"),
        ("PORTAL_SECRET_KEY_PREVIOUS", "hunter2"),
        ("PORTAL_SESSION_MAX_DAYS", "ages"),
        ("PORTAL_ARGON2_MEMORY_KIB", "7"),
        ("PORTAL_KEEP_ALIVE_SECONDS", "long"),
        ("PORTAL_DRAIN_SECONDS", "soon"),
        ("SMTP_URL", "imap://harbour:hunter2@mail"),
        ("TRUSTED_PROXY_CIDRS", "10.0.0.0/99"),
        ("CORS_ALLOWED_ORIGINS", "harbour"),
        ("PORTAL_COOKIE_SAME_SITE", "none"),
        ("PORTAL_LOG", "portal_http=deafening"),
        ("PORTAL_LOG_FORMAT", "papyrus"),
    ] {
        for launch in [launch(), launch().argument("--check-config")] {
            let sentence = refusal(&launch.set(name, value), folder.path());
            assert!(sentence.starts_with(name), "{sentence}");
            // words that the sentence itself needs are no secrets
            let quoted = value != "none" && sentence.contains(value);
            assert!(!quoted && !sentence.contains("hunter2"), "{sentence}");
        }
    }
    for missing in [
        "PORTAL_PUBLIC_URL",
        "PORTAL_SECRET_KEY",
        "DATABASE_URL",
        "SMTP_URL",
        "MAIL_FROM",
    ] {
        let launch = launch().production().set(missing, "");
        let sentence = refusal(&launch, folder.path());
        assert!(sentence.starts_with(missing), "{sentence}");
    }
}

#[test]
fn a_secret_is_read_from_its_variable_or_a_file() {
    let folder = tempdir().unwrap();
    let elsewhere = tempdir().unwrap();
    let file = elsewhere.path().join("secret");
    let launch = || {
        let launch = in_folder(folder.path()).argument("--check-config");
        launch.set("DATABASE_URL_FILE", file.to_str().unwrap())
    };
    let path = file.display();
    assert_eq!(
        refusal(&launch(), folder.path()),
        format!(
            "The file {path} that DATABASE_URL_FILE names cannot be read: No such file or \
             directory (os error 2)."
        )
    );
    std::fs::write(&file, "hunter2\n").unwrap();
    assert_eq!(
        refusal(&launch(), folder.path()),
        "DATABASE_URL must start with sqlite:// or postgres:// and go on with a path or a server."
    );
    assert_eq!(
        refusal(&launch().set("DATABASE_URL", "hunter2"), folder.path()),
        "DATABASE_URL and DATABASE_URL_FILE are both set, but only one of them may be."
    );
    std::fs::write(&file, "sqlite://portal.db\n").unwrap();
    let output = launch().run();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn misspelt_variables_are_logged_without_their_values() {
    let folder = tempdir().unwrap();
    let launch = in_folder(folder.path())
        .argument("--check-config")
        .set("PORTAL_BNID", "hunter2")
        .set("DATABASE_PASSWORD", "hunter2")
        // set by Kubernetes for services of these names
        .set("PORTAL_PORT", "tcp://10.0.0.1:80")
        .set("DATABASE_SERVICE_HOST", "10.0.0.1");
    std::fs::write(folder.path().join(".env"), "PORTAL_LGO=hunter2\n").unwrap();
    let output = launch.run();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    let warnings = said.lines().filter(|line| line.contains(" WARN "));
    let sentences = [
        "DATABASE_PASSWORD is not a setting",
        "PORTAL_BNID is not a setting; did you mean PORTAL_BIND?",
        "PORTAL_LGO is not a setting; did you mean PORTAL_LOG?",
    ];
    assert_eq!(warnings.clone().count(), sentences.len(), "{said}");
    for (warning, sentence) in warnings.zip(sentences) {
        assert!(warning.contains(sentence), "{said}");
    }
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn help_names_every_group_of_settings() {
    let folder = tempdir().unwrap();
    let output = in_folder(folder.path()).argument("--help").run();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let help = String::from_utf8(output.stdout).unwrap();
    for part in [
        "--demo",
        "PORTAL_BIND",
        "DATABASE_URL",
        "REDIS_URL",
        "SMTP_URL",
        "PORTAL_LOG",
    ] {
        assert!(help.contains(part), "{part}: {help}");
    }
}

#[test]
fn check_config_accepts_valid_settings_and_starts_nothing() {
    let folder = tempdir().unwrap();
    let launch = in_folder(folder.path()).argument("--check-config");
    for launch in [launch.clone(), launch.production()] {
        let output = launch.run();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert_eq!(output.stderr, b"the settings are valid\n");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[test]
fn mail_settings_that_cannot_work_stop_the_check_and_the_start() {
    let folder = tempdir().unwrap();
    for (name, value, words) in [
        (
            "MAIL_FROM",
            "portal@-x.example",
            "MAIL_FROM: must be a mail address",
        ),
        (
            "MAIL_FROM",
            "a..b@example.org",
            "MAIL_FROM: must be a mail address",
        ),
        (
            "MAIL_FROM",
            "pörtal@example.org",
            "MAIL_FROM: must have only ASCII characters",
        ),
        (
            "SMTP_URL",
            "smtp://mail.example?tls=required",
            "SMTP_URL: must be an smtp://",
        ),
        (
            "SMTP_URL",
            "smtp://portal@mail.example",
            "SMTP_URL: must be an smtp://",
        ),
        (
            "SMTP_URL",
            "smtp://mail.example/x",
            "SMTP_URL: must be an smtp://",
        ),
        (
            "SMTP_HELO",
            "portal",
            "SMTP_HELO: must be a domain name with a dot",
        ),
        (
            "SMTP_CA_FILE",
            "/nowhere.pem",
            "SMTP_CA_FILE cannot be read",
        ),
        (
            "SMTP_CA_FILE",
            "/dev/null",
            "SMTP_CA_FILE must hold certificates",
        ),
    ] {
        let launch = in_folder(folder.path())
            .set("SMTP_URL", "smtp://mail.example")
            .set("MAIL_FROM", "portal@example.org")
            .set(name, value);
        for launch in [launch.clone().argument("--check-config"), launch] {
            let output = launch.run();
            assert_eq!(output.status.code(), Some(1), "{name}={value}: {output:?}");
            let said = String::from_utf8(output.stderr).unwrap();
            let last = said.lines().last().unwrap();
            assert!(last.starts_with(&format!("error: {words}")), "{said}");
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        }
    }
    let launch = in_folder(folder.path())
        .argument("--check-config")
        .set("SMTP_URL", "smtp://mail.müller.example")
        .set("MAIL_FROM", "Portal <portal@müller.example>")
        .set("SMTP_HELO", "[192.0.2.1]");
    assert_eq!(launch.run().status.code(), Some(0));
}

#[test]
fn starting_on_an_address_in_use_fails() {
    let folder = tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let launch = in_folder(folder.path()).set("PORTAL_BIND", &*address);
    let output = launch.run();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    let last = said.lines().last().unwrap();
    assert!(
        last.starts_with(&format!("error: cannot listen on {address}: ")),
        "{said}"
    );
}

#[test]
fn production_warns_of_a_database_whose_connections_are_not_encrypted() {
    let folder = tempdir().unwrap();
    let warns = |url: &str| {
        let launch = in_folder(folder.path()).argument("--check-config");
        let output = launch.set("DATABASE_URL", url).production().run();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!said.contains("hunter2"), "{said}");
        said.contains("a database address connects without TLS")
    };
    assert!(warns("postgres://portal_app:hunter2@db.example/portal"));
    assert!(!warns("postgres://portal_app:hunter2@127.0.0.1/portal"));
    assert!(!warns(
        "postgres://portal_app:hunter2@db.example/portal?sslmode=verify-full"
    ));
}
