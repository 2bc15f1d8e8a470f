//! The organization's own face.

use portal_domain::branding::BrandingChanges;
use thirtyfour::By;

use crate::at;
use crate::browser::{Browser, Device};
use crate::portal::{ACME, GLOBEX, IMAGES};

/// How wide the logo is that the browser has loaded, in pixels; 0 where it was not allowed to.
const LOGO_WIDTH: &str = "
const logo = document.querySelector('.logo img');
return logo?.decode().then(() => logo.naturalWidth, () => 0) ?? null;
";

#[actix_web::test]
async fn logo_texts_and_own_css_are_shown_and_stay_within_bounds() {
    at(Some(&ACME), Device::Desktop, async |portal, browser| {
        let address = format!("https://{IMAGES}/logo.svg");
        let changes = BrandingChanges {
            logo_url: Some(address.parse().ok()),
            favicon_url: Some(address.parse().ok()),
            welcome_message: Some("<b>Hello</b> <script>alert(1)</script>".parse().ok()),
            footer_text: Some("<img src=x onerror=alert(1)>".parse().ok()),
            custom_css: Some("h1 { letter-spacing: 3px }".parse().ok()),
            ..BrandingChanges::default()
        };
        portal.brand(&ACME, changes).await;
        browser.visit("/sign-in").await;
        browser.see("<b>Hello</b> <script>alert(1)</script>").await;
        browser.see("<img src=x onerror=alert(1)>").await;
        assert_branded(browser).await;
        browser.capture("branded-sign-in").await;
        browser.sign_in_to(&ACME).await;
        browser.see("<img src=x onerror=alert(1)>").await;
        assert_branded(browser).await;
        browser.capture("branded-home").await;
    })
    .await;
}

async fn assert_branded(browser: &Browser) {
    assert_eq!(browser.run(LOGO_WIDTH).await, 64);
    assert_eq!(browser.style("h1", "letter-spacing").await, "3px");
    let icon = browser
        .driver
        .find(By::Css("link[rel=icon]"))
        .await
        .unwrap();
    let icon = icon.attr("href").await.unwrap().unwrap();
    assert!(icon.contains(IMAGES), "{icon}");
}

/// What one organization does to its pages, another does not see.
#[actix_web::test]
async fn a_brand_ends_at_the_organization() {
    at(Some(&GLOBEX), Device::Desktop, async |portal, browser| {
        let changes = BrandingChanges {
            logo_url: Some(format!("https://{IMAGES}/logo.svg").parse().ok()),
            custom_css: Some("h1 { letter-spacing: 3px }".parse().ok()),
            ..BrandingChanges::default()
        };
        portal.brand(&ACME, changes).await;
        browser.visit("/sign-in").await;
        assert!(browser.run(LOGO_WIDTH).await.is_null());
        assert_ne!(browser.style("h1", "letter-spacing").await, "3px");
    })
    .await;
}

/// Colours in which nobody could read what is on a button are moved until they can.
#[actix_web::test]
async fn a_colour_without_contrast_is_moved() {
    at(Some(&ACME), Device::Desktop, async |portal, browser| {
        let changes = BrandingChanges {
            primary_color: Some("#fefefe".parse().ok()),
            secondary_color: Some("#ffffff".parse().ok()),
            accent_color: Some("#ffff00".parse().ok()),
            ..BrandingChanges::default()
        };
        portal.brand(&ACME, changes).await;
        browser.visit("/sign-in").await;
        crate::axe::assert_accessible(browser, "sign-in in white, light").await;
        browser.sign_in_to(&ACME).await;
        for scheme in ["light", "dark"] {
            browser.emulate("screen", scheme).await;
            crate::axe::assert_accessible(browser, &format!("home in white, {scheme}")).await;
        }
    })
    .await;
}
