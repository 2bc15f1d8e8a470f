//! Stopping: when asked to, and without warning.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use portal_domain::audit::{AuditAction, AuditFilter};
use portal_domain::notifications::{MailKind, OutboxState};
use portal_domain::store::{Store as _, TenantScope, TenantStore as _};
use portal_persistence::{Access, Database, DatabaseConfig, Target};
use portal_test_support::program::{Client, Response, Server, eventually};
use serde_json::json;
use tempfile::tempdir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::in_folder;

const LENA: &str = "lena.vogt@acme.example";

/// The first half of a request whose body is yet to come.
struct HalfSent {
    stream: TcpStream,
    rest: String,
}

impl HalfSent {
    async fn begin(client: &Client, address: std::net::SocketAddr, subject: &str) -> Self {
        let body = json!({ "subject": subject, "description": "Sent slowly." }).to_string();
        let (first, rest) = body.split_at(body.len() / 2);
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = client.head("POST", "/tickets", body.len()) + first;
        stream.write_all(request.as_bytes()).await.unwrap();
        let rest = rest.to_owned();
        Self { stream, rest }
    }

    async fn finish(mut self) -> Response {
        self.stream.write_all(self.rest.as_bytes()).await.unwrap();
        Response::read(&mut self.stream).await.unwrap()
    }
}

