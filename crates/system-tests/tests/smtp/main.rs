//! Mails to a real server on the loopback interface.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test may panic"
)]

mod pace;
mod real;
mod steps;

use std::collections::HashSet;

use chrono::TimeDelta;
use futures_util::future::try_join;
use mailparse::{MailHeaderMap as _, ParsedMail, parse_mail};
use portal_domain::actors::Technician;
use portal_domain::branding::BrandingChanges;
use portal_domain::notifications::OutboxState;
use portal_domain::organizations::Organization;
use portal_domain::tickets;
use portal_mail::{MailConfig, MailSender, SendReport, SmtpConfig, SmtpTransport};
use portal_system_tests::smtp::{MailEncryption, ReceivedMail, SmtpServer};

use portal_test_support::MailWorld;

const ADA: &str = "ada@acme.example";

fn sent(count: usize) -> SendReport {
    SendReport {
        sent: count,
        ..SendReport::default()
    }
}

fn failed(count: usize) -> SendReport {
    SendReport {
        failed: count,
        ..SendReport::default()
    }
}

/// A transport that trusts the server's certificate.
fn transport(server: &SmtpServer, url: &str) -> SmtpTransport {
    let config = SmtpConfig {
        extra_roots: Some(server.certificate().to_owned()),
        ..config(url)
    };
    SmtpTransport::new(config).unwrap()
}

fn config(url: &str) -> SmtpConfig {
    SmtpConfig::new(url.parse().unwrap(), "portal.example".parse().unwrap())
}

/// A world with a mail to Ada in its outbox.
async fn world() -> (MailWorld, Organization) {
    let world = MailWorld::new().await;
    let acme = world.organization("Acme").await;
    world.invited(&acme, ADA).await;
    (world, acme)
}

async fn last_error(world: &MailWorld, state: OutboxState) -> String {
    let mails = world.outbox(state).await;
    mails[0].last_error.clone().unwrap()
}

fn header(mail: &ParsedMail<'_>, name: &str) -> Option<String> {
    mail.headers.get_first_value(name)
}

fn message_id(mail: &ReceivedMail) -> String {
    header(&parse_mail(&mail.raw).unwrap(), "Message-ID").unwrap()
}

#[tokio::test]
async fn a_mail_arrives_whole_however_it_is_sent() {
    for encryption in MailEncryption::ALL {
        for credentials in [None, Some(("portal", "hunter2"))] {
            let server = SmtpServer::start(encryption, credentials);
            let url = credentials.map_or_else(
                || server.url(),
                |(name, password)| server.url_as(name, password),
            );
            arrives_whole(&server, &url, credentials.map(|(name, _)| name)).await;
            let mails = server.mails();
            let is_encrypted = encryption != MailEncryption::None;
            assert!(mails.iter().all(|mail| mail.encrypted == is_encrypted));
        }
    }
}

/// Sends a mail with words that are hard to carry.
async fn arrives_whole(server: &SmtpServer, url: &str, user: Option<&str>) {
    const REPLY: &str = "Grüße.\n.\nBcc: eve@example.com\n\nover";
    const FOOTER: &str = "Berlin\n.\n..hidden";
    let world = MailWorld::new().await;
    let acme = world.organization("Acme & Söhne").await;
    let support = BrandingChanges {
        support_email: Some("help@acme.example".parse().ok()),
        footer_text: Some(FOOTER.parse().ok()),
        ..BrandingChanges::default()
    };
    let ada = world.user(&acme, ADA).await;
    let ticket = world.ticket(&acme, &ada).await;
    world.send().await;
    world.brand(&acme, support).await;
    let robin = Technician::named("Robin".parse().unwrap());
    world
        .change_as(&acme, &robin, async |op| {
            tickets::add_team_reply(op, ticket.id, REPLY.parse().unwrap())
                .await
                .unwrap();
        })
        .await;
    let waiting = world.outbox(OutboxState::Waiting).await;

    let sender = world.sender(transport(server, url));
    assert_eq!(sender.send_due().await.unwrap(), sent(1), "{url}");

    let mails = server.mails();
    let [mail] = mails.as_slice() else {
        panic!("{mails:?}")
    };
    assert_eq!(mail.from, "portal@mail.example");
    assert_eq!(mail.to, [ADA]);
    assert_eq!(mail.user.as_deref(), user);
    let parsed = parse_mail(&mail.raw).unwrap();
    let expected_id = format!("<{}@mail.example>", waiting[0].id);
    for (name, value) in [
        ("From", "Acme & Söhne <portal@mail.example>"),
        ("To", "Ada <ada@acme.example>"),
        ("Reply-To", "Acme & Söhne <help@acme.example>"),
        ("Auto-Submitted", "auto-generated"),
        ("Message-ID", &expected_id),
    ] {
        let found = header(&parsed, name).unwrap().replace('"', "");
        assert_eq!(found, value, "{name}");
    }
    for name in ["Bcc", "Cc"] {
        assert_eq!(header(&parsed, name), None);
    }
    assert_eq!(parsed.ctype.mimetype, "multipart/alternative");
    let [text, html] = parsed.subparts.as_slice() else {
        panic!("two parts")
    };
    let text = text.get_body().unwrap().replace("\r\n", "\n");
    let quoted: Vec<_> = REPLY.lines().map(|line| format!("> {line}\n")).collect();
    assert!(text.contains(&quoted.concat()), "{text}");
    assert!(text.contains(&format!("\n{FOOTER}\n")), "{text}");
    let html = html.get_body().unwrap();
    assert!(
        html.contains(&REPLY.replace('\n', "<br>")) && html.trim_end().ends_with("</html>"),
        "{html}"
    );
}

