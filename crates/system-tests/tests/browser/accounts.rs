//! Forgotten passwords and invitations.

use portal_domain::profiles::{self, NewUser};

use crate::browser::Browser;
use crate::portal::{Organization, Portal};
use crate::tell;

#[actix_web::test]
async fn a_forgotten_password_is_set_anew() {
    tell(|portal, browser, organization| Box::pin(reset(portal, browser, organization))).await;
}

async fn reset(portal: &Portal, browser: &Browser, organization: &Organization) {
    browser.visit("/sign-in").await;
    browser.press("Forgot your password?").await;
    browser.fill("email", organization.email).await;
    browser.press("Send the link").await;
    browser.see("If this address has an account").await;
    let link = portal.mailed("/reset-password?token=").await;

    browser.visit(&link).await;
    browser.fill("new-password", "portal").await;
    browser.press("Set the password").await;
    browser.see("Please use at least 8 characters.").await;
    browser.fill("new-password", "Winter-Birds-47").await;
    browser.press("Set the password").await;
    browser.see("Your new password is set.").await;

    browser.fill("email", organization.email).await;
    browser.fill("password", "Winter-Birds-47").await;
    browser.press("Sign in").await;
    browser
        .see(&format!("Hello, {}", organization.person))
        .await;
    browser.sign_out().await;
    browser.visit(&link).await;
    browser.see("This link has been used or has expired.").await;
    browser.press("Ask for a new link").await;
    browser.arrive("/forgot-password").await;
}

#[actix_web::test]
async fn an_invitation_is_accepted() {
    tell(|portal, browser, organization| Box::pin(accept(portal, browser, organization))).await;
}

async fn accept(portal: &Portal, browser: &Browser, organization: &Organization) {
    let email = "nia.adeyemi@new.example";
    portal
        .operate(organization, async |op| {
            let new = NewUser {
                email: email.parse().unwrap(),
                name: "N. Adeyemi".parse().ok(),
                role: None,
                locale: None,
                password_hash: None,
            };
            profiles::create(op, new, true).await
        })
        .await;
    let link = portal.mailed("/accept-invite?token=").await;
    browser.visit(&link).await;
    browser.see(email).await;
    assert_eq!(browser.value("name").await, "N. Adeyemi");
    browser.fill("name", "Nia Adeyemi").await;
    browser.fill("new-password", "password1").await;
    browser.press("Set up and sign in").await;
    browser.see("Please include an upper-case letter.").await;
    assert_eq!(browser.value("name").await, "Nia Adeyemi");
    browser.fill("new-password", "Winter-Birds-47").await;
    browser.press("Set up and sign in").await;
    browser.see("Welcome! Your account is ready.").await;
    browser.see("Hello, Nia Adeyemi").await;
    browser.see("No current tickets").await;
}
