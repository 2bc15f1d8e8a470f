//! Mails at their pace: side by side, in the right order, and at rest where nothing can be done.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use portal_domain::notifications::{MailKind, OutboxState, ResetAccount};
use portal_domain::organizations::Organization;
use portal_domain::profiles::PortalUser;
use portal_mail::{MailConfig, SmtpTransport};
use portal_system_tests::smtp::{MailEncryption, SmtpServer};
use portal_test_support::MailWorld;
use tokio_util::sync::CancellationToken;

use crate::{config, sent, transport};

async fn enqueue_reset(world: &MailWorld, organization: &Organization, user: &PortalUser) {
    let accounts = vec![ResetAccount {
        organization_id: organization.id,
        user_id: user.id,
    }];
    world
        .enqueue(organization, MailKind::PasswordReset { accounts })
        .await;
}

/// Waits until something is so.
async fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(30), "{what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn arrived(server: &SmtpServer, address: &str) -> usize {
    let mails = server.mails();
    mails.iter().filter(|mail| mail.to == [address]).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_server_is_given_many_mails_at_a_time() {
    const MAILS: usize = 160;
    let server = SmtpServer::start(MailEncryption::None, None);
    server.delay(Duration::from_millis(200));
    let world = MailWorld::new().await;
    let acme = world.organization("Acme").await;
    for number in 0..MAILS {
        world
            .invited(&acme, &format!("user-{number}@acme.example"))
            .await;
    }
    let sender = world.sender(transport(&server, &server.url()));
    let start = Instant::now();
    assert_eq!(sender.send_due().await.unwrap(), sent(MAILS));
    let minutes = start.elapsed().as_secs_f64() / 60.0;
    let rate = f64::from(u32::try_from(MAILS).unwrap()) / minutes;
    println!("{rate:.0} mails a minute to a server that takes 200 ms over each");
    // one at a time would be less than 300
    assert!(rate > 600.0, "{rate}");
    assert!(server.connections() <= MailConfig::DELIVERIES);
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_recipients_hold_up_neither_accounts_nor_other_organizations() {
    let server = SmtpServer::start(MailEncryption::None, None);
    server.hold("slow@acme.example");
    let world = MailWorld::new().await;
    let acme = world.organization("Acme").await;
    let globex = world.organization("Globex").await;
    let slow = world.user(&acme, "slow@acme.example").await;
    let ada = world.user(&acme, "ada@acme.example").await;
    let gus = world.user(&globex, "gus@globex.example").await;
    for _ in 0..MailConfig::DELIVERIES {
        world.ticket(&acme, &slow).await;
    }
    let sender = world.sender(transport(&server, &server.url()));
    let notifier = sender.notifier();
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(sender.run(shutdown.clone()));
    eventually("every place is taken", || {
        server.connections() >= MailConfig::DELIVERIES
    })
    .await;

    // at once, in a place of its own
    enqueue_reset(&world, &acme, &ada).await;
    notifier.notify_one();
    eventually("a reset arrives", || {
        arrived(&server, "ada@acme.example") == 1
    })
    .await;
    // as soon as the slow ones are known to be slow
    world.ticket(&globex, &gus).await;
    notifier.notify_one();
    eventually("another's mail arrives", || {
        arrived(&server, "gus@globex.example") == 1
    })
    .await;

    server.release();
    eventually("the slow ones arrive", || {
        arrived(&server, "slow@acme.example") == MailConfig::DELIVERIES
    })
    .await;
    shutdown.cancel();
    running.await.unwrap();
    assert!(world.outbox(OutboxState::Waiting).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_down_is_tried_now_and_then_by_one_mail() {
    let mut server = SmtpServer::reserve(MailEncryption::None, None);
    let world = MailWorld::new().await;
    let acme = world.organization("Acme").await;
    for number in 0..200 {
        world
            .invited(&acme, &format!("user-{number}@acme.example"))
            .await;
    }
    let sender = world.sender(SmtpTransport::new(config(&server.url())).unwrap());
    let notifier = sender.notifier();
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(sender.run(shutdown.clone()));
    // the pauses are one and two seconds, whatever is new in the outbox
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(2_500) {
        notifier.notify_one();
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let mails = world.outbox(OutboxState::Waiting).await;
    let attempts: i32 = mails.iter().map(|mail| mail.attempts).sum();
    let first = i32::try_from(MailConfig::DELIVERIES).unwrap();
    assert!(attempts > first && attempts <= first + 3, "{attempts}");

    server.open();
    world.clock.advance(TimeDelta::minutes(2));
    eventually("all arrive", || server.mails().len() == 200).await;
    shutdown.cancel();
    running.await.unwrap();
}
