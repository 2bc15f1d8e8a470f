//! Forged and malformed form submissions.

use std::fs;
use std::path::Path;

use actix_web::http::Method;
use portal_session::SESSION_COOKIE;
use portal_test_support::{PASSWORD, Response};

use crate::browser::{Browser, hidden_fields};
use crate::start;

#[actix_web::test]
async fn form_without_csrf_token_is_forbidden() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let bob = Browser::signed_in(&app, &app.acme.bob).await;
    let html = bob.page("/profile").await;
    let foreign = hidden_fields(&html, "/profile").remove(0).1;
    for csrf in [None, Some(""), Some("nonsense"), Some(&*foreign)] {
        for path in ["/profile", "/profile/password", "/sign-out"] {
            let mut fields = vec![("name", "Mallory")];
            fields.extend(csrf.map(|csrf| ("csrf", csrf)));
            let response = browser.post(path, &fields).await;
            // A token of another session may be of a page that was opened before.
            let (status, text) = match csrf {
                None | Some("") => (403, "could not be accepted"),
                Some(_) => (422, "Nothing has been saved yet"),
            };
            assert_eq!(response.status(), status, "{path} {csrf:?}");
            assert!(response.text().contains(text), "{}", response.text());
        }
    }
    assert!(browser.page("/").await.contains("Hello, Ada"));
}

#[actix_web::test]
async fn form_in_another_encoding_is_rejected() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let html = browser.page("/profile").await;
    let csrf = hidden_fields(&html, "/profile").remove(0).1;
    for (name, status) in [("J%F6rg", 400), ("J%C3%B6rg", 303)] {
        let call = browser.call(Method::POST, "/profile").body(
            "application/x-www-form-urlencoded",
            format!("csrf={csrf}&name={name}"),
        );
        assert_eq!(browser.send(call).await.status(), status, "{name}");
    }
    assert!(browser.page("/").await.contains("Hello, Jörg"));
}

#[actix_web::test]
async fn cross_site_form_is_forbidden() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let html = browser.page("/profile").await;
    let csrf = hidden_fields(&html, "/profile").remove(0).1;
    let body = format!("csrf={csrf}&name=Mallory");
    for (header, value, status) in [
        ("origin", "https://evil.example", 403),
        ("sec-fetch-site", "cross-site", 403),
        ("origin", "http://portal.example", 303),
        ("sec-fetch-site", "same-origin", 303),
        // from a page that sends no referrer
        ("origin", "null", 303),
    ] {
        let call = browser.call(Method::POST, "/profile").header(header, value);
        let call = call.body("application/x-www-form-urlencoded", body.clone());
        assert_eq!(
            browser.send(call).await.status(),
            status,
            "{header}: {value}"
        );
    }
}

#[actix_web::test]
async fn cross_site_sign_in_is_forbidden() {
    let app = start().await;
    let fields = [("email", &*app.acme.ada.email), ("password", PASSWORD)];
    // No cookie, no token.
    let browser = Browser::new(&app);
    assert_eq!(browser.post("/sign-in", &fields).await.status(), 403);
    // A cookie, and the token of another browser.
    let other = Browser::new(&app);
    let html = other.page("/sign-in").await;
    browser.page("/sign-in").await;
    let response = browser.submit_from(&html, "/sign-in", &fields).await;
    assert_eq!(response.status(), 422);
    assert_eq!(browser.cookie(SESSION_COOKIE), None);
}

#[actix_web::test]
async fn unsupported_media_type_is_rejected() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let call = browser
        .call(Method::POST, "/profile")
        .body("application/json", "{}");
    assert_eq!(browser.send(call).await.status(), 415);
    let long = format!("name={}", "x".repeat(1024 * 1024));
    let call = browser.call(Method::POST, "/profile");
    let call = call.body("application/x-www-form-urlencoded", long);
    assert_eq!(browser.send(call).await.status(), 413);
}

/// A form of the pages.
struct Form {
    path: String,
    /// Whether it is for people who are not signed in.
    is_public: bool,
}