async fn stops_in_order(signal: &str) {
    let folder = tempdir().unwrap();
    let launch = in_folder(folder.path())
        .argument("--demo")
        .set("PORTAL_DRAIN_SECONDS", "1");
    let server = launch.start().await;
    let customer = server.signed_in(LENA).await;
    assert_eq!(customer.get("//readyz").await.unwrap().status, 200);
    let in_flight = HalfSent::begin(&customer, server.address(), "unhurried").await;

    server.signal(signal);
    let not_ready = eventually("draining", async || {
        let response = customer.get("//readyz").await.unwrap();
        (response.status == 503).then_some(response)
    });
    assert_eq!(not_ready.await.json()["unavailable"], json!(["draining"]));
    assert_eq!(customer.get("/devices").await.unwrap().status, 200);
    assert_eq!(customer.get("//healthz").await.unwrap().status, 200);
    eventually("a closed listener", async || {
        let connection = TcpStream::connect(server.address()).await;
        connection.is_err().then_some(())
    })
    .await;
    let response = in_flight.finish().await;
    assert_eq!(response.status, 201, "{response:?}");
    let (status, said) = server.ended().await;
    assert_eq!(status.code(), Some(0), "{said:#?}");

    let server = launch.start().await;
    let customer = server.signed_in(LENA).await;
    assert_eq!(
        customer.tickets("unhurried").await,
        [response.text("/ticket/id")]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_stops_the_server_after_requests_in_flight() {
    stops_in_order("TERM").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sigint_stops_the_server_after_requests_in_flight() {
    stops_in_order("INT").await;
}

/// A connection on which a request has been answered, and that is kept.
async fn kept_connection(server: &Server) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let request = b"GET /healthz HTTP/1.1\r\nHost: portal.test\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut read = Vec::new();
    while !read.ends_with(b"}") {
        assert_ne!(stream.read_buf(&mut read).await.unwrap(), 0);
    }
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_do_not_keep_the_server_from_stopping() {
    let folder = tempdir().unwrap();
    let server = in_folder(folder.path()).start().await;
    let mut kept = kept_connection(&server).await;
    let asked = Instant::now();
    server.stopped_by("TERM").await;
    let took = asked.elapsed();
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert_eq!(
        kept.read(&mut [0]).await.unwrap(),
        0,
        "it is closed in order"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_are_kept_as_long_as_the_setting_says() {
    let folder = tempdir().unwrap();
    let launch = in_folder(folder.path()).set("PORTAL_KEEP_ALIVE_SECONDS", "1");
    let server = launch.start().await;
    let mut kept = kept_connection(&server).await;
    let answered = Instant::now();
    assert_eq!(kept.read(&mut [0]).await.unwrap(), 0);
    let idle = answered.elapsed();
    let expected = Duration::from_millis(800)..Duration::from_secs(4);
    assert!(expected.contains(&idle), "{idle:?}");
}

/// What the database holds of the tickets that were submitted.
struct Ledger {
    /// How often each was noted in the audit log.
    audited: BTreeMap<String, usize>,
    /// How many mails tell of each.
    mails: BTreeMap<String, usize>,
    /// Those of both that are no tickets.
    orphans: Vec<String>,
}

impl Ledger {
    async fn read(file: &Path) -> Self {
        let database = Database::open(DatabaseConfig {
            access: Access::Operate,
            ..DatabaseConfig::new(Target::Sqlite(file.to_owned()))
        });
        let database = database.unwrap();
        let (mut audited, mut mails) = (BTreeMap::new(), BTreeMap::new());
        let mut orphans = Vec::new();
        let system = database.begin_system().await.unwrap();
        for mail in system.mails(OutboxState::Waiting, u32::MAX).await.unwrap() {
            if let MailKind::TicketReceived { ticket_id } | MailKind::NewTicket { ticket_id } =
                mail.kind
            {
                *mails.entry(ticket_id.to_string()).or_default() += 1;
            }
        }
        let organizations = system.organizations().await.unwrap();
        system.rollback().await.unwrap();
        let filter = AuditFilter {
            action: Some(AuditAction::PortalTicketCreate),
            since: None,
        };
        for organization in organizations {
            let scope = TenantScope::of(organization.id);
            let reader = database.reader(scope).await.unwrap();
            for entry in reader.audit_entries(&filter, u32::MAX).await.unwrap() {
                let ticket = reader.ticket(entry.resource_id.parse().unwrap()).await;
                if ticket.unwrap().is_none() {
                    orphans.push(entry.resource_id.clone());
                }
                *audited.entry(entry.resource_id).or_default() += 1;
            }
        }
        Self {
            audited,
            mails,
            orphans,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_during_concurrent_submissions_keeps_the_acknowledged_ones() {
    let folder = tempdir().unwrap();
    // With nobody to take the mails, they stay where they can be counted.
    let launch = in_folder(folder.path())
        .set("SMTP_URL", "smtp://127.0.0.1:9")
        .set("MAIL_FROM", "portal@breeze.example");
    let server = launch.clone().argument("--demo").start().await;
    let customer = server.signed_in(LENA).await;
    let answered = Arc::<AtomicUsize>::default();
    let mut submissions = JoinSet::new();
    for _ in 0..200 {
        let (customer, answered) = (customer.clone(), Arc::clone(&answered));
        submissions.spawn(async move {
            let response = customer.submit("crowded").await;
            answered.fetch_add(1, Ordering::Relaxed);
            response
        });
    }
    let enough = async || (answered.load(Ordering::Relaxed) >= 50).then_some(());
    eventually("fifty answers", enough).await;
    server.kill();
    let responses = submissions.join_all().await;
    let responses: Vec<_> = responses.into_iter().flatten().collect();
    assert!(responses.len() < 200, "it died among them");
    assert!(responses.iter().all(|response| response.status == 201));
    let acknowledged: BTreeSet<_> = responses
        .iter()
        .map(|response| response.text("/ticket/id"))
        .collect();

    let server = launch.start().await;
    let customer = server.signed_in(LENA).await;
    let tickets: BTreeSet<_> = customer.tickets("crowded").await.into_iter().collect();
    assert!(tickets.is_superset(&acknowledged));
    let ledger = Ledger::read(&folder.path().join("data/portal.db")).await;
    for ticket in &tickets {
        assert_eq!(ledger.audited.get(ticket), Some(&1), "audit rows");
        assert_eq!(ledger.mails.get(ticket), Some(&2), "mails");
    }
    assert_eq!(ledger.orphans, [""; 0]);
    let known = |ticket: &String| ledger.audited.contains_key(ticket);
    assert!(ledger.mails.keys().all(known));
}
