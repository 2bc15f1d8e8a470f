//! Tickets of others: participants, managers, and those about a device.

use portal_domain::branding::BrandingChanges;
use portal_domain::devices::DeviceRecord;
use portal_domain::tickets::TicketStatus;
use portal_test_support::TestApp;

use crate::browser::Browser;
use crate::start;
use crate::support::{put, record};

async fn offer_colleagues(app: &TestApp) {
    let changes = BrandingChanges {
        enable_colleagues: Some(true),
        ..BrandingChanges::default()
    };
    app.change_branding(&app.acme, changes).await;
}

#[actix_web::test]
async fn a_colleague_is_added_replies_and_leaves() {
    let app = start().await;
    let (ada, bob) = (
        Browser::signed_in(&app, &app.acme.ada).await,
        Browser::signed_in(&app, &app.acme.bob).await,
    );
    let ticket = app.ticket(&app.acme.ada, "Printer").await.id;
    let path = format!("/tickets/{ticket}");
    let participants = format!("{path}/participants");
    assert_eq!(bob.get(&path).await.status(), 404);

    for (typed, sentence) in [
        ("", "Please fill this in."),
        ("bob", "Please enter an address like name@example.com."),
        (
            "eve@acme.example",
            "No colleague with an account has this address.",
        ),
    ] {
        let fields = [("colleague", typed)];
        let response = ada.submit(&path, &participants, &fields).await;
        assert_eq!(response.status(), 422, "{typed}");
        assert!(response.text().contains(sentence), "{}", response.text());
    }
    let fields = [("colleague", "Bob@acme.example")];
    let response = ada.submit(&path, &participants, &fields).await;
    assert_eq!(response.status(), 303);
    let html = ada.page(&path).await;
    assert!(
        html.contains("Your colleague takes part from now on."),
        "{html}"
    );
    assert!(
        html.contains(">Bob") && html.contains("name=\"remove\""),
        "{html}"
    );
    // Without the directory nobody is listed to choose from.
    assert!(
        !html.contains("<option value=\"bob@acme.example\""),
        "{html}"
    );

    let html = bob.page("/tickets?scope=shared").await;
    assert!(html.contains(&path) && html.contains("Ada"), "{html}");
    assert!(!bob.page("/tickets").await.contains(&path));
    let html = bob.page(&path).await;
    assert!(
        html.contains("<strong>Ada</strong>") && html.contains("Leave"),
        "{html}"
    );
    assert!(!html.contains("id=\"colleague\""), "{html}");
    bob.submit(&path, &path, &[("content", "Me too")]).await;
    app.set_ticket_status(&app.acme, ticket, TicketStatus::Resolved)
        .await;
    assert!(!bob.page(&path).await.contains("Yes, close the ticket"));
    assert!(ada.page(&path).await.contains("Yes, close the ticket"));

    let me = app.acme.bob.id.to_string();
    let html = bob.page(&path).await;
    for time in ["once", "again"] {
        let leave = [("remove", &*me)];
        let response = bob.submit_from(&html, &participants, &leave).await;
        let location = response.header("location");
        assert_eq!(location.as_deref(), Some("/tickets"), "{time}");
    }
    assert_eq!(bob.get(&path).await.status(), 404);
    assert!(!ada.page(&path).await.contains("name=\"remove\""));
}

