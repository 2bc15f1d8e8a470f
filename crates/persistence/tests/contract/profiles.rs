//! Users and their one-time tokens.

use chrono::TimeDelta;
use portal_domain::actors::Automation;
use portal_domain::branding::{self, BrandingChanges, FeatureToggles};
use portal_domain::environment::Environment as _;
use portal_domain::ids::{OneTimeTokenId, UserId};
use portal_domain::operation::Operation;
use portal_domain::profiles::{
    self, OneTimeToken, OneTimeTokenPurpose, PortalUser, SignInCandidate,
};
use portal_domain::store::{StorageError, Store, TenantStore as _};
use portal_test_support::ManualEnvironment;
use portal_test_support::operator;

use crate::fixtures::{Tenant, clock, customer, tenant};
use crate::portal::Portal;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_is_taken_once_in_an_organization() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let globex = tenant(store, &env, "globex").await;
    let ada = &acme.customer.account.user;
    let bob = customer(store, &env, acme.scope, "bob@acme.example")
        .await
        .account
        .user;

    let tx = store.begin(acme.scope).await.unwrap();
    let again = PortalUser {
        id: UserId::generate(&env),
        ..ada.clone()
    };
    assert!(!tx.add_user(&again, None).await.unwrap());
    let renamed = PortalUser {
        email: ada.email.clone(),
        ..bob.clone()
    };
    assert!(!tx.update_user(&renamed).await.unwrap());
    let moved = PortalUser {
        email: "bobby@acme.example".parse().unwrap(),
        ..bob
    };
    assert!(tx.update_user(&moved).await.unwrap());
    tx.commit().await.unwrap();
    let reader = store.reader(acme.scope).await.unwrap();
    assert_eq!(
        reader.user_by_email(&moved.email).await.unwrap().as_ref(),
        Some(&moved)
    );
    assert_eq!(reader.users().await.unwrap(), [ada.clone(), moved]);

    let elsewhere = customer(store, &env, globex.scope, ada.email.as_str()).await;
    assert_eq!(elsewhere.account.user.email, ada.email);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_has_its_organization_and_features() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let account = acme.customer.account;
    assert_eq!(account.organization, acme.organization);
    assert_eq!(account.features, FeatureToggles::default());
    assert!(account.user.has_password);

    let tx = store.begin(acme.scope).await.unwrap();
    let changes = BrandingChanges {
        enable_self_service: Some(false),
        ..BrandingChanges::default()
    };
    branding::change(&Operation::new(&*tx, &operator(), &env), changes)
        .await
        .unwrap();
    let features = tx.account(account.user.id).await.unwrap().unwrap().features;
    assert_eq!(
        features,
        FeatureToggles {
            self_service: false,
            ..FeatureToggles::default()
        }
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn candidates_are_the_accounts_of_an_address() {
    let store = &Portal::create().await;
    let env = clock();
    let email = "ada@everywhere.example";
    let mut accounts = Vec::new();
    for n in 0..=SignInCandidate::MAX {
        let tenant = tenant(store, &env, &format!("org-{n}")).await;
        env.advance(TimeDelta::milliseconds(1));
        accounts.push(customer(store, &env, tenant.scope, email).await.account);
    }
    let email = email.parse().unwrap();
    let reader = store.system_reader().await.unwrap();
    let found = reader.sign_in_candidates(&email, None).await.unwrap();
    assert!(
        found
            .iter()
            .all(|found| found.password_hash.as_deref() == Some("hash"))
    );
    let found: Vec<_> = found.into_iter().map(|found| found.account).collect();
    assert_eq!(found, accounts[..10]);

    let last = &accounts[10];
    let found = reader
        .sign_in_candidates(&email, Some(last.organization.id))
        .await
        .unwrap();
    assert_eq!(
        found.iter().map(|found| &found.account).collect::<Vec<_>>(),
        [last]
    );
    let nobody = "nobody@everywhere.example".parse().unwrap();
    assert!(
        reader
            .sign_in_candidates(&nobody, None)
            .await
            .unwrap()
            .is_empty()
    );
}

fn token(
    env: &ManualEnvironment,
    acme: &Tenant,
    hash: &str,
    purpose: OneTimeTokenPurpose,
) -> OneTimeToken {
    OneTimeToken {
        id: OneTimeTokenId::generate(env),
        organization_id: acme.organization.id,
        user_id: acme.customer.account.user.id,
        purpose,
        token_hash: hash.to_owned(),
        created_at: env.now(),
        expires_at: env.now() + purpose.lifetime(),
        used_at: None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_used_once() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let token = token(
        &env,
        &acme,
        "hash of a token",
        OneTimeTokenPurpose::Invitation,
    );
    let tx = store.begin(acme.scope).await.unwrap();
    tx.add_token(&token).await.unwrap();
    tx.commit().await.unwrap();

    let reader = store.system_reader().await.unwrap();
    let (found, account) = reader
        .token_by_hash("hash of a token")
        .await
        .unwrap()
        .unwrap();
    assert_eq!((&found, account), (&token, acme.customer.account.clone()));
    assert!(reader.token_by_hash("another").await.unwrap().is_none());

    let tx = store.begin(acme.scope).await.unwrap();
    assert!(tx.use_token(token.id, env.now()).await.unwrap());
    assert!(!tx.use_token(token.id, env.now()).await.unwrap());
    tx.commit().await.unwrap();
    let tx = store.begin(acme.scope).await.unwrap();
    assert!(!tx.use_token(token.id, env.now()).await.unwrap());
    let reader = store.system_reader().await.unwrap();
    let (found, _) = reader
        .token_by_hash("hash of a token")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.used_at, Some(env.now()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_or_voided_token_is_useless() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let reset = token(&env, &acme, "reset", OneTimeTokenPurpose::PasswordReset);
    let invitation = token(&env, &acme, "invitation", OneTimeTokenPurpose::Invitation);
    let tx = store.begin(acme.scope).await.unwrap();
    tx.add_token(&reset).await.unwrap();
    tx.add_token(&invitation).await.unwrap();

    assert!(!tx.use_token(reset.id, reset.expires_at).await.unwrap());
    // A second token of the same request leaves the first one alone; a newer request does not.
    let user = reset.user_id;
    let requested_at = env.now();
    let mint = async |hash: &str, requested_at| {
        let op = Operation::new(&*tx, &Automation, &env);
        let purpose = OneTimeTokenPurpose::PasswordReset;
        let minted = profiles::mint_token(&op, user, purpose, requested_at, hash.to_owned());
        minted.await.unwrap()
    };
    env.advance(TimeDelta::seconds(1));
    assert!(mint("again", requested_at).await);
    assert!(mint("newer", env.now()).await);
    assert!(!tx.use_token(reset.id, env.now()).await.unwrap());
    // nor is one minted any more for the older request
    assert!(!mint("late", requested_at).await);
    tx.commit().await.unwrap();

    let reader = store.system_reader().await.unwrap();
    let (newer, _) = reader.token_by_hash("newer").await.unwrap().unwrap();
    assert!(newer.is_valid(env.now()));
    let tx = store.begin(acme.scope).await.unwrap();
    tx.void_tokens(user, OneTimeTokenPurpose::ALL, env.now())
        .await
        .unwrap();
    assert!(!tx.use_token(newer.id, env.now()).await.unwrap());
    assert!(!tx.use_token(invitation.id, env.now()).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hash_is_upgraded_only_if_it_is_the_one_verified() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let user = acme.customer.account.user.id;
    let tx = store.begin(acme.scope).await.unwrap();
    assert!(
        tx.upgrade_password_hash(user, "hash", "stronger")
            .await
            .unwrap()
    );
    assert!(
        !tx.upgrade_password_hash(user, "hash", "late")
            .await
            .unwrap()
    );
    assert_eq!(tx.password_hash(user).await.unwrap().unwrap(), "stronger");
    let account = tx.account(user).await.unwrap().unwrap();
    assert_eq!(
        account.user.session_version,
        acme.customer.account.user.session_version
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_ends_sessions_raises_their_version() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let user = acme.customer.account.user;
    let tx = store.begin(acme.scope).await.unwrap();
    let raised = tx.raise_session_version(user.id).await.unwrap();
    assert_eq!(raised, user.session_version + 1);
    let raised = tx.set_password_hash(user.id, "another").await.unwrap();
    assert_eq!(raised, user.session_version + 2);
    assert_eq!(tx.password_hash(user.id).await.unwrap().unwrap(), "another");
    // nothing else raises it, or takes it back
    assert!(tx.update_user(&user).await.unwrap());
    let account = tx.account(user.id).await.unwrap().unwrap();
    assert_eq!(account.user.session_version, user.session_version + 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_is_not_there_is_missed() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let nobody = UserId::generate(&env);
    let user = PortalUser {
        id: nobody,
        ..acme.customer.account.user
    };
    let tx = store.begin(acme.scope).await.unwrap();
    let raised = tx.raise_session_version(nobody).await;
    assert!(matches!(raised, Err(StorageError::Missing("portal_users"))));
    let updated = tx.update_user(&user).await;
    assert!(matches!(
        updated,
        Err(StorageError::Missing("portal_users"))
    ));
    // the transaction goes on
    assert_eq!(tx.users().await.unwrap().len(), 1);
}