#[tokio::test]
async fn credentials_are_decoded_and_wrong_ones_are_told_apart() {
    let server = SmtpServer::start(
        MailEncryption::Implicit,
        Some(("portal@acme.example", "p@ss:/w%rd ")),
    );
    let (world, _) = world().await;
    let wrong = server.url_as("portal%40acme.example", "guess");
    let sender = world.sender(transport(&server, &wrong));
    assert_eq!(sender.send_due().await.unwrap(), failed(1));
    assert_eq!(
        last_error(&world, OutboxState::Waiting).await,
        "the mail server does not accept the credentials (535)"
    );
    assert!(server.mails().is_empty());

    world.clock.advance(TimeDelta::minutes(1));
    let right = server.url_as("portal%40acme.example", "p%40ss%3A%2Fw%25rd%20");
    let sender = world.sender(transport(&server, &right));
    assert_eq!(sender.send_due().await.unwrap(), sent(1));
    assert_eq!(
        server.mails()[0].user.as_deref(),
        Some("portal@acme.example")
    );
}

#[tokio::test]
async fn a_mail_waits_for_a_server_that_is_down() {
    let mut server = SmtpServer::reserve(MailEncryption::None, None);
    let (world, _) = world().await;
    let sender = world.sender(transport(&server, &server.url()));
    for _ in 0..3 {
        assert_eq!(sender.send_due().await.unwrap(), failed(1));
        world.clock.advance(TimeDelta::hours(1));
    }
    assert_eq!(
        last_error(&world, OutboxState::Waiting).await,
        "no connection to the mail server: connection refused"
    );
    let id = world.outbox(OutboxState::Waiting).await[0].id;

    server.open();
    assert_eq!(sender.send_due().await.unwrap(), sent(1));
    assert_eq!(sender.send_due().await.unwrap(), SendReport::default());
    let mails = server.mails();
    assert_eq!(mails.len(), 1);
    assert_eq!(message_id(&mails[0]), format!("<{id}@mail.example>"));
}

#[tokio::test]
async fn a_refusal_for_now_delays_the_mail_and_tells_no_address() {
    let server = SmtpServer::start(MailEncryption::None, None);
    server.refuse(451, 1);
    let (world, acme) = world().await;
    world.clock.advance(TimeDelta::seconds(1));
    world.invited(&acme, "bob@acme.example").await;
    let sender = world.sender(transport(&server, &server.url()));

    // the other mail is not kept back
    let report = sender.send_due().await.unwrap();
    assert_eq!((report.failed, report.sent), (1, 1));
    assert_eq!(
        last_error(&world, OutboxState::Waiting).await,
        "the mail server refused the mail for now (451)"
    );
    world.clock.advance(TimeDelta::minutes(1));
    assert_eq!(sender.send_due().await.unwrap(), sent(1));
    let to: HashSet<_> = server
        .mails()
        .into_iter()
        .flat_map(|mail| mail.to)
        .collect();
    assert_eq!(
        to,
        HashSet::from([ADA, "bob@acme.example"].map(str::to_owned))
    );
}

#[tokio::test]
async fn a_mail_that_is_refused_for_good_is_not_sent_again() {
    let server = SmtpServer::start(MailEncryption::None, None);
    server.refuse(550, 100);
    let (world, _) = world().await;
    let sender = world.sender(transport(&server, &server.url()));
    let report = sender.send_due().await.unwrap();
    assert_eq!((report.failed, report.dead), (0, 1));
    assert_eq!(
        last_error(&world, OutboxState::Dead).await,
        "the mail server refused the mail (550)"
    );
    world.clock.advance(TimeDelta::hours(2));
    assert_eq!(sender.send_due().await.unwrap(), SendReport::default());
    assert_eq!(server.refusals_left(), 99);
}

#[tokio::test]
async fn a_refused_greeting_is_told_as_such_and_keeps_every_mail() {
    let server = SmtpServer::start(MailEncryption::None, None);
    server.refuse_greetings(504);
    let (world, acme) = world().await;
    for number in 0..20 {
        world
            .invited(&acme, &format!("user-{number}@acme.example"))
            .await;
    }
    let config = MailConfig {
        deliveries: 1,
        ..world.mail_config()
    };
    let sender = world.sender_with(config, transport(&server, &server.url()));
    // the first mail tells how the server does
    assert_eq!(sender.send_due().await.unwrap(), failed(1));
    assert_eq!(server.connections(), 1);
    let waiting = world.outbox(OutboxState::Waiting).await;
    assert_eq!(waiting.len(), 21);
    let errors: Vec<_> = waiting
        .into_iter()
        .filter_map(|mail| mail.last_error)
        .collect();
    assert_eq!(errors, ["the mail server refused our greeting (504)"]);
}

