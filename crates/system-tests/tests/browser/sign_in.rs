//! Signing in and out.

use portal_demo::DEMO_PASSWORD;

use crate::browser::{Browser, Device};
use crate::portal::{ACME, GLOBEX, Organization, Portal};
use crate::{at, tell};

#[actix_web::test]
async fn signing_in_and_out_under_the_organizations_brand() {
    tell(|portal, browser, organization| Box::pin(sign_in_and_out(portal, browser, organization)))
        .await;
}

async fn sign_in_and_out(_: &Portal, browser: &Browser, organization: &Organization) {
    let Organization {
        welcome,
        phone,
        color,
        email,
        person,
        name,
        ..
    } = organization;
    browser.visit("/tickets?q=printer").await;
    browser.arrive("/sign-in?next=").await;
    for text in [welcome, phone] {
        browser.see(text).await;
    }
    let button = browser.style(".button-primary", "background-color").await;
    assert_eq!(&button, color);

    browser.fill("email", email).await;
    browser.fill("password", "Wrong-Horse-7").await;
    browser.press("Sign in").await;
    browser
        .see("Address and password do not match an account.")
        .await;
    assert_eq!(&browser.value("email").await, email);
    assert_eq!(browser.value("password").await, "");
    browser.fill("password", DEMO_PASSWORD).await;
    browser.press("Sign in").await;
    browser.arrive("/tickets?q=printer").await;

    browser.go_to("Home").await;
    browser.see(&format!("Hello, {person}")).await;
    browser.see(phone).await;
    let title = browser.driver.title().await.unwrap();
    assert_eq!(title, format!("Home · {name}"));

    browser.sign_out().await;
    browser.arrive("/sign-in").await;
    // Nothing private is shown by going back, however often.
    for _ in 0..2 {
        browser.back().await;
        browser.miss(&[person, "Hello"]).await;
    }
    browser.visit("/").await;
    browser.arrive("/sign-in").await;
}

#[actix_web::test]
async fn somebody_of_two_organizations_chooses() {
    for device in [Device::Desktop, Device::WithoutScript, Device::Phone] {
        at(None, device, async |_, browser| {
            browser.visit("/").await;
            browser.see("Customer portal").await;
            browser.fill("email", "sam@consulting.example").await;
            browser.fill("password", DEMO_PASSWORD).await;
            browser.press("Sign in").await;
            browser.see("Choose your organization").await;
            for organization in [&ACME, &GLOBEX] {
                browser.see(organization.name).await;
            }
            browser.press("Globex").await;
            browser.see("Hello, Sam Rivera").await;
            browser.see(GLOBEX.phone).await;
            browser.sign_out().await;
            // The page with the choice is still in the history; it opens nothing now.
            browser.back().await;
            browser.miss(&["Hello, Sam"]).await;
        })
        .await;
    }
}

/// At the domain of one organization, the other is not known.
#[actix_web::test]
async fn at_an_organizations_domain_nobody_has_to_choose() {
    at(Some(&ACME), Device::Desktop, async |_, browser| {
        browser.sign_in("sam@consulting.example").await;
        browser.see(ACME.phone).await;
        browser.sign_out().await;
        browser.visit("/sign-in").await;
        browser.fill("email", GLOBEX.email).await;
        browser.fill("password", DEMO_PASSWORD).await;
        browser.press("Sign in").await;
        browser.see("do not match an account").await;
    })
    .await;
}
