//! Links in mails, and the tokens in them.

use portal_domain::profiles::{self, NewUser};
use portal_test_support::{Caller as _, Person, Tenant, TestApp, fixtures};
use serde_json::json;

/// The links to a path in the plain text of a mail.
pub(crate) fn links(text: &str, path: &str) -> Vec<String> {
    text.split_whitespace()
        .filter(|word| word.contains(&format!("/{path}?token=")))
        .map(ToOwned::to_owned)
        .collect()
}

/// The token in a link.
pub(crate) fn token_of(link: &str) -> String {
    link.split_once("?token=").unwrap().1.to_owned()
}

/// The token of a password reset mail.
pub(crate) async fn reset_token(app: &TestApp, person: &Person) -> String {
    let body = json!({ "email": person.email, "orgId": person.organization.to_string() });
    let response = app.anonymous().post("/auth/forgot-password", &body).await;
    assert_eq!(response.status(), 200);
    mailed_token(app, person, "reset-password").await
}

/// Invites a user by mail, and returns the token of its link.
pub(crate) async fn invite(app: &TestApp, tenant: &Tenant, email: &str) -> (Person, String) {
    let new = NewUser {
        name: "As the operator wrote it".parse().ok(),
        ..fixtures::new_user(email, None)
    };
    let user = app
        .operate(tenant, async |op| profiles::create(op, new, true).await)
        .await;
    let person = Person {
        id: user.id,
        organization: tenant.id,
        email: user.email.to_string(),
    };
    let token = invitation_token(app, &person).await;
    (person, token)
}

/// The token of the invitation in the last mail, which goes to this person.
pub(crate) async fn invitation_token(app: &TestApp, person: &Person) -> String {
    mailed_token(app, person, "accept-invite").await
}

async fn mailed_token(app: &TestApp, person: &Person, path: &str) -> String {
    app.send_mails().await;
    let mails = app.mails.take();
    let mail = mails.last().expect("a mail");
    assert_eq!(mail.recipient().as_str(), person.email);
    let links = links(mail.text(), path);
    token_of(links.first().expect("a link"))
}
