//! Wrong methods, and addresses of forms that are entered or reloaded.

use actix_web::http::Method;

use crate::browser::Browser;
use crate::start;

#[actix_web::test]
async fn the_address_of_a_form_leads_to_its_page() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    for (path, page) in [
        ("/profile/password", "/profile"),
        ("/sign-out", "/"),
        ("/sign-in/organization", "/"),
        ("/tickets/7/close", "/tickets/7"),
    ] {
        let response = browser.get(path).await;
        assert_eq!(response.status(), 303, "{path}");
        assert_eq!(response.header("location").as_deref(), Some(page));
    }
}

#[actix_web::test]
async fn another_method_is_not_allowed_and_the_allowed_ones_are_named() {
    let app = start().await;
    let browser = Browser::signed_in(&app, &app.acme.ada).await;
    let id = "018f3e2a-0000-7000-8000-000000000000";
    for (path, allowed) in [
        ("/".to_owned(), "GET, HEAD"),
        ("/tickets".to_owned(), "GET, HEAD"),
        ("/tickets/new".to_owned(), "GET, HEAD, POST"),
        ("/devices".to_owned(), "GET, HEAD"),
        ("/equipment".to_owned(), "GET, HEAD"),
        ("/equipment/loans".to_owned(), "GET, HEAD"),
        (format!("/equipment/loans/{id}"), "GET, HEAD, POST"),
        (format!("/equipment/loans/{id}/check-in"), "GET, HEAD, POST"),
        (format!("/equipment/{id}/check-out"), "GET, HEAD, POST"),
        (format!("/tickets/{id}"), "GET, HEAD, POST"),
        (format!("/tickets/{id}/close"), "POST"),
        (
            format!("/tickets/{id}/comments/{id}/edit"),
            "GET, HEAD, POST",
        ),
        (
            format!("/tickets/{id}/comments/{id}/withdraw"),
            "GET, HEAD, POST",
        ),
        ("/profile".to_owned(), "GET, HEAD, POST"),
        ("/profile/password".to_owned(), "POST"),
        ("/sign-in".to_owned(), "GET, HEAD, POST"),
        ("/sign-in/organization".to_owned(), "POST"),
        ("/sign-out".to_owned(), "POST"),
        ("/forgot-password".to_owned(), "GET, HEAD, POST"),
        ("/reset-password".to_owned(), "GET, HEAD, POST"),
        ("/accept-invite".to_owned(), "GET, HEAD, POST"),
    ] {
        let response = browser.send(browser.call(Method::PUT, &path)).await;
        assert_eq!(response.status(), 405, "{path}");
        assert_eq!(response.header("allow").as_deref(), Some(allowed), "{path}");
        // Whatever the table promises is served: a form without fields is another matter.
        for method in allowed.split(", ") {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let response = browser.send(browser.call(method.clone(), &path)).await;
            assert_ne!(response.status(), 405, "{method} {path}");
        }
    }
    let response = browser.send(browser.call(Method::PUT, "/nowhere")).await;
    assert_eq!(response.status(), 404);
}
