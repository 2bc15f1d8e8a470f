//! Choosing one of several accounts that have the same address and password.

use portal_auth::accounts::{ChoiceError, SignInError, SignedIn};
use portal_domain::access::{AccessError, Claims};
use portal_domain::audit::AuditAction;
use portal_test_support::{PASSWORD, Person};

use crate::world::{World, anywhere, client};

/// A person's two accounts, and the claims to choose each by.
async fn choices(world: &World) -> [(Person, Claims); 2] {
    let people = [
        world.person(world.acme.id, "sam@example.org").await,
        world.person(world.globex.id, "sam@example.org").await,
    ];
    let ambiguous = world.sign_in("sam@example.org", PASSWORD, anywhere()).await;
    let Err(SignInError::Ambiguous(choices)) = ambiguous else {
        panic!("{ambiguous:?}");
    };
    people.map(|person| {
        let mut choices = choices.iter();
        let choice = choices.find(|choice| choice.id == person.organization);
        let claims = choice.expect("a choice").claims.clone();
        assert_eq!(claims.user_id, person.id);
        (person, claims)
    })
}

async fn choose(world: &World, claims: &Claims) -> Result<SignedIn, ChoiceError> {
    world.auth.sign_in_chosen(&client(), claims).await
}

#[tokio::test]
async fn a_choice_signs_in_to_the_chosen_account() {
    let world = World::create().await;
    for (person, claims) in choices(&world).await {
        let signed_in = choose(&world, &claims).await.unwrap();
        assert_eq!(signed_in.account.user.id, person.id);
        assert!(world.is_kept(&signed_in).await);
        let log = world.audit_log(person.organization).await;
        let logins = log.iter().filter(|entry| {
            entry.action == AuditAction::PortalAuthLogin && entry.actor_id == Some(person.id)
        });
        assert_eq!(logins.count(), 1);
    }
}

#[tokio::test]
async fn a_choice_is_unauthorized_after_a_password_change() {
    let world = World::create().await;
    let [(_, changed), (disabled, disabled_claims)] = choices(&world).await;
    world.change(&changed, PASSWORD).await.unwrap();
    let ended = choose(&world, &changed).await;
    assert!(
        matches!(ended, Err(ChoiceError::Access(AccessError::SessionEnded))),
        "{ended:?}"
    );
    world.disable_user(&disabled).await;
    let ended = choose(&world, &disabled_claims).await;
    assert!(
        matches!(ended, Err(ChoiceError::Access(AccessError::NotActive))),
        "{ended:?}"
    );
}
