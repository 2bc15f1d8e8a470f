//! From a row of the outbox to a mail, on a real database.
#![expect(clippy::unwrap_used, reason = "a failing test may panic")]

mod colleagues;
mod reminders;
mod tickets;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use portal_domain::assets;
use portal_domain::branding::{self, BrandingChanges};
use portal_domain::environment::Environment as _;
use portal_domain::notifications::{MailKind, OutboxState, ResetAccount};
use portal_domain::organizations::Organization;
use portal_domain::profiles::{self, PortalUser, UserChanges};
use portal_domain::store::{Store as _, TenantScope};
use portal_mail::{DeliveryError, MailTransport, MemoryTransport, OutgoingMail, SendReport};
use portal_test_support::fixtures::{self, device_record};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use portal_test_support::MailWorld;

/// Keeps every mail but takes none over until it has failed as often as it should.
struct Flaky {
    failures_left: AtomicUsize,
    tried: MemoryTransport,
}

impl Flaky {
    fn failing(times: usize) -> (Self, MemoryTransport) {
        let tried = MemoryTransport::new();
        let failures_left = AtomicUsize::new(times);
        (
            Self {
                failures_left,
                tried: tried.clone(),
            },
            tried,
        )
    }
}

#[async_trait]
impl MailTransport for Flaky {
    async fn deliver(&self, mail: &OutgoingMail) -> Result<(), DeliveryError> {
        self.tried.deliver(mail).await?;
        let fewer = |left: usize| left.checked_sub(1);
        match self
            .failures_left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, fewer)
        {
            Ok(_) => Err(DeliveryError::Temporary(451)),
            Err(_) => Ok(()),
        }
    }
}

fn sent(count: usize) -> SendReport {
    SendReport {
        sent: count,
        ..SendReport::default()
    }
}

fn skipped(count: usize) -> SendReport {
    SendReport {
        skipped: count,
        ..SendReport::default()
    }
}

/// The links in the plain-text part.
fn links(mail: &OutgoingMail) -> Vec<String> {
    mail.text()
        .lines()
        .filter(|line| line.starts_with("https://"))
        .map(str::to_owned)
        .collect()
}

fn subjects(mails: &[OutgoingMail]) -> Vec<&str> {
    mails.iter().map(OutgoingMail::subject).collect()
}

fn reset(accounts: &[(&Organization, &PortalUser)]) -> MailKind {
    let accounts = accounts
        .iter()
        .map(|(organization, user)| ResetAccount {
            organization_id: organization.id,
            user_id: user.id,
        })
        .collect();
    MailKind::PasswordReset { accounts }
}

#[tokio::test]
async fn an_invitation_arrives_with_a_token_that_is_stored_by_its_hash() {
    let world = MailWorld::new().await;
    let acme = world.organization("Acme").await;
    let ada = world.invited(&acme, "ada@acme.example").await;

    assert_eq!(world.send().await, sent(1));
    let mails = world.mails.take();
    assert_eq!(subjects(&mails), ["Set up your account at Acme"]);
    assert_eq!(mails[0].recipient(), &ada.email);
    let links = links(&mails[0]);
    assert_eq!(links.len(), 1);
    assert!(
        links[0].starts_with("https://portal.example/accept-invite?token="),
        "{links:?}"
    );
    assert_eq!(world.opened_by(&links[0]).await.unwrap().id, ada.id);

    assert_eq!(world.send().await, SendReport::default());
    assert!(world.mails.take().is_empty());
    assert!(world.outbox(OutboxState::Waiting).await.is_empty());
}

fn failed(count: usize) -> SendReport {
    SendReport {
        failed: count,
        ..SendReport::default()
    }
}

fn dead(count: usize) -> SendReport {
    SendReport {
        dead: count,
        ..SendReport::default()
    }
}

