//! Operators change an organization's branding and domain.

use chrono::TimeDelta;
use portal_domain::audit::AuditAction;
use portal_domain::branding::{self, Branding, BrandingChanges, BrandingError, FeatureToggles};
use portal_domain::environment::Environment as _;
use portal_test_support::{Tenant, TestWorld};
use serde_json::json;

async fn change(
    world: &TestWorld,
    tenant: &Tenant,
    changes: BrandingChanges,
) -> Result<Branding, BrandingError> {
    world
        .try_operate(tenant, async |op| branding::change(op, changes).await)
        .await
}

async fn set_domain(world: &TestWorld, tenant: &Tenant, domain: Option<&str>) -> Branding {
    let changes = BrandingChanges {
        custom_domain: Some(domain.map(|domain| domain.parse().unwrap())),
        ..BrandingChanges::default()
    };
    change(world, tenant, changes).await.unwrap()
}

async fn verify(world: &TestWorld, tenant: &Tenant) -> Result<Branding, BrandingError> {
    world
        .try_operate(tenant, async |op| branding::verify_domain(op).await)
        .await
}

async fn stored(world: &TestWorld, tenant: &Tenant) -> Option<Branding> {
    let reader = world.reader(tenant.scope()).await;
    reader.branding().await.unwrap()
}

/// Changes everything but the domain.
fn everything() -> BrandingChanges {
    BrandingChanges {
        logo_url: Some("https://cdn.example/logo.svg".parse().ok()),
        favicon_url: Some("https://cdn.example/icon.png".parse().ok()),
        primary_color: Some("rebeccapurple".parse().ok()),
        secondary_color: Some("#ABC".parse().ok()),
        accent_color: Some("hsl(120, 100%, 50%)".parse().ok()),
        custom_domain: None,
        welcome_message: Some("Hello\nyou".parse().ok()),
        support_email: Some("Help@Acme.example".parse().ok()),
        support_phone: Some("+41 61 000 00 00".parse().ok()),
        footer_text: Some("Acme AG".parse().ok()),
        custom_css: Some("body { color: red }".parse().ok()),
        enable_tickets: Some(false),
        enable_asset_checkout: Some(false),
        enable_self_service: Some(false),
        enable_password_reset: Some(false),
        enable_colleagues: Some(true),
    }
}

#[tokio::test]
async fn every_field_of_a_branding_is_changed_and_audited_by_its_name() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    assert_eq!(stored(&world, acme).await, None);
    let changed = change(&world, acme, everything()).await.unwrap();
    let expected = Branding {
        id: changed.id,
        organization_id: acme.id,
        logo_url: "https://cdn.example/logo.svg".parse().ok(),
        favicon_url: "https://cdn.example/icon.png".parse().ok(),
        primary_color: "#663399".parse().ok(),
        secondary_color: "#aabbcc".parse().ok(),
        accent_color: "#00ff00".parse().ok(),
        custom_domain: None,
        domain_verified: false,
        domain_token: None,
        welcome_message: "Hello\nyou".parse().ok(),
        support_email: "help@acme.example".parse().ok(),
        support_phone: "+41 61 000 00 00".parse().ok(),
        footer_text: "Acme AG".parse().ok(),
        custom_css: "body { color: red }".parse().ok(),
        features: FeatureToggles {
            tickets: false,
            asset_checkout: false,
            self_service: false,
            password_reset: false,
            colleagues: true,
        },
        created_at: world.env.now(),
        updated_at: world.env.now(),
    };
    assert_eq!(changed, expected);
    assert_eq!(stored(&world, acme).await, Some(expected.clone()));
    assert_eq!(stored(&world, &world.globex).await, None);
    let log = world
        .audited(acme.id, AuditAction::OrganizationBrandingUpdate)
        .await;
    let details: Vec<_> = log.into_iter().map(|entry| entry.details).collect();
    let fields = [
        "logoUrl",
        "faviconUrl",
        "primaryColor",
        "secondaryColor",
        "accentColor",
        "welcomeMessage",
        "supportEmail",
        "supportPhone",
        "footerText",
        "customCss",
        "enableTickets",
        "enableAssetCheckout",
        "enableSelfService",
        "enablePasswordReset",
        "enableColleagues",
    ];
    assert_eq!(details, [json!({ "updatedFields": fields })]);

    // Neither the same changes again nor empty ones change anything.
    world.env.advance(TimeDelta::hours(1));
    for same in [everything(), BrandingChanges::default()] {
        assert_eq!(change(&world, acme, same).await.unwrap(), expected);
    }
    let action = AuditAction::OrganizationBrandingUpdate;
    assert_eq!(world.audited(acme.id, action).await.len(), 1);

    let unset = BrandingChanges {
        logo_url: Some(None),
        ..BrandingChanges::default()
    };
    let unset = change(&world, acme, unset).await.unwrap();
    assert_eq!(
        unset,
        Branding {
            logo_url: None,
            updated_at: world.env.now(),
            ..expected
        }
    );
}