#[actix_web::test]
async fn a_manager_sees_all_tickets_and_submits_one_for_a_colleague() {
    let app = start().await;
    let ada = Browser::signed_in(&app, &app.acme.ada).await;
    let printer = app.ticket(&app.acme.bob, "Printer").await.id;
    let html = ada.page("/tickets").await;
    assert!(!html.contains("scope=organization"), "{html}");
    let response = ada.get("/tickets?scope=organization").await;
    assert_eq!(response.status(), 403);
    assert!(
        response.text().contains("Only managers"),
        "{}",
        response.text()
    );
    assert!(!ada.page("/tickets/new").await.contains("on-behalf-of"));

    app.make_manager(&app.acme.ada).await;
    offer_colleagues(&app).await;
    let html = ada.page("/tickets?scope=organization").await;
    assert!(
        html.contains(&printer.to_string()) && html.contains(">Bob<"),
        "{html}"
    );
    let html = ada.page("/tickets/new").await;
    assert!(
        html.contains("<option value=\"bob@acme.example\">Bob</option>"),
        "{html}"
    );
    let mut typed = vec![
        ("subject", "Scanner"),
        ("description", "It hums."),
        ("priority", "low"),
        ("on-behalf-of", "eve@acme.example"),
    ];
    let response = ada.submit("/tickets/new", "/tickets/new", &typed).await;
    assert_eq!(response.status(), 422);
    typed[3].1 = "bob@acme.example";
    let response = ada.submit("/tickets/new", "/tickets/new", &typed).await;
    let path = response.header("location").unwrap();
    assert!(ada.page(&path).await.contains("Submitted by"));
    let bob = Browser::signed_in(&app, &app.acme.bob).await;
    assert!(bob.page("/tickets").await.contains("Scanner"));
    let response = ada.get("/tickets?scope=all").await;
    assert_eq!(response.status(), 400);
}

#[actix_web::test]
async fn a_problem_with_a_device_is_reported_from_its_page() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let device = put(&app, &app.acme, record("lt-1", Some("Ada's <notebook>"))).await;
    let hidden = DeviceRecord {
        is_ephemeral: true,
        ..record("builder", None)
    };
    let hidden = put(&app, &app.acme, hidden).await;
    let foreign = put(&app, &app.globex, record("other", None)).await;
    let page = format!("/devices/{device}");
    assert!(browser.page("/devices").await.contains(&page));
    let html = browser.page(&page).await;
    let new = format!("/tickets/new?device={device}");
    assert!(html.contains("Debian 13") && html.contains(&new), "{html}");
    for missing in [&hidden, &foreign] {
        let response = browser.get(&format!("/devices/{missing}")).await;
        assert_eq!(response.status(), 404);
    }
    let html = browser.page(&new).await;
    assert!(
        html.contains(&format!("<option value=\"{device}\" selected>")),
        "{html}"
    );
    let typed = [
        ("subject", "Keyboard"),
        ("description", "It sticks."),
        ("priority", "low"),
        ("device", device.as_str()),
    ];
    let response = browser.submit(&new, "/tickets/new", &typed).await;
    let path = response.header("location").unwrap();
    assert!(browser.page(&path).await.contains(&page));
    assert!(browser.page(&page).await.contains("Keyboard"));
    let bob = Browser::signed_in(&app, &app.acme.bob).await;
    let html = bob.page(&page).await;
    assert!(
        !html.contains("Keyboard") && html.contains("No tickets"),
        "{html}"
    );
}

#[actix_web::test]
async fn what_somebody_wrote_is_text_with_links_and_quotations() {
    let app = start().await;
    let ada = Browser::signed_in(&app, &app.acme.ada).await;
    let written =
        "See https://a.example/?x=\"><b>&y=1 and javascript:alert(1)\n> as you <i>said</i>";
    let typed = [("subject", "Printer"), ("description", written)];
    let sent = ada.submit("/tickets/new", "/tickets/new", &typed).await;
    let html = ada.page(&sent.header("location").unwrap()).await;
    let link =
        "<a href=\"https://a.example/?x=\" rel=\"noopener nofollow ugc\">https://a.example/?x=</a>";
    assert!(html.contains(link), "{html}");
    assert!(
        html.contains("<blockquote>&#62; as you &#60;i&#62;said&#60;/i&#62;</blockquote>"),
        "{html}"
    );
    assert!(
        !html.contains("<b>&") && !html.contains("href=\"javascript"),
        "{html}"
    );
}