#[tokio::test]
async fn a_mail_that_fails_comes_again_later_and_is_given_up_when_its_time_is_over() {
    let world = MailWorld::new().await;
    let acme = world.organization("Acme").await;
    let ada = world.user(&acme, "ada@acme.example").await;
    let bob = world.invited(&acme, "bob@acme.example").await;
    world.send().await;
    for (kind, lifetime, least) in [
        (reset(&[(&acme, &ada)]), TimeDelta::hours(1), 6),
        (
            MailKind::PasswordChanged { user_id: ada.id },
            TimeDelta::days(4),
            96,
        ),
        (
            MailKind::Invitation { user_id: bob.id },
            TimeDelta::days(7),
            168,
        ),
    ] {
        let (transport, tried) = Flaky::failing(usize::MAX);
        let sender = world.sender(transport);
        world.enqueue(&acme, kind).await;
        let requested_at = world.clock.now();
        while world.outbox(OutboxState::Waiting).await.len() == 1 {
            let waiting = world.outbox(OutboxState::Waiting).await;
            let wait = waiting[0].next_attempt_at - world.clock.now();
            assert!(wait <= TimeDelta::hours(1), "{wait}");
            if waiting[0].attempts > 0 {
                assert!(wait >= TimeDelta::seconds(15), "{wait}");
                world.clock.advance(wait - TimeDelta::seconds(1));
                assert_eq!(sender.send_due().await.unwrap(), SendReport::default());
                world.clock.advance(TimeDelta::seconds(1));
            }
            let report = sender.send_due().await.unwrap();
            assert!(report == failed(1) || report == dead(1), "{report:?}");
        }
        // the last try is in its last hour, or for a reset in its last half
        let age = world.clock.now() - requested_at;
        assert!(
            age < lifetime && age + TimeDelta::hours(1) >= lifetime,
            "{age}"
        );
        assert!(tried.mails().len() >= least, "{}", tried.mails().len());
        let given_up = world.outbox(OutboxState::Dead).await.pop().unwrap();
        assert_eq!(
            given_up.last_error.as_deref(),
            Some("the mail server refused the mail for now (451)")
        );
        world.clock.advance(TimeDelta::days(1));
        assert_eq!(sender.send_due().await.unwrap(), SendReport::default());
    }
}

