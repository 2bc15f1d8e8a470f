//! Customers who never rest.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use portal_demo::DEMO_PASSWORD;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use portal_test_support::program::eventually;
use portal_test_support::program::{Client, Response};

/// People of the demo; each signs in to an account of their own.
const PEOPLE: [&str; 8] = [
    "lena.vogt@acme.example",
    "tomasz.zielinski@acme.example",
    "miriam.okafor@acme.example",
    "henrik.dahl@acme.example",
    "rosa.delgado@globex.example",
    "marcus.chen@globex.example",
    "priya.nair@globex.example",
    "dana.kowalski@globex.example",
];

/// How long somebody waits who was told to try again later.
const PAUSE: Duration = Duration::from_millis(50);

/// The subject of all their tickets.
pub(crate) const SUBJECT: &str = "restless";

/// What they were told.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// The ids of the tickets that were answered with 201.
    pub(crate) acknowledged: Vec<String>,
    /// How often something was out of reach.
    pub(crate) refusals: usize,
    /// The longest wait to be told so, and by which answer.
    pub(crate) slowest_refusal: (Duration, String),
    /// How often a session was gone.
    pub(crate) lost_sessions: usize,
    /// All that may not happen.
    pub(crate) failures: Vec<String>,
}

impl Outcome {
    /// The response, if it is the one hoped for.
    fn note(
        &mut self,
        what: &str,
        response: io::Result<Response>,
        hoped: u16,
        took: Duration,
    ) -> Option<Response> {
        match response {
            Ok(response) if response.status == hoped => return Some(response),
            Ok(response) if response.is_unavailable() => {
                self.refusals += 1;
                let refusal = (took, format!("{what}: {response:?}"));
                self.slowest_refusal = refusal.max(std::mem::take(&mut self.slowest_refusal));
            }
            Ok(response) if response.body.contains("Invalid or expired session") => {
                self.lost_sessions += 1;
            }
            other => self.failures.push(format!("{what}: {other:?}")),
        }
        None
    }

    fn add(&mut self, other: Self) {
        self.acknowledged.extend(other.acknowledged);
        self.refusals += other.refusals;
        self.slowest_refusal = self.slowest_refusal.clone().max(other.slowest_refusal);
        self.lost_sessions += other.lost_sessions;
        self.failures.extend(other.failures);
    }
}

/// Customers at work, until stopped.
pub(crate) struct Load {
    stop: CancellationToken,
    submitted: Arc<AtomicUsize>,
    customers: JoinSet<Outcome>,
}

impl Load {
    /// Eight customers who sign in, list and submit tickets, one request after the other.
    pub(crate) fn start(address: SocketAddr) -> Self {
        let stop = CancellationToken::new();
        let submitted = Arc::<AtomicUsize>::default();
        let mut customers = JoinSet::new();
        for (number, email) in PEOPLE.into_iter().enumerate() {
            let client = Client::new(address).coming_from(format!("203.0.113.{number}"));
            customers.spawn(customer(
                client,
                email,
                stop.clone(),
                Arc::clone(&submitted),
            ));
        }
        Self {
            stop,
            submitted,
            customers,
        }
    }

    /// Waits until they have submitted some more tickets.
    pub(crate) async fn submit_more(&self, tickets: usize) {
        let submitted = || self.submitted.load(Ordering::Relaxed);
        let goal = submitted() + tickets;
        eventually("more tickets", async || (submitted() >= goal).then_some(())).await;
    }

    /// Lets them finish what they are at.
    pub(crate) async fn stop(self) -> Outcome {
        self.stop.cancel();
        let mut total = Outcome::default();
        for outcome in self.customers.join_all().await {
            total.add(outcome);
        }
        total
    }
}

async fn customer(
    mut client: Client,
    email: &'static str,
    stop: CancellationToken,
    submitted: Arc<AtomicUsize>,
) -> Outcome {
    let mut outcome = Outcome::default();
    let mut round = 0;
    while !stop.is_cancelled() {
        let refused_before = outcome.refusals;
        // In an outage too: an attempt about which nothing could be decided must not count.
        if round % 4 == 0 || client.token().is_none() {
            let start = Instant::now();
            let response = client.sign_in(email, DEMO_PASSWORD).await;
            outcome.note("sign-in", response, 200, start.elapsed());
        }
        round += 1;
        if client.token().is_some() {
            let lost_before = outcome.lost_sessions;
            let start = Instant::now();
            let list = client.get("/tickets?limit=10").await;
            outcome.note("list", list, 200, start.elapsed());

            let start = Instant::now();
            let ticket = client.submit(SUBJECT).await;
            if let Some(ticket) = outcome.note("submit", ticket, 201, start.elapsed()) {
                outcome.acknowledged.push(ticket.text("/ticket/id"));
                submitted.fetch_add(1, Ordering::Relaxed);
            }
            if outcome.lost_sessions > lost_before {
                client.forget();
            }
        }
        if outcome.refusals > refused_before {
            tokio::time::sleep(PAUSE).await;
        }
    }
    outcome
}
