//! On whose behalf the database is asked: who has no session takes from the share of their address.

use std::collections::HashSet;
use std::net::IpAddr;

use portal_auth::accounts::{AcceptInvitation, ForgotPassword, SignInError};
use portal_domain::profiles::OneTimeTokenPurpose;
use portal_domain::store::Asker;
use portal_test_support::PASSWORD;

use crate::world::{NEW_PASSWORD, World, anywhere, client_at};

const ADDRESS: &str = "198.51.100.7";

/// That the database was asked, and on behalf of the address alone.
fn assert_by_address(world: &World, what: &str) {
    let address: IpAddr = ADDRESS.parse().unwrap();
    let expected = HashSet::from([Asker::client(address)]);
    assert_eq!(world.outage.askers(), expected, "{what}");
}

#[tokio::test]
async fn whoever_has_no_session_asks_by_their_address() {
    let world = World::create().await;
    let (auth, client) = (&world.auth, client_at(ADDRESS));
    let ada = &world.acme.ada;
    let new = world.invited(&world.acme, "new@acme.example").await;
    let invitation = world.mint(&new, OneTimeTokenPurpose::Invitation).await;
    let reset = world.mint(ada, OneTimeTokenPurpose::PasswordReset).await;
    let unknown = "x".repeat(43);
    let password = NEW_PASSWORD.parse().unwrap();
    world.outage.askers();

    for (email, password) in [
        (ada.email.as_str(), PASSWORD),
        (&ada.email, "Wrong-Horse-7"),
        ("nobody@acme.example", PASSWORD),
    ] {
        drop(
            world
                .sign_in_from(client.clone(), email, password, anywhere())
                .await,
        );
        world.settle().await;
        assert_by_address(&world, "signing in");
    }
    for email in [
        ada.email.as_str(),
        "new@acme.example",
        "nobody@acme.example",
    ] {
        let request = ForgotPassword {
            email: email.parse().unwrap(),
            scope: anywhere(),
        };
        auth.forgot_password(&client, request).await.unwrap();
        world.settle().await;
        assert_by_address(&world, "forgetting a password");
    }
    for token in [&unknown, &invitation] {
        drop(auth.invited(&client, token).await);
        assert_by_address(&world, "opening an invitation");
        let accept = AcceptInvitation {
            token: token.clone(),
            password: NEW_PASSWORD.parse().unwrap(),
            name: None,
        };
        drop(auth.accept_invitation(&client, accept).await);
        assert_by_address(&world, "accepting an invitation");
    }
    for token in [&unknown, &reset] {
        drop(auth.resettable(&client, token).await);
        assert_by_address(&world, "opening a reset link");
        drop(auth.reset_password(&client, token, &password).await);
        assert_by_address(&world, "resetting a password");
        let purpose = OneTimeTokenPurpose::PasswordReset;
        drop(auth.has_just_set(&client, purpose, token, &password).await);
        assert_by_address(&world, "sending the form again");
    }
}

#[tokio::test]
async fn whoever_chooses_an_account_asks_by_their_address_and_who_has_a_session_as_themselves() {
    let world = World::create().await;
    let client = client_at(ADDRESS);
    for organization in [world.acme.id, world.globex.id] {
        world.person(organization, "sam@example.org").await;
    }
    let ambiguous = world
        .sign_in_from(client.clone(), "sam@example.org", PASSWORD, anywhere())
        .await;
    let Err(SignInError::Ambiguous(choices)) = ambiguous else {
        panic!("{ambiguous:?}");
    };
    world.outage.askers();
    let claims = &choices[0].claims;
    world.auth.sign_in_chosen(&client, claims).await.unwrap();
    assert_by_address(&world, "choosing an account");

    world.change(claims, PASSWORD).await.unwrap();
    let themselves = HashSet::from([Asker::User(claims.user_id)]);
    assert_eq!(world.outage.askers(), themselves);
}
