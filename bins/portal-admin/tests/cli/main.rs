//! Runs the real program on a database of its own for each test: an SQLite file, or where
//! `TEST_DATABASE_URL` names a PostgreSQL server, a database there.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

mod branding;
mod devices;
mod failures;
mod files;
mod json;
mod organizations;
mod spreadsheets;
mod tickets;
mod users;

use std::fs;
use std::future::Future;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use portal_domain::actors::Customer;
use portal_domain::assets::{CheckoutRequest, import_checkout};
use portal_domain::audit::ClientInfo;
use portal_domain::environment::SystemEnvironment;
use portal_domain::ids::OrganizationId;
use portal_domain::operation::Operation;
use portal_domain::store::{
    SharedStore as _, TenantScope, TenantStore as _, TenantTransaction, transact,
};
use portal_domain::tickets::{NewTicket, TicketPriority, submit};
use portal_persistence::{Access, Database, DatabaseConfig, Target};
use portal_test_support::postgres::{PostgresAddress, PostgresDatabase};
use portal_test_support::sqlite;
use serde_json::Value;
use tempfile::TempDir;

/// A portal in a folder of its own.
struct Portal {
    folder: TempDir,
    postgres: Option<PostgresDatabase>,
}

impl Portal {
    /// One without a database, which would be an SQLite file.
    fn without_database() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            postgres: None,
        }
    }

    /// One with an empty database.
    fn new() -> Self {
        let server = PostgresAddress::given();
        let portal = Self {
            postgres: server.map(|server| block_on(PostgresDatabase::create_on(server))),
            ..Self::without_database()
        };
        portal.json(&["migrate"]);
        portal
    }

    fn database_file(&self) -> PathBuf {
        self.folder.path().join("portal.db")
    }

    /// The address of the database.
    fn url(&self) -> String {
        match &self.postgres {
            Some(postgres) => postgres.logins().owner,
            None => format!("sqlite://{}", self.database_file().display()),
        }
    }

    /// Does to the database what the portal never does.
    fn tamper(&self, sql: &str) {
        if let Some(postgres) = &self.postgres {
            postgres.sql(sql);
        } else {
            sqlite::execute(&self.database_file(), sql);
        }
    }

    /// Writes a file, and gives its path.
    fn file(&self, name: &str, text: &str) -> String {
        self.bytes(name, text.as_bytes())
    }

    /// Writes a file that need not be text, and gives its path.
    fn bytes(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Runs the program with this on its standard input.
    fn run(&self, arguments: &[&str], stdin: &str) -> Output {
        self.run_with(arguments, &[], stdin)
    }

    /// Runs the program with these variables, and this on its standard input.
    fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)], stdin: &str) -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_portal-admin"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("DATABASE_URL", self.url())
            .env("PORTAL_ARGON2_MEMORY_KIB", "8")
            .env("PORTAL_ARGON2_ITERATIONS", "1")
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // The program may end without reading it.
        drop(child.stdin.take().unwrap().write_all(stdin.as_bytes()));
        child.wait_with_output().unwrap()
    }

    /// The document that a command prints with `--json`.
    fn json(&self, arguments: &[&str]) -> Value {
        self.json_with_stdin(arguments, "")
    }

    fn json_with_stdin(&self, arguments: &[&str], stdin: &str) -> Value {
        let output = self.run(&[arguments, &["--json"]].concat(), stdin);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{arguments:?}: {stderr}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// What a command prints for a person.
    fn text(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments, "");
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{arguments:?}: {stderr}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The sentence with which a command fails.
    fn failure(&self, arguments: &[&str]) -> String {
        let stderr = failed(&self.run(arguments, ""), 1);
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        stderr
            .strip_prefix("error: ")
            .unwrap()
            .trim_end()
            .to_owned()
    }

    /// What is said of a command line that is wrong.
    fn usage_error(&self, arguments: &[&str]) -> String {
        failed(&self.run(arguments, ""), 2)
    }

    /// An organization of this name, and its id.
    fn organization(&self, name: &str) -> String {
        id(&self.json(&["org", "create", "--name", name]))
    }

    /// An active user of this address in this organization.
    fn user(&self, organization: &str, email: &str) {
        let arguments = [
            "user",
            "create",
            "--org",
            organization,
            "--email",
            email,
            "--password-stdin",
        ];
        self.json_with_stdin(&arguments, "Correct-Horse1\n");
    }

    /// The number of a ticket that a user has submitted.
    fn ticket(&self, organization: &str, email: &str, subject: &str) -> String {
        let new = NewTicket {
            subject: subject.parse().unwrap(),
            description: "It is on fire.".parse().unwrap(),
            priority: TicketPriority::Normal,
            device_id: None,
            on_behalf_of: None,
            attachments: portal_domain::files::AttachmentIds::NONE,
        };
        self.act(organization, email, async |op| {
            submit(op, new).await.unwrap().number.to_string()
        })
    }

    /// Lends a device to a user, to be returned at a moment.
    fn checkout(&self, organization: &str, email: &str, hostname: &str, until: Option<&str>) {
        let expected_return_at = until.map(|until| until.parse().unwrap());
        let request = CheckoutRequest {
            expected_return_at,
            ..CheckoutRequest::default()
        };
        self.act(organization, email, async |op| {
            let hostname = hostname.parse().unwrap();
            let device = op.tx.device_by_hostname(&hostname).await.unwrap();
            let lent = import_checkout(op, device.unwrap().id, request).await;
            lent.unwrap();
        });
    }

    /// Does what the portal does for its customers, without a server.
    fn act<T>(
        &self,
        organization: &str,
        email: &str,
        change: impl AsyncFnOnce(&Operation<'_, Customer>) -> T,
    ) -> T {
        let scope = TenantScope::of(organization.parse::<OrganizationId>().unwrap());
        let target = match &self.postgres {
            Some(postgres) => Target::Postgres(postgres.logins()),
            None => Target::Sqlite(self.database_file()),
        };
        let config = DatabaseConfig {
            access: Access::Operate,
            ..DatabaseConfig::new(target)
        };
        block_on(async {
            let database = Database::open(config).unwrap();
            database.ping().await.unwrap();
            let tx = database.begin(scope).await.unwrap();
            let done = transact(tx, async |tx| {
                let customer = customer(tx, email).await;
                let op = Operation::new(tx, &customer, &SystemEnvironment);
                anyhow::Ok(change(&op).await)
            });
            done.await.unwrap()
        })
    }
}

async fn customer(tx: &dyn TenantTransaction, email: &str) -> Customer {
    let user = tx
        .user_by_email(&email.parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    let account = tx.account(user.id).await.unwrap().unwrap();
    Customer {
        account,
        client: ClientInfo::default(),
    }
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}

/// Standard error of a command that failed with this status and answered nothing.
fn failed(output: &Output, status: i32) -> String {
    let stderr = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(status), "{stderr}");
    assert_eq!(String::from_utf8(output.stdout.clone()).unwrap(), "");
    stderr
}

fn id(document: &Value) -> String {
    text(document, "id")
}

/// A field of an object.
fn text(document: &Value, key: &str) -> String {
    let value = document.get(key).and_then(Value::as_str);
    value
        .unwrap_or_else(|| panic!("no {key} in {document}"))
        .to_owned()
}

/// A field of each object in a list.
fn texts(list: &Value, key: &str) -> Vec<String> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|item| text(item, key))
        .collect()
}
