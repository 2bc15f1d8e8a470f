//! Mails to Postfix and Exim.

use std::collections::HashSet;

use mailparse::parse_mail;
use portal_domain::branding::BrandingChanges;
use portal_domain::notifications::OutboxState;
use portal_mail::{HelloName, SendReport, SmtpConfig, SmtpTransport};
use portal_system_tests::mail_servers::MailServer;
use portal_test_support::MailWorld;

use crate::{ADA, header, last_error, sent};

/// A transport that greets as a portal at an address does.
fn transport(server: &MailServer, public_url: &str) -> SmtpTransport {
    let hello_name = HelloName::of(&public_url.parse().unwrap());
    let server = server.url().parse().unwrap();
    SmtpTransport::new(SmtpConfig::new(server, hello_name)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_arrive_at_postfix_and_exim() {
    for server in [MailServer::postfix(), MailServer::exim()] {
        let world = MailWorld::new().await;
        let acme = world.organization("Acme & Söhne").await;
        let support = BrandingChanges {
            support_email: Some("help@acme.example".parse().ok()),
            ..BrandingChanges::default()
        };
        world.brand(&acme, support).await;
        let ada = world.user(&acme, ADA).await;
        for _ in 0..20 {
            world.ticket(&acme, &ada).await;
        }
        world.invited(&acme, "bob@acme.example").await;
        // also a portal on a developer's machine has a name that servers accept
        for public_url in ["https://portal.acme.example", "http://localhost:8080"] {
            let sender = world.sender(transport(&server, public_url));
            let report = sender.send_due().await.unwrap();
            assert_eq!(report, sent(41), "{}", server.url());

            world.invited(&acme, "cy@acme.example").await;
            for _ in 0..20 {
                world.ticket(&acme, &ada).await;
            }
        }
        let mails = server.arrived(82);
        let ids: HashSet<_> = mails
            .iter()
            .map(|mail| header(&parse_mail(mail).unwrap(), "Message-ID").unwrap())
            .collect();
        assert_eq!((mails.len(), ids.len()), (82, 82));
        let invitation = mails.iter().find_map(|mail| {
            let mail = parse_mail(mail).unwrap();
            let to = header(&mail, "To")?;
            let text = mail.subparts[0].get_body().unwrap();
            to.contains("bob@").then(|| {
                text.lines()
                    .find(|line| line.starts_with("https://"))
                    .unwrap()
                    .to_owned()
            })
        });
        let opened = world.opened_by(&invitation.unwrap()).await.unwrap();
        assert_eq!(opened.email.as_str(), "bob@acme.example");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_does_not_take_is_given_up_at_once() {
    for server in [MailServer::postfix(), MailServer::exim()] {
        let world = MailWorld::new().await;
        let acme = world.organization("Acme").await;
        world.invited(&acme, "ada@elsewhere.example").await;
        world.invited(&acme, "bob@acme.example").await;
        let sender = world.sender(transport(&server, "https://portal.acme.example"));
        let report = sender.send_due().await.unwrap();
        let expected = SendReport {
            sent: 1,
            dead: 1,
            ..SendReport::default()
        };
        assert_eq!(report, expected, "{}", server.url());
        let error = last_error(&world, OutboxState::Dead).await;
        let is_refusal =
            ["550", "554"].map(|code| format!("the mail server refused the mail ({code})"));
        assert!(is_refusal.contains(&error), "{error}");
        assert_eq!(server.arrived(1).len(), 1);
    }
}
