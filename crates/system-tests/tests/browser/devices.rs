//! Devices.

use crate::browser::Browser;
use crate::portal::{Organization, Portal};
use crate::tell;

#[actix_web::test]
async fn devices_are_listed_and_found() {
    tell(|portal, browser, organization| Box::pin(look(portal, browser, organization))).await;
}

async fn look(_: &Portal, browser: &Browser, organization: &Organization) {
    let (part, name, other) = match organization.slug {
        "acme" => ("pool laptop 5", "Pool laptop 5 (new)", "Pool laptop 1"),
        _ => ("LOBBY", "Lobby", "Conference room 4B"),
    };
    browser.sign_in_to(organization).await;
    browser.go_to("Devices").await;
    browser.see("Online").await;
    browser.fill("q", part).await;
    browser.press("Search").await;
    browser.see("One device found").await;
    browser.see(name).await;
    browser.miss(&[other]).await;
    browser.fill("q", "nothing is called like this").await;
    browser.press("Search").await;
    browser.see("Nothing found").await;
}