#[tokio::test]
async fn what_waited_for_too_long_is_not_sent_until_an_operator_asks_for_it() {
    let world = MailWorld::new().await;
    let acme = world.organization("Acme").await;
    let ada = world.user(&acme, "ada@acme.example").await;
    world.enqueue(&acme, reset(&[(&acme, &ada)])).await;
    world.clock.advance(TimeDelta::hours(1));
    assert_eq!(world.send().await, dead(1));
    assert!(world.mails.take().is_empty());
    let given_up = world.outbox(OutboxState::Dead).await;
    assert_eq!(
        given_up[0].last_error.as_deref(),
        Some("the mail could not be sent in time")
    );

    let tx = world.database.begin_system().await.unwrap();
    let now = world.clock.now();
    assert!(tx.retry_mail(given_up[0].id, now).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(world.send().await, sent(1));
    let link = links(&world.mails.take()[0]).remove(0);
    world.clock.advance(TimeDelta::minutes(59));
    assert!(world.opened_by(&link).await.is_some());
}

#[tokio::test]
async fn a_permanent_refusal_is_not_repeated() {
    struct Refusing;
    #[async_trait]
    impl MailTransport for Refusing {
        async fn deliver(&self, _: &OutgoingMail) -> Result<(), DeliveryError> {
            Err(DeliveryError::Permanent(550))
        }
    }
    let world = MailWorld::new().await;
    let acme = world.organization("Acme").await;
    world.invited(&acme, "ada@acme.example").await;
    let sender = world.sender(Refusing);
    assert_eq!(sender.send_due().await.unwrap(), dead(1));
    let given_up = world.outbox(OutboxState::Dead).await;
    assert_eq!(
        given_up[0].last_error.as_deref(),
        Some("the mail server refused the mail (550)")
    );
    world.clock.advance(TimeDelta::hours(2));
    assert_eq!(sender.send_due().await.unwrap(), SendReport::default());
}

#[tokio::test]
async fn the_links_of_all_copies_work_until_one_is_used_or_a_new_mail_asked_for() {
    let world = MailWorld::new().await;
    let acme = world.organization("Acme").await;
    let ada = world.user(&acme, "ada@acme.example").await;
    world.enqueue(&acme, reset(&[(&acme, &ada)])).await;
    let (transport, tried) = Flaky::failing(1);
    let sender = world.sender(transport);

    assert_eq!(sender.send_due().await.unwrap(), failed(1));
    world.clock.advance(TimeDelta::minutes(1));
    assert_eq!(sender.send_due().await.unwrap(), sent(1));
    let mails = tried.mails();
    let [first, second] = mails.as_slice() else {
        panic!("{mails:?}")
    };
    assert_eq!(first.id(), second.id());
    let copies = [links(first).remove(0), links(second).remove(0)];
    for link in &copies {
        assert!(world.opened_by(link).await.is_some());
    }
    // the time counts from the request, and the mail says what is left
    assert!(first.text().contains("within 60 minutes"));
    assert!(second.text().contains("within 59 minutes"));
    world.clock.advance(TimeDelta::minutes(58));
    assert!(world.opened_by(&copies[1]).await.is_some());

    world.enqueue(&acme, reset(&[(&acme, &ada)])).await;
    assert_eq!(sender.send_due().await.unwrap(), sent(1));
    for link in &copies {
        assert!(world.opened_by(link).await.is_none());
    }
}

#[tokio::test]
async fn a_request_whose_mail_is_late_gives_way_to_a_newer_one() {
    let world = MailWorld::new().await;
    let acme = world.organization("Acme").await;
    let ada = world.user(&acme, "ada@acme.example").await;
    world.enqueue(&acme, reset(&[(&acme, &ada)])).await;
    let (transport, _) = Flaky::failing(1);
    assert_eq!(world.sender(transport).send_due().await.unwrap(), failed(1));
    world.clock.advance(TimeDelta::seconds(5));
    world.enqueue(&acme, reset(&[(&acme, &ada)])).await;
    assert_eq!(world.send().await, sent(1));
    let newer = links(&world.mails.take()[0]).remove(0);
    world.clock.advance(TimeDelta::minutes(1));
    assert_eq!(world.send().await, skipped(1));
    assert!(world.opened_by(&newer).await.is_some());
}

#[tokio::test]
async fn mails_about_accounts_go_first_and_organizations_take_turns() {
    let world = MailWorld::new().await;
    let acme = world.organization("Acme").await;
    let globex = world.organization("Globex").await;
    let ada = world.user(&acme, "ada@acme.example").await;
    let gus = world.user(&globex, "gus@globex.example").await;
    for _ in 0..20 {
        world.ticket(&acme, &ada).await;
    }
    world.ticket(&globex, &gus).await;
    world.invited(&acme, "bob@acme.example").await;
    world.enqueue(&acme, reset(&[(&acme, &ada)])).await;
    let config = portal_mail::MailConfig {
        deliveries: 1,
        ..world.mail_config()
    };
    let sender = world.sender_with(config, world.mails.clone());
    // half of the mails are to teams without an address
    assert_eq!(sender.send_due().await.unwrap().sent, 23);
    let mails = world.mails.take();
    let to: Vec<_> = mails.iter().map(|mail| mail.recipient().as_str()).collect();
    assert_eq!(to[..2], ["ada@acme.example", "bob@acme.example"]);
    assert_eq!(mails[0].subject(), "Reset your password");
    let turn = to.iter().position(|to| *to == "gus@globex.example");
    assert!(turn.is_some_and(|turn| turn <= 4), "{to:?}");
}

#[tokio::test]
async fn one_mail_resets_the_password_of_every_account_of_its_address() {
    let world = MailWorld::new().await;
    let (acme, globex) = (
        world.organization("Acme").await,
        world.organization("Globex").await,
    );
    let at_acme = world.user(&acme, "ada@acme.example").await;
    let at_globex = world.user(&globex, "ada@acme.example").await;
    let domain = BrandingChanges {
        custom_domain: Some("help.globex.example".parse().ok()),
        ..BrandingChanges::default()
    };
    world.brand(&globex, domain).await;
    world
        .change(&globex, async |op| {
            branding::verify_domain(op).await.unwrap();
        })
        .await;
    let kind = reset(&[(&acme, &at_acme), (&globex, &at_globex)]);

    world.enqueue(&acme, kind.clone()).await;
    assert_eq!(world.send().await, sent(1));
    let mails = world.mails.take();
    // It is about both organizations, so it goes by the name of neither.
    let raw = String::from_utf8(mails[0].formatted()).unwrap();
    assert!(raw.contains("\r\nFrom: \"Customer portal\" <portal@mail.example>\r\n"));
    assert!(mails[0].text().contains("-- \nCustomer portal\n"));
    let links_of_both = links(&mails[0]);
    let [acme_link, globex_link] = links_of_both.as_slice() else {
        panic!("{links_of_both:?}")
    };
    assert!(acme_link.starts_with("https://portal.example/reset-password?token="));
    assert!(globex_link.starts_with("https://help.globex.example/reset-password?token="));
    assert_eq!(world.opened_by(acme_link).await.unwrap().id, at_acme.id);
    assert_eq!(world.opened_by(globex_link).await.unwrap().id, at_globex.id);

    // A link never goes to an address that its account no longer has.
    let moved = UserChanges {
        email: "ada@globex.example".parse().ok(),
        ..UserChanges::default()
    };
    world
        .change(&globex, async |op| {
            profiles::update(op, &at_globex.email, moved).await.unwrap();
        })
        .await;
    world.enqueue(&acme, kind).await;
    assert_eq!(world.send().await, sent(1));
    let mails = world.mails.take();
    assert_eq!(mails[0].recipient(), &at_acme.email);
    assert!(mails[0].text().contains("-- \nAcme\n"));
    assert_eq!(links(&mails[0]).len(), 1);
    assert!(world.opened_by(globex_link).await.is_none());
}

#[tokio::test]
async fn a_reset_is_not_sent_to_who_may_not_reset() {
    let world = MailWorld::new().await;
    let acme = world.organization("Acme").await;
    let ada = world.user(&acme, "ada@acme.example").await;

    world.enqueue(&acme, reset(&[(&acme, &ada)])).await;
    let off = BrandingChanges {
        enable_password_reset: Some(false),
        ..BrandingChanges::default()
    };
    world.brand(&acme, off).await;
    assert_eq!(world.send().await, skipped(1));

    let on = BrandingChanges {
        enable_password_reset: Some(true),
        ..BrandingChanges::default()
    };
    world.brand(&acme, on).await;
    world.enqueue(&acme, reset(&[(&acme, &ada)])).await;
    disable(&world, &acme, &ada).await;
    assert_eq!(world.send().await, skipped(1));
    assert!(world.mails.take().is_empty());
}

#[tokio::test]
async fn an_invitation_is_not_sent_to_who_was_shut_out() {
    let world = MailWorld::new().await;
    let acme = world.organization("Acme").await;
    let ada = world.invited(&acme, "ada@acme.example").await;
    disable(&world, &acme, &ada).await;
    assert_eq!(world.send().await, skipped(1));
}

#[tokio::test]
async fn a_borrower_is_reminded_while_the_device_is_out() {
    let world = MailWorld::new().await;
    let acme = world.organization("Acme").await;
    let ada = world.user(&acme, "ada@acme.example").await;
    let customer = world.customer(&acme, &ada).await;
    let tomorrow = world.clock.now() + TimeDelta::days(1);
    let (store, env) = (&world.database, &*world.clock);
    let scope = TenantScope::of(acme.id);
    let device = fixtures::device(store, env, scope, device_record("lt-1")).await;
    let checkout = fixtures::loan(store, env, &customer, &device, Some(tomorrow)).await;
    let checkout_id = checkout.id;
    let (due, overdue) = (
        MailKind::LoanDue { checkout_id },
        MailKind::LoanOverdue { checkout_id },
    );

    world.enqueue(&acme, due.clone()).await;
    world.enqueue(&acme, overdue.clone()).await;
    let report = world.send().await;
    assert_eq!(
        report,
        SendReport {
            sent: 1,
            skipped: 1,
            ..SendReport::default()
        }
    );
    assert_eq!(
        subjects(&world.mails.take()),
        ["Please return lt-1 by Feb 1, 2026"]
    );

    // Later on that day, and on the next.
    world.clock.advance(TimeDelta::hours(30));
    world.enqueue(&acme, overdue.clone()).await;
    assert_eq!(world.send().await, skipped(1));
    world.clock.advance(TimeDelta::hours(18));
    world.enqueue(&acme, due).await;
    world.enqueue(&acme, overdue.clone()).await;
    let report = world.send().await;
    assert_eq!(
        report,
        SendReport {
            sent: 1,
            skipped: 1,
            ..SendReport::default()
        }
    );
    assert_eq!(subjects(&world.mails.take()), ["Overdue: lt-1"]);

    let next_week = world.clock.now() + TimeDelta::days(7);
    world
        .change_as(&acme, &customer, async |op| {
            assets::extend(op, checkout_id, next_week).await.unwrap();
        })
        .await;
    world.enqueue(&acme, overdue).await;
    assert_eq!(world.send().await, skipped(1));
}

/// Passes mails on to a test that waits for them.
struct Channel(mpsc::UnboundedSender<String>);

#[async_trait]
impl MailTransport for Channel {
    async fn deliver(&self, mail: &OutgoingMail) -> Result<(), DeliveryError> {
        drop(self.0.send(mail.subject().to_owned()));
        Ok(())
    }
}

#[tokio::test]
async fn the_loop_sends_when_notified_and_ends_when_told() {
    let world = MailWorld::new().await;
    let acme = world.organization("Acme").await;
    let (mails, mut arrived) = mpsc::unbounded_channel();
    let sender = world.sender(Channel(mails));
    let (notifier, shutdown) = (sender.notifier(), CancellationToken::new());
    let running = tokio::spawn(sender.run(shutdown.clone()));

    world.invited(&acme, "ada@acme.example").await;
    notifier.notify_one();
    let subject = timeout(Duration::from_secs(10), arrived.recv())
        .await
        .unwrap();
    assert_eq!(subject.as_deref(), Some("Set up your account at Acme"));

    shutdown.cancel();
    timeout(Duration::from_secs(10), running)
        .await
        .unwrap()
        .unwrap();
    assert!(world.outbox(OutboxState::Waiting).await.is_empty());
}

async fn disable(world: &MailWorld, organization: &Organization, user: &PortalUser) {
    world
        .change(organization, async |op| {
            profiles::disable(op, &user.email).await.unwrap();
        })
        .await;
}
