//! What the portal depends on dies under load, and comes back.

use std::time::{Duration, Instant};

use portal_demo::DEMO_PASSWORD;
use serde_json::json;

use crate::backends::Backends;
use crate::load::Load;
use portal_test_support::program::Server;
use portal_test_support::program::eventually;
use portal_test_support::program::{Client, Response};

/// How long somebody may wait to be told that something is out of reach.
const LIMIT: Duration = Duration::from_secs(2);

/// Not one of those who are at work in a load.
const FRONT_DESK: &str = "frontdesk@acme.example";

/// A portal under load.
struct Scene {
    backends: Backends,
    server: Server,
    visitor: Client,
    load: Load,
}

impl Scene {
    async fn set() -> Self {
        let backends = Backends::start().await;
        let server = backends.launch().start().await;
        let visitor = server.signed_in(FRONT_DESK).await;
        let load = Load::start(server.address());
        load.submit_more(20).await;
        Self {
            backends,
            server,
            visitor,
            load,
        }
    }

    /// All that needs what is gone says so, and soon; the program itself is well.
    async fn assert_without(&self, part: &str, times: usize) {
        let mut stranger = self.server.client();
        for _ in 0..times {
            let start = Instant::now();
            timely(self.visitor.get("/devices").await, start);
            let start = Instant::now();
            timely(self.visitor.submit("in vain").await, start);
            let start = Instant::now();
            timely(stranger.sign_in(FRONT_DESK, DEMO_PASSWORD).await, start);
            let start = Instant::now();
            let ready = timely(self.visitor.get("//readyz").await, start);
            assert_eq!(ready.json()["unavailable"], json!([part]));
            let healthy = self.visitor.get("//healthz").await.unwrap();
            assert_eq!(healthy.status, 200);
        }
    }

    /// Waits until requests are answered again, and customers get on with their work.
    async fn resume(&self) {
        eventually("readiness", async || {
            let response = self.visitor.get("//readyz").await.unwrap();
            (response.status == 200).then_some(())
        })
        .await;
        self.load.submit_more(20).await;
        self.server.signed_in(FRONT_DESK).await;
    }

    /// Makes sure that nobody was told anything untrue. Gives how many sessions were lost.
    async fn settle(self) -> usize {
        let outcome = self.load.stop().await;
        assert_eq!(outcome.failures, [""; 0]);
        assert!(outcome.refusals > 0, "the load saw the outage");
        let (took, refusal) = &outcome.slowest_refusal;
        // Some were half done when it died, on a machine that all of this keeps busy.
        assert!(*took < 2 * LIMIT, "{took:?}: {refusal}");
        self.backends.assert_kept(&outcome);
        self.server.stopped_by("TERM").await;
        outcome.lost_sessions
    }
}

/// A response that says that something is out of reach, within the limit.
fn timely(response: std::io::Result<Response>, start: Instant) -> Response {
    let (response, took) = (response.unwrap(), start.elapsed());
    assert!(response.is_unavailable(), "{response:?}");
    assert!(took < LIMIT, "{took:?}: {response:?}");
    response
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_requests_are_refused_until_it_is_back() {
    let mut scene = Scene::set().await;
    let frozen = scene.backends.redis.freeze();
    scene.assert_without("state", 1).await;
    drop(frozen);
    scene.resume().await;
    let response = scene.visitor.get("/devices").await.unwrap();
    assert_eq!(response.status, 200, "it has forgotten nothing");

    scene.backends.redis.kill();
    scene.assert_without("state", 3).await;
    scene.backends.redis.restart();
    scene.resume().await;

    // it has come back empty
    let response = scene.visitor.get("/devices").await.unwrap();
    assert_eq!(response.status, 401);
    assert_eq!(response.text("/error"), "Invalid or expired session");
    assert!(scene.settle().await > 0, "the load's sessions are lost too");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_postgresql_requests_are_refused_until_it_is_back() {
    let mut scene = Scene::set().await;
    scene.backends.postgres.kill();
    scene.assert_without("database", 3).await;
    // People get a page, in nobody's brand.
    let page = scene.visitor.get("//sign-in").await.unwrap();
    assert_eq!(page.status, 503);
    assert!(page.header("retry-after").is_some());
    assert!(page.body.contains("We will be right back"), "{page:?}");
    scene.backends.postgres.restart();
    scene.resume().await;

    let response = scene.visitor.get("/devices").await.unwrap();
    assert_eq!(
        response.status, 200,
        "the session has outlived the database"
    );
    assert_eq!(scene.settle().await, 0);
}