#[tokio::test]
async fn encryption_is_taken_where_it_is_offered() {
    let server = SmtpServer::start(MailEncryption::StartTls, None);
    let (world, _) = world().await;
    let url = server.url().replace("smtp+starttls://", "smtp://");
    // by a certificate that nobody knows
    let sender = world.sender(SmtpTransport::new(config(&url)).unwrap());
    assert_eq!(sender.send_due().await.unwrap(), sent(1));
    assert!(server.mails()[0].encrypted);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_senders_send_each_mail_once() {
    const MAILS: usize = 20;
    let server = SmtpServer::start(MailEncryption::None, None);
    let world = MailWorld::new().await;
    let acme = world.organization("Acme").await;
    for number in 0..MAILS {
        world
            .invited(&acme, &format!("user-{number}@acme.example"))
            .await;
    }
    let senders: [MailSender; 2] =
        std::array::from_fn(|_| world.sender(transport(&server, &server.url())));
    let [one, other] = &senders;
    let (first, second) = try_join(one.send_due(), other.send_due()).await.unwrap();
    assert_eq!(first.sent + second.sent, MAILS);

    let mails = server.mails();
    let ids: HashSet<_> = mails.iter().map(message_id).collect();
    let to: HashSet<_> = mails.iter().map(|mail| &mail.to).collect();
    assert_eq!((mails.len(), ids.len(), to.len()), (MAILS, MAILS, MAILS));
}

#[tokio::test]
async fn mails_that_follow_each_other_share_connections() {
    let server = SmtpServer::start(MailEncryption::StartTls, Some(("portal", "hunter2")));
    let (world, acme) = world().await;
    for number in 0..40 {
        world
            .invited(&acme, &format!("user-{number}@acme.example"))
            .await;
    }
    // a refusal does not cost the connection
    server.refuse(451, 1);
    let url = server.url_as("portal", "hunter2");
    let sender = world.sender(transport(&server, &url));
    let report = sender.send_due().await.unwrap();
    assert_eq!((report.sent, report.failed), (40, 1));
    let connections = server.connections();
    assert!(connections <= MailConfig::DELIVERIES, "{connections}");

    // but nothing is held open meanwhile
    world.invited(&acme, "cy@acme.example").await;
    assert_eq!(sender.send_due().await.unwrap(), sent(1));
    assert_eq!(server.connections(), connections + 1);
    let mails = server.mails();
    let all: HashSet<_> = mails.iter().map(|mail| &mail.to).collect();
    assert_eq!(all.len(), 41);
}

#[tokio::test]
async fn nothing_is_sent_where_the_server_cannot_be_trusted() {
    for encryption in [MailEncryption::StartTls, MailEncryption::Implicit] {
        let server = SmtpServer::start(encryption, None);
        let config = config(&server.url());
        let (world, _) = world().await;
        let sender = world.sender(SmtpTransport::new(config).unwrap());
        assert_eq!(sender.send_due().await.unwrap(), failed(1));
        assert_eq!(
            last_error(&world, OutboxState::Waiting).await,
            "no secure connection to the mail server"
        );
        assert!(server.mails().is_empty());
    }
}

#[tokio::test]
async fn nothing_is_sent_without_what_the_address_asks_for() {
    let server = SmtpServer::start(MailEncryption::None, None);
    let plain = server.url();
    for (url, missing) in [
        (plain.replace("smtp://", "smtp+starttls://"), "STARTTLS"),
        (server.url_as("portal", "hunter2"), "a way to sign in"),
    ] {
        let (world, _) = world().await;
        let sender = world.sender(transport(&server, &url));
        assert_eq!(sender.send_due().await.unwrap(), failed(1));
        assert_eq!(
            last_error(&world, OutboxState::Waiting).await,
            format!("the mail server does not offer {missing}")
        );
        assert!(server.mails().is_empty());
    }
}

#[tokio::test]
async fn the_link_that_arrives_opens_the_account() {
    let server = SmtpServer::start(MailEncryption::Implicit, None);
    let (world, _) = world().await;
    let sender = world.sender(transport(&server, &server.url()));
    assert_eq!(sender.send_due().await.unwrap(), sent(1));
    let mails = server.mails();
    let parsed = parse_mail(&mails[0].raw).unwrap();
    let text = parsed.subparts[0].get_body().unwrap();
    let link = text.lines().find(|line| line.starts_with("https://"));
    let opened = world.opened_by(link.unwrap()).await.unwrap();
    assert_eq!(opened.email.as_str(), ADA);
}