/// All forms, as the source registers them: a new one is among them.
fn forms(folder: &Path) -> Vec<Form> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(forms(&path));
            continue;
        }
        let source = fs::read_to_string(&path).unwrap();
        for method in ["#[put(", "#[patch(", "#[delete(", "web::post()"] {
            assert!(!source.contains(method), "{method} in {}", path.display());
        }
        let is_public = path.parent().unwrap().ends_with("auth");
        for part in source.split("#[post(\"").skip(1) {
            let path = part.split('"').next().unwrap();
            let id = "018f3e2a-0000-7000-8000-000000000000";
            let parts = path.split('/').map(|part| match part.strip_prefix('{') {
                Some(_) => id,
                None => part,
            });
            found.push(Form {
                path: parts.collect::<Vec<_>>().join("/"),
                is_public: is_public && path != "/sign-out",
            });
        }
    }
    found
}

async fn send(
    browser: &Browser,
    form: &Form,
    csrf: Option<&str>,
    header: [&str; 2],
) -> Vec<Response> {
    let csrf = csrf.map(|csrf| format!("csrf={csrf}")).unwrap_or_default();
    let [name, value] = header;
    let name: &'static str = match name {
        "origin" => "origin",
        "sec-fetch-site" => "sec-fetch-site",
        _ => "x-nothing",
    };
    let call = || browser.call(Method::POST, &form.path).header(name, value);
    let url_encoded = call().body("application/x-www-form-urlencoded", csrf.clone());
    let mut responses = vec![browser.send(url_encoded).await];
    if !form.is_public {
        let token = csrf.strip_prefix("csrf=").map(|csrf| {
            format!("--b\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n")
        });
        let body = format!("{}--b--\r\n", token.unwrap_or_default());
        let with_files = call().body("multipart/form-data; boundary=b", body);
        responses.push(browser.send(with_files).await);
    }
    responses
}

#[actix_web::test]
async fn no_form_is_accepted_without_its_token_or_from_another_site() {
    let app = start().await;
    let forms = forms(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")));
    assert!(forms.len() > 15, "{}", forms.len());
    let user = Browser::signed_in(&app, &app.acme.ada).await;
    let others = Browser::signed_in(&app, &app.acme.ada).await;
    let (visitor, stranger) = (Browser::new(&app), Browser::new(&app));
    let token = async |browser: &Browser, page| {
        let html = browser.page(page).await;
        let fields = hidden_fields(&html, page);
        fields
            .into_iter()
            .find(|(name, _)| name == "csrf")
            .unwrap()
            .1
    };
    let [own, foreign] = [&user, &others].map(|browser| token(browser, "/profile"));
    let (own, foreign) = (own.await, foreign.await);
    let [visitors, strangers] = [&visitor, &stranger].map(|browser| token(browser, "/sign-in"));
    let (visitors, strangers) = (visitors.await, strangers.await);
    let before = app.audit_log(app.acme.id).await;
    for form in &forms {
        let (browser, own, foreign) = if form.is_public {
            (&visitor, &visitors, &strangers)
        } else {
            (&user, &own, &foreign)
        };
        for (why, csrf, header, expected) in [
            ("no token", None, ["x-nothing", ""], 403),
            ("an empty token", Some(""), ["x-nothing", ""], 403),
            (
                "another site",
                Some(own),
                ["sec-fetch-site", "cross-site"],
                403,
            ),
            (
                "another origin",
                Some(own),
                ["origin", "https://evil.example"],
                403,
            ),
            ("another's token", Some(foreign), ["x-nothing", ""], 422),
        ]
        .map(|(why, csrf, header, expected)| (why, csrf.map(AsRef::as_ref), header, expected))
        {
            for response in send(browser, form, csrf, header).await {
                let (path, status) = (&form.path, response.status());
                // A link that does not work, or a choice of nobody, is told of before.
                let is_told = form.is_public && expected == 422 && (400..500).contains(&status);
                assert!(status == expected || is_told, "{why}: {path}: {status}");
            }
        }
    }
    assert_eq!(app.audit_log(app.acme.id).await, before);
    assert!(user.page("/").await.contains("Hello, Ada"));
}
