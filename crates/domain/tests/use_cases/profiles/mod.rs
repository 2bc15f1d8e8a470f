//! Users: how operators manage them, and what they change themselves.

mod credentials;
mod manage;
mod update;

use portal_domain::ids::UserId;
use portal_domain::profiles::{self, Account, OneTimeToken, OneTimeTokenPurpose, PortalUser};
use portal_test_support::{Person, TestWorld};

/// A person's account as it is stored.
async fn account(world: &TestWorld, person: &Person) -> Account {
    let reader = world.reader(person.scope()).await;
    let account = reader.account(person.id).await.unwrap();
    account.expect("an account")
}

async fn user(world: &TestWorld, person: &Person) -> PortalUser {
    account(world, person).await.user
}

/// The hash of a person's password.
async fn password_hash(world: &TestWorld, person: &Person) -> Option<String> {
    let reader = world.reader(person.scope()).await;
    reader.password_hash(person.id).await.unwrap()
}

/// Mints a token for a person, as the mail sender does, and returns its hash.
async fn mint(world: &TestWorld, person: &Person, purpose: OneTimeTokenPurpose) -> String {
    // A unique hash.
    let hash = UserId::generate(&*world.env).to_string();
    let minted = world.automate(person.scope(), async |op| {
        profiles::mint_token(op, person.id, purpose, op.now(), hash.clone()).await
    });
    assert!(minted.await.unwrap());
    hash
}

/// A token as it is stored.
async fn token(world: &TestWorld, hash: &str) -> OneTimeToken {
    let reader = world.store.system_reader().await.unwrap();
    let found = reader.token_by_hash(hash).await.unwrap();
    found.expect("a token").0
}

/// Whether a token is still valid.
async fn is_valid(world: &TestWorld, hash: &str) -> bool {
    use portal_domain::environment::Environment as _;
    token(world, hash).await.is_valid(world.env.now())
}
