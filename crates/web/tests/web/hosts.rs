//! A host that a request names, and is none of the portal's, gets into nothing.

use actix_web::http::Method;
use portal_session::SESSION_COOKIE;
use portal_test_support::Response;

use crate::browser::{Browser, encoded, hidden_fields};
use crate::start;

const EVIL: &str = "evil.example";

/// A request of a browser that names the host in every way.
async fn send(browser: &Browser, method: Method, path: &str, fields: &[(&str, &str)]) -> Response {
    let mut call = browser.call(method.clone(), path);
    for name in ["x-forwarded-host", "x-host", "x-original-host", "forwarded"] {
        let value = if name == "forwarded" {
            format!("host={EVIL}")
        } else {
            EVIL.to_owned()
        };
        call = call.header(name, &value);
    }
    if method == Method::POST {
        call = call.body("application/x-www-form-urlencoded", encoded(fields));
    }
    browser.send(call).await
}

fn assert_not_there(response: &Response, what: &str) {
    assert!(
        !response.text().contains(EVIL),
        "{what}: {}",
        response.text()
    );
    for name in [
        "location",
        "link",
        "content-security-policy",
        "access-control-allow-origin",
    ] {
        let value = response.header(name).unwrap_or_default();
        assert!(!value.contains(EVIL), "{what}: {name}: {value}");
    }
    let cookies = response.set_cookies();
    assert!(
        cookies.iter().all(|cookie| !cookie.contains(EVIL)),
        "{what}"
    );
}

/// The CSRF token of a page's first form.
async fn csrf(browser: &Browser, page: &str, action: &str) -> String {
    let html = send(browser, Method::GET, page, &[]).await;
    let fields = hidden_fields(html.text(), action);
    let csrf = fields.into_iter().find(|(name, _)| name == "csrf");
    csrf.unwrap().1
}

#[actix_web::test]
async fn a_foreign_host_is_on_no_page_and_in_no_redirect() {
    let app = start().await;
    let ticket = app.ticket(&app.acme.ada, "Printer").await;
    let signed_in = Browser::signed_in(&app, &app.acme.ada).await.at(EVIL);
    let visitor = Browser::new(&app).at(EVIL);
    let ticket = format!("/tickets/{}", ticket.id);
    for path in [
        "/",
        "/tickets",
        "/tickets/new",
        &ticket,
        "/devices",
        "/equipment",
        "/equipment/loans",
        "/profile",
        "/sign-in",
        "/sign-in?next=//evil.test/",
        "/forgot-password",
        "/reset-password?token=x",
        "/accept-invite?token=x",
        "/unsubscribe?token=x",
        "/nowhere",
    ] {
        for browser in [&visitor, &signed_in] {
            let response = send(browser, Method::GET, path, &[]).await;
            assert_not_there(&response, path);
        }
    }
    let token = csrf(&signed_in, "/profile", "/profile").await;
    let name = [("csrf", token.as_str()), ("name", "Ada M.")];
    let response = send(&signed_in, Method::POST, "/profile", &name).await;
    assert_eq!(response.header("location").as_deref(), Some("/profile"));
    assert_not_there(&response, "saving the profile");
    let response = send(&signed_in, Method::POST, "/sign-out", &name).await;
    assert_eq!(response.status(), 303);
    assert_not_there(&response, "signing out");
    assert_eq!(signed_in.cookie(SESSION_COOKIE), None);
}

#[actix_web::test]
async fn no_mail_links_to_the_host_that_its_request_named() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await.at(EVIL);
    let token = csrf(&browser, "/tickets/new", "/tickets/new").await;
    let html = send(&browser, Method::GET, "/tickets/new", &[]).await;
    let mut fields = hidden_fields(html.text(), "/tickets/new");
    fields.retain(|(name, _)| name != "csrf");
    let mut fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    fields.extend([
        ("csrf", token.as_str()),
        ("subject", "Printer"),
        ("description", "It is on fire."),
    ]);
    let response = send(&browser, Method::POST, "/tickets/new", &fields).await;
    assert_eq!(response.status(), 303, "{}", response.text());
    let visitor = Browser::new(&app).at(EVIL);
    for (email, action) in [
        (&app.acme.ada.email, "/forgot-password"),
        (
            &app.invited(&app.acme, "new@acme.example").await.email,
            "/forgot-password",
        ),
    ] {
        let token = csrf(&visitor, action, action).await;
        let fields = [("csrf", token.as_str()), ("email", email)];
        let response = send(&visitor, Method::POST, action, &fields).await;
        assert_not_there(&response, action);
    }
    app.send_mails().await;
    let mails = app.mails.take();
    // The team's, Ada's about her ticket and her password, and the invitation.
    assert!(mails.len() >= 3, "{}", mails.len());
    for mail in mails {
        let message = String::from_utf8(mail.formatted()).unwrap();
        for part in [mail.text(), mail.html(), &message] {
            assert!(!part.contains(EVIL), "{part}");
        }
    }
}
