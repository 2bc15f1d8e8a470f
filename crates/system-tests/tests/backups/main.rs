//! Database and files, backed up as docs/operations.md says while people go on uploading, and restored
//! elsewhere.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use portal_system_tests::build::{portal_admin, portal_server};
use portal_system_tests::postgres::PostgresServer;
use portal_test_support::postgres::program_named;
use portal_test_support::program::{Client, Launch, eventually};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

const PERSON: &str = "lena.vogt@acme.example";

/// What an administrator runs in an empty database.
const INIT: &str = include_str!("../../../../docs/deploy/postgres-init.sql");

/// Runs a program in a folder; it has to succeed.
fn run(program: impl AsRef<Path>, arguments: &[&str], folder: &Path) {
    let mut command = Command::new(program.as_ref());
    let command = command.args(arguments).current_dir(folder);
    let output = command.stdin(Stdio::null()).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
}

/// Somebody who goes on submitting tickets with a file each, until told to stop.
struct Uploads {
    acknowledged: Arc<Mutex<Vec<String>>>,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

impl Uploads {
    fn start(client: Client) -> Self {
        let acknowledged = Arc::<Mutex<Vec<String>>>::default();
        let stop = CancellationToken::new();
        let task = tokio::spawn({
            let (acknowledged, stop) = (Arc::clone(&acknowledged), stop.clone());
            async move {
                for number in 0.. {
                    if stop.is_cancelled() {
                        break;
                    }
                    let ticket = submit(&client, number).await;
                    acknowledged.lock().unwrap().push(ticket);
                }
            }
        });
        Self {
            acknowledged,
            stop,
            task,
        }
    }

    fn acknowledged(&self) -> Vec<String> {
        self.acknowledged.lock().unwrap().clone()
    }

    /// Waits until so many more tickets are there.
    async fn go_on(&self, more: usize) {
        let enough = self.acknowledged().len() + more;
        let is_enough = async || (self.acknowledged().len() >= enough).then_some(());
        eventually("more uploads", is_enough).await;
    }

    async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

/// The content of the file of a ticket.
fn content(number: usize) -> Value {
    json!(format!("the file of ticket {number}"))
}

async fn submit(client: &Client, number: usize) -> String {
    let upload = client.post("/uploads", &content(number)).await.unwrap();
    let body = json!({
        "subject": format!("nightingale {number}"),
        "description": "See.",
        "attachmentIds": [upload.expect(201).text("/upload/id")],
    });
    let ticket = client.post("/tickets", &body).await.unwrap();
    ticket.expect(201).text("/ticket/id")
}

/// Makes sure that the restored portal has these tickets, that every file of every ticket of it can be
/// fetched, and that rows and bytes agree.
async fn assert_whole(launch: &Launch, expected: &[String], folder: &Path) {
    let server = launch.start().await;
    let client = server.signed_in(PERSON).await;
    let tickets = client.tickets("nightingale").await;
    for ticket in expected {
        assert!(tickets.contains(ticket), "{ticket} is lost");
    }
    for ticket in &tickets {
        let shown = client.get(&format!("/tickets/{ticket}")).await.unwrap();
        let shown = shown.expect(200).json();
        let number = shown["ticket"]["subject"].as_str().unwrap();
        let number = number.rsplit(' ').next().unwrap().parse().unwrap();
        let files = shown["ticket"]["attachments"].as_array().unwrap();
        assert_eq!(files.len(), 1, "{shown}");
        let file = files[0]["id"].as_str().unwrap();
        let path = format!("/tickets/{ticket}/attachments/{file}");
        let fetched = client.get(&path).await.unwrap().expect(200);
        assert_eq!(fetched.body, content(number).to_string());
    }
    server.stopped_by("TERM").await;

    let check = launch.clone().program(portal_admin());
    let check = ["--json", "files", "check"]
        .into_iter()
        .fold(check, Launch::argument);
    let output = check.run();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let of_acme = &found[0];
    assert!(of_acme["files"].as_u64().unwrap() >= tickets.len() as u64);
    for nothing in ["lost", "orphans"] {
        assert_eq!(
            of_acme[nothing],
            json!([]),
            "{found} in {}",
            folder.display()
        );
    }
}

fn copy_files(from: &Path, to: &Path) {
    fs::create_dir_all(to.join("data")).unwrap();
    let (from, to) = (from.display(), to.display());
    let arguments = [
        "--archive",
        &format!("{from}/data/files/"),
        &format!("{to}/data/files/"),
    ];
    run("rsync", &arguments, Path::new("/"));
}

/// The portal with many uploads, and no limit on them.
fn launch(folder: &Path) -> Launch {
    Launch::new(portal_server(), folder).set("PORTAL_FILES_PER_HOUR", "10000")
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_and_a_folder_are_backed_up_while_people_upload() {
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = launch(old.path()).argument("--demo").start().await;
    let uploads = Uploads::start(server.signed_in(PERSON).await);
    uploads.go_on(10).await;

    let before = uploads.acknowledged();
    fs::create_dir(new.path().join("data")).unwrap();
    let copy = new.path().join("data/portal.db");
    let backup = format!(".backup '{}'", copy.display());
    run("sqlite3", &["data/portal.db", &backup], old.path());
    uploads.go_on(3).await;
    copy_files(old.path(), new.path());
    uploads.go_on(3).await;
    uploads.stop().await;
    server.stopped_by("TERM").await;
    old.close().unwrap();

    assert_whole(&launch(new.path()), &before, new.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_and_a_folder_are_backed_up_while_people_upload() {
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let postgres = PostgresServer::start();
    let address = postgres.address();
    address.sql("postgres", "CREATE DATABASE portal");
    address.sql("portal", INIT);
    let in_database = |folder: &Path, database: &str| {
        launch(folder)
            .set("DATABASE_URL", address.url_as("portal_app", database))
            .set(
                "DATABASE_SYSTEM_URL",
                address.url_as("portal_system", database),
            )
            .set(
                "DATABASE_OWNER_URL",
                address.url_as("portal_owner", database),
            )
    };
    let demo = in_database(old.path(), "portal").argument("--demo");
    let server = demo.start().await;
    let uploads = Uploads::start(server.signed_in(PERSON).await);
    uploads.go_on(10).await;

    let before = uploads.acknowledged();
    let (from, to) = (address.url("portal"), address.url("portal_restored"));
    let dump = ["--format=custom", "--file=portal.dump", &from];
    run(program_named("pg_dump"), &dump, new.path());
    uploads.go_on(3).await;
    copy_files(old.path(), new.path());
    uploads.go_on(3).await;
    uploads.stop().await;
    server.stopped_by("TERM").await;
    old.close().unwrap();

    let create = "CREATE DATABASE portal_restored OWNER portal_owner";
    address.sql("postgres", create);
    let restore = [&format!("--dbname={to}"), "portal.dump"];
    run(program_named("pg_restore"), &restore, new.path());
    let restored = in_database(new.path(), "portal_restored");
    assert_whole(&restored, &before, new.path()).await;
}
