//! Clients that leave before they are answered.

use std::process::{Child, Command, Stdio};

use portal_test_support::program::{Client, Server, eventually};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::backends::Backends;

/// A portal whose tickets nobody else can look at or change.
struct Scene {
    backends: Backends,
    server: Server,
    client: Client,
    /// `psql`, which holds the lock.
    holder: Child,
}

impl Scene {
    async fn set() -> Self {
        let backends = Backends::start().await;
        // Not the portal's own limit is to end what waits.
        let launch = backends.launch().set("DATABASE_TIMEOUT_MS", "600000");
        let server = launch.start().await;
        let client = server.signed_in("frontdesk@acme.example").await;
        let holder = Command::new("psql")
            .arg(backends.postgres.address().url("portal"))
            .args([
                "--command",
                "BEGIN; LOCK TABLE tickets; SELECT pg_sleep(600)",
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let scene = Self {
            backends,
            server,
            client,
            holder,
        };
        scene.until(1, "wait_event = 'PgSleep'").await;
        scene
    }

    /// Waits until so many sessions of PostgreSQL are in this state.
    async fn until(&self, count: usize, state: &str) {
        let sql = format!("SELECT count(*) FROM pg_stat_activity WHERE {state}");
        eventually(state, async || {
            let counted = self.backends.postgres.address().sql("portal", &sql);
            (counted == count.to_string()).then_some(())
        })
        .await;
    }

    /// Sends a request, and closes the connection once PostgreSQL works on it. Nothing waits for the
    /// lock then.
    async fn ask_and_leave(&self, request: &str) {
        let waiting = "wait_event_type = 'Lock'";
        let mut stream = TcpStream::connect(self.server.address()).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        self.until(1, waiting).await;
        drop(stream);
        self.until(0, waiting).await;
    }

    fn unlock(&mut self) {
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE wait_event = 'PgSleep'";
        self.backends.postgres.address().sql("portal", end);
        self.holder.wait().unwrap();
    }
}

#[tokio::test]
async fn a_search_ends_when_its_client_closes_the_connection() {
    let mut scene = Scene::set().await;
    let request = scene.client.head("GET", "/tickets?q=printer", 0);
    scene.ask_and_leave(&request).await;
    scene.unlock();
    scene.server.stopped_by("TERM").await;
}
