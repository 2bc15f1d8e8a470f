//! Reminders of loans, from the clock to the mail.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::try_join;
use portal_domain::actors::Customer;
use portal_domain::assets::{self, Checkout};
use portal_domain::environment::Environment as _;
use portal_domain::ids::DeviceId;
use portal_domain::notifications::{MailKind, OutboxState};
use portal_domain::organizations::{NewOrganization, Organization};
use portal_domain::store::TenantScope;
use portal_mail::ReminderScheduler;
use portal_test_support::fixtures::{self, device_record};
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::subjects;
use portal_test_support::MailWorld;

/// A world in which somebody borrows devices.
struct Library {
    world: MailWorld,
    acme: Organization,
    ada: Customer,
    wake_sender: Arc<Notify>,
}

impl Library {
    async fn new(zone: &str) -> Self {
        let world = MailWorld::new().await;
        let new = NewOrganization {
            name: "Acme".parse().unwrap(),
            slug: None,
            time_zone: zone.parse().unwrap(),
        };
        let acme = fixtures::create_organization(&world.operator, &*world.clock, new).await;
        let ada = world.user(&acme, "ada@acme.example").await;
        let ada = world.customer(&acme, &ada).await;
        Self {
            world,
            acme,
            ada,
            wake_sender: Arc::default(),
        }
    }

    fn scheduler(&self) -> ReminderScheduler {
        let (store, env) = (self.world.database.clone(), self.world.clock.clone());
        ReminderScheduler::new(Arc::new(store), env, Arc::clone(&self.wake_sender))
    }

    async fn remind(&self) -> usize {
        self.scheduler().run_due().await.unwrap()
    }

    async fn borrow_until(&self, expected: DateTime<Utc>) -> Checkout {
        let (store, env) = (&self.world.database, &*self.world.clock);
        let record = device_record(&format!("lt-{}", DeviceId::generate(env)));
        let scope = TenantScope::of(self.acme.id);
        let device = fixtures::device(store, env, scope, record).await;
        fixtures::loan(store, env, &self.ada, &device, Some(expected)).await
    }

    async fn extend(&self, checkout: &Checkout, expected: DateTime<Utc>) {
        self.world
            .change_as(&self.acme, &self.ada, async |op| {
                assets::extend(op, checkout.id, expected).await.unwrap();
            })
            .await;
    }

    async fn give_back(&self, checkout: &Checkout) {
        self.world
            .change(&self.acme, async |op| {
                let request = assets::CheckinRequest::default();
                assets::take_back(op, checkout.device_id, request)
                    .await
                    .unwrap();
            })
            .await;
    }

    fn set_clock(&self, to: &str) {
        self.world.clock.set(at(to));
    }

    async fn waiting(&self) -> Vec<MailKind> {
        let mails = self.world.outbox(OutboxState::Waiting).await;
        mails.into_iter().map(|mail| mail.kind).collect()
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_borrower_is_told_once_the_day_before_and_once_when_it_is_late() {
    let library = Library::new("Pacific/Auckland").await;
    library.set_clock("2026-03-01T00:00:00Z");
    // already 11 March in Auckland
    let checkout = library.borrow_until(at("2026-03-10T12:00:00Z")).await;

    for (now, reminders) in [
        ("2026-03-09T10:59:59Z", 0),
        ("2026-03-09T11:00:00Z", 1),
        ("2026-03-09T11:01:00Z", 0),
        ("2026-03-11T10:59:59Z", 0),
        ("2026-03-11T11:00:00Z", 1),
        ("2026-03-12T00:00:00Z", 0),
    ] {
        library.set_clock(now);
        assert_eq!(library.remind().await, reminders, "{now}");
        assert_eq!(library.remind().await, 0, "{now}");
    }
    let checkout_id = checkout.id;
    assert_eq!(
        library.waiting().await,
        [
            MailKind::LoanDue { checkout_id },
            MailKind::LoanOverdue { checkout_id }
        ]
    );
}

#[tokio::test]
async fn a_moved_return_is_reminded_of_anew() {
    let library = Library::new("UTC").await;
    library.set_clock("2026-03-09T09:00:00Z");
    let checkout = library.borrow_until(at("2026-03-10T12:00:00Z")).await;
    assert_eq!(library.remind().await, 1);
    library.extend(&checkout, at("2026-03-20T12:00:00Z")).await;
    assert_eq!(library.remind().await, 0);
    library.set_clock("2026-03-19T09:00:00Z");
    assert_eq!(library.remind().await, 1);
    library.set_clock("2026-03-21T09:00:00Z");
    assert_eq!(library.remind().await, 1);
    library.extend(&checkout, at("2026-03-21T12:00:00Z")).await;
    assert_eq!(library.remind().await, 0);
    library.set_clock("2026-03-22T00:00:00Z");
    assert_eq!(library.remind().await, 1);
}

#[tokio::test]
async fn what_is_back_is_not_reminded_of() {
    let library = Library::new("UTC").await;
    library.set_clock("2026-03-09T09:00:00Z");
    let checkout = library.borrow_until(at("2026-03-10T12:00:00Z")).await;
    library.give_back(&checkout).await;
    assert_eq!(library.remind().await, 0);
    library.set_clock("2026-03-11T09:00:00Z");
    assert_eq!(library.remind().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_look_at_once_remind_once() {
    let library = Library::new("UTC").await;
    let tomorrow = library.world.clock.now() + TimeDelta::days(1);
    for _ in 0..10 {
        library.borrow_until(tomorrow).await;
    }
    let (one, other) = (library.scheduler(), library.scheduler());
    let (first, second) = try_join(one.run_due(), other.run_due()).await.unwrap();
    assert_eq!(first + second, 10);
    assert_eq!(library.waiting().await.len(), 10);
}

#[tokio::test]
async fn the_loop_wakes_the_sender_and_ends_when_told() {
    let library = Library::new("UTC").await;
    let tomorrow = library.world.clock.now() + TimeDelta::days(1);
    library.borrow_until(tomorrow).await;
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(library.scheduler().run(shutdown.clone()));
    let limit = Duration::from_secs(10);
    timeout(limit, library.wake_sender.notified())
        .await
        .unwrap();
    assert_eq!(library.world.send().await.sent, 1);
    let mails = library.world.mails.take();
    assert!(subjects(&mails)[0].starts_with("Please return lt-"));
    shutdown.cancel();
    timeout(limit, running).await.unwrap().unwrap();
}
