//! Brandings and domains.

use portal_domain::branding::{self, Branding, BrandingChanges, BrandingError};
use portal_domain::operation::Operation;
use portal_domain::organizations::{OrganizationStatus, set_status};
use portal_domain::store::{Store, TenantScope, TenantStore as _};
use portal_test_support::operator;

use crate::fixtures::{clock, tenant};
use crate::portal::Portal;

/// Chooses everything that a branding has.
fn everything() -> BrandingChanges {
    BrandingChanges {
        logo_url: Some(Some("https://cdn.example/logo.png".parse().unwrap())),
        favicon_url: Some(Some("https://cdn.example/icon.png".parse().unwrap())),
        primary_color: Some(Some("#336699".parse().unwrap())),
        secondary_color: Some(Some("teal".parse().unwrap())),
        accent_color: Some(Some("hsl(0 100% 50%)".parse().unwrap())),
        custom_domain: Some(Some("Portal.Bücher.example".parse().unwrap())),
        welcome_message: Some(Some("Hello\nthere".parse().unwrap())),
        support_email: Some(Some("it@acme.example".parse().unwrap())),
        support_phone: Some(Some("+49 30 123".parse().unwrap())),
        footer_text: Some(Some("Acme".parse().unwrap())),
        custom_css: Some(Some("a { color: red }".parse().unwrap())),
        enable_tickets: Some(false),
        enable_asset_checkout: Some(true),
        enable_self_service: Some(false),
        enable_password_reset: Some(true),
        enable_colleagues: Some(true),
    }
}

async fn change(store: &dyn Store, scope: TenantScope, changes: BrandingChanges) -> Branding {
    let tx = store.begin(scope).await.unwrap();
    let branding = branding::change(&Operation::new(&*tx, &operator(), &clock()), changes)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    branding
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_domain_is_verified_for_one_organization() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let globex = tenant(store, &env, "globex").await;
    // both may try
    change(store, acme.scope, everything()).await;
    change(store, globex.scope, everything()).await;
    let tx = store.begin(acme.scope).await.unwrap();
    branding::verify_domain(&Operation::new(&*tx, &operator(), &env))
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let tx = store.begin(globex.scope).await.unwrap();
    let verified = branding::verify_domain(&Operation::new(&*tx, &operator(), &env)).await;
    assert!(matches!(verified, Err(BrandingError::DomainTaken(_))));
    // the transaction goes on
    let phone = Some(Some("112".parse().unwrap()));
    let another = BrandingChanges {
        support_phone: phone,
        ..BrandingChanges::default()
    };
    let changed = branding::change(&Operation::new(&*tx, &operator(), &env), another)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let stored = store
        .reader(globex.scope)
        .await
        .unwrap()
        .branding()
        .await
        .unwrap();
    assert_eq!(stored.as_ref(), Some(&changed));
    assert!(!changed.domain_verified);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_branding_is_found_by_its_verified_domain() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let changed = change(store, acme.scope, everything()).await;
    let domain = changed.custom_domain.clone().unwrap();
    let reader = store.reader(acme.scope).await.unwrap();
    assert_eq!(reader.branding().await.unwrap(), Some(changed));
    let system = store.system_reader().await.unwrap();
    assert_eq!(system.branding_by_domain(&domain).await.unwrap(), None);
    drop((reader, system));

    let tx = store.begin(acme.scope).await.unwrap();
    let verified = branding::verify_domain(&Operation::new(&*tx, &operator(), &env))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let system = store.system_reader().await.unwrap();
    let found = system.branding_by_domain(&domain).await.unwrap();
    assert_eq!(found, Some((acme.organization.clone(), verified)));
    drop(system);

    let tx = store.operator.begin_system().await.unwrap();
    let status = OrganizationStatus::Disabled;
    set_status(
        &Operation::new(&*tx, &operator(), &env),
        acme.organization.id,
        status,
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let system = store.system_reader().await.unwrap();
    assert_eq!(system.branding_by_domain(&domain).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_read_is_left_out_of_a_branding() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let changed = change(store, acme.scope, everything()).await;
    store.tamper(
        "UPDATE portal_branding SET custom_css = '@import url(//evil.example)',
            logo_url = 'javascript:alert(1)', primary_color = 'no colour', support_email = '@',
            welcome_message = '\u{7}'",
    );
    let reader = store.reader(acme.scope).await.unwrap();
    let expected = Branding {
        custom_css: None,
        logo_url: None,
        primary_color: None,
        support_email: None,
        welcome_message: None,
        ..changed
    };
    assert_eq!(reader.branding().await.unwrap(), Some(expected));
}
