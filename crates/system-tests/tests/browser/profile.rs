//! The profile.

use portal_demo::DEMO_PASSWORD;

use crate::browser::Browser;
use crate::portal::{Organization, Portal};
use crate::tell;
use thirtyfour::By;

#[actix_web::test]
async fn name_language_notifications_and_password_are_changed() {
    tell(|portal, browser, organization| Box::pin(change(portal, browser, organization))).await;
}

async fn change(portal: &Portal, browser: &Browser, organization: &Organization) {
    browser.sign_in_to(organization).await;
    browser.visit("/profile").await;
    browser.fill("name", "Jo Ünal").await;
    let wanted = browser.find(By::Name("notifications")).await;
    wanted.click().await.unwrap();
    browser.choose("locale", "Deutsch").await;
    browser.press("Save").await;
    browser.see("Ihr Profil ist gespeichert.").await;
    browser.go_to("Start").await;
    browser.see("Hallo, Jo Ünal").await;
    browser.miss(&["Hello", "Tickets"]).await;
    let user = portal.user(organization, organization.email).await;
    assert!(!user.notifications.enabled);

    browser.visit("/profile").await;
    browser.choose("locale", "English").await;
    browser.press("Speichern").await;
    browser.see("Your profile is saved.").await;
    browser.fill("current-password", "Wrong-Horse-7").await;
    browser.fill("new-password", "Winter-Birds-47").await;
    browser.press("Change password").await;
    browser.see("This is not your current password.").await;
    browser.fill("current-password", DEMO_PASSWORD).await;
    browser.fill("new-password", "Winter-Birds-47").await;
    browser.press("Change password").await;
    browser.see("Please sign in with the new one.").await;
    browser.fill("email", organization.email).await;
    browser.fill("password", "Winter-Birds-47").await;
    browser.press("Sign in").await;
    browser.see("Hello, Jo Ünal").await;
}
