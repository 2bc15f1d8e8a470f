//! Clients that leave before they are answered.

use std::process::{Child, Command, Stdio};

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::backends::Backends;
use portal_test_support::program::eventually;

/// A session of PostgreSQL that keeps everybody else from the tickets.
struct Lock(Child);

impl Lock {
    fn take(backends: &Backends) -> Self {
        let psql = Command::new("psql")
            .arg(backends.postgres.address().url("portal"))
            .args([
                "--command",
                "BEGIN; LOCK TABLE tickets; SELECT pg_sleep(600)",
            ])
            .stdout(Stdio::null())
            .spawn();
        Self(psql.unwrap())
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[tokio::test]
async fn a_search_ends_when_its_client_closes_the_connection() {
    let backends = Backends::start().await;
    let launch = backends.launch().set("DATABASE_TIMEOUT_MS", "600000");
    let server = launch.start().await;
    let client = server.signed_in("frontdesk@acme.example").await;
    let count = |condition: &str| {
        let sql = format!("SELECT count(*) FROM pg_stat_activity WHERE {condition}");
        backends.postgres.address().sql("portal", &sql)
    };
    let searches = "wait_event_type = 'Lock' AND query LIKE '%search_text%'";

    let lock = Lock::take(&backends);
    eventually("the tickets are locked", async || {
        (count("query LIKE '%pg_sleep(600)' AND wait_event = 'PgSleep'") == "1").then_some(())
    })
    .await;
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let head = client.head("GET", "/tickets?q=printer", 0);
    stream.write_all(head.as_bytes()).await.unwrap();
    eventually("a search waits", async || {
        (count(searches) == "1").then_some(())
    })
    .await;
    drop(stream);
    eventually("no search waits", async || {
        (count(searches) == "0").then_some(())
    })
    .await;
    drop(lock);
    server.stopped_by("TERM").await;
}