#[tokio::test]
async fn a_new_domain_is_unverified_and_gets_a_new_token() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    let first = set_domain(&world, acme, Some("one.acme.example")).await;
    let first_token = first.domain_token.clone().unwrap();
    assert_eq!(first_token.len(), 32);
    assert_eq!(first.verified_domain(), None);
    let verified = verify(&world, acme).await.unwrap();
    assert_eq!(verified.verified_domain(), first.custom_domain.as_ref());

    // The same domain in another spelling stays verified.
    let same = set_domain(&world, acme, Some("ONE.acme.example.")).await;
    assert_eq!(same, verified);

    let second = set_domain(&world, acme, Some("two.acme.example")).await;
    assert_eq!(second.verified_domain(), None);
    assert_ne!(second.domain_token.unwrap(), first_token);
    let none = set_domain(&world, acme, None).await;
    assert_eq!((none.domain_verified, none.domain_token), (false, None));
}

#[tokio::test]
async fn a_domain_is_verified_by_the_dns_record_with_its_token() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    let none = branding::domain_proof(stored(&world, acme).await.as_ref());
    assert!(matches!(none, Err(BrandingError::NoDomain)), "{none:?}");
    let claimed = set_domain(&world, acme, Some("Bücher.example")).await;
    let proof = branding::domain_proof(Some(&claimed)).unwrap();
    assert_eq!(proof.domain.as_str(), "xn--bcher-kva.example");
    assert_eq!(proof.record_name, "_breeze-portal.xn--bcher-kva.example");
    let token = claimed.domain_token.unwrap();
    let expected = format!("breeze-portal-verification={token}");
    assert_eq!(proof.record_value, expected);
}

#[tokio::test]
async fn verifying_a_domain_is_idempotent_and_needs_one() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    let none = verify(&world, acme).await;
    assert!(matches!(none, Err(BrandingError::NoDomain)), "{none:?}");
    set_domain(&world, acme, Some("support.acme.example")).await;
    world.env.advance(TimeDelta::hours(1));
    let verified = verify(&world, acme).await.unwrap();
    assert_eq!(verified.updated_at, world.env.now());
    world.env.advance(TimeDelta::hours(1));
    assert_eq!(verify(&world, acme).await.unwrap(), verified);
    let action = AuditAction::OrganizationDomainVerify;
    assert_eq!(world.audited(acme.id, action).await.len(), 1);
}

#[tokio::test]
async fn a_domain_is_verified_for_one_organization() {
    let world = TestWorld::create().await;
    let (acme, globex) = (&world.acme, &world.globex);
    for tenant in [acme, globex] {
        set_domain(&world, tenant, Some("shared.example")).await;
    }
    verify(&world, acme).await.unwrap();
    let before = stored(&world, globex).await;
    let second = verify(&world, globex).await;
    assert!(
        matches!(second, Err(BrandingError::DomainTaken(_))),
        "{second:?}"
    );
    assert_eq!(stored(&world, globex).await, before);
    let domain = "shared.example".parse().unwrap();
    let system = world.store.system_reader().await.unwrap();
    let found = system.organization_by_domain(&domain).await.unwrap();
    assert_eq!(found, Some(acme.id));
    drop(system);
    // It is free again once the other organization removes it.
    set_domain(&world, acme, None).await;
    assert!(verify(&world, globex).await.unwrap().domain_verified);
}
