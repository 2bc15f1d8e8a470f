//! Operators create, enable and disable organizations.

use chrono::TimeDelta;
use portal_domain::audit::AuditAction;
use portal_domain::environment::Environment as _;
use portal_domain::ids::OrganizationId;
use portal_domain::operation::Operation;
use portal_domain::organizations::{
    self, NewOrganization, Organization, OrganizationError, OrganizationStatus,
};
use portal_domain::values::TimeZone;
use portal_test_support::TestWorld;
use portal_test_support::operator;

async fn create(
    world: &TestWorld,
    name: &str,
    slug: Option<&str>,
) -> Result<Organization, OrganizationError> {
    let new = NewOrganization {
        name: name.parse().unwrap(),
        slug: slug.map(|slug| slug.parse().unwrap()),
        time_zone: TimeZone::UTC,
    };
    let tx = world.operator.begin_system().await.unwrap();
    let created = organizations::create(&Operation::new(&*tx, &operator(), &*world.env), new).await;
    // Also after an error, which must not have written anything.
    tx.commit().await.unwrap();
    created
}

async fn set_organization_status(
    world: &TestWorld,
    id: OrganizationId,
    status: OrganizationStatus,
) -> Result<Organization, OrganizationError> {
    let tx = world.operator.begin_system().await.unwrap();
    let set =
        organizations::set_status(&Operation::new(&*tx, &operator(), &*world.env), id, status)
            .await;
    tx.commit().await.unwrap();
    set
}

async fn all_organizations(world: &TestWorld) -> Vec<Organization> {
    let reader = world.operator.system_reader().await.unwrap();
    reader.organizations().await.unwrap()
}

#[tokio::test]
async fn an_organization_is_created_active_under_a_slug_made_of_its_name() {
    let world = TestWorld::create().await;
    let initech = create(&world, "Initech & Sons", None).await.unwrap();
    let expected = Organization {
        id: initech.id,
        name: "Initech & Sons".parse().unwrap(),
        slug: "initech-sons".parse().unwrap(),
        time_zone: TimeZone::UTC,
        status: OrganizationStatus::Active,
        created_at: world.env.now(),
        updated_at: world.env.now(),
    };
    assert_eq!(initech, expected);
    assert!(all_organizations(&world).await.contains(&expected));
    let log = world.audit_log(initech.id).await;
    let actions: Vec<_> = log.iter().map(|entry| entry.action).collect();
    assert_eq!(actions, [AuditAction::OrganizationCreate]);
}

#[tokio::test]
async fn a_slug_is_unique_and_required_if_the_name_makes_none() {
    let world = TestWorld::create().await;
    let before = all_organizations(&world).await;
    let taken = create(&world, "Other", Some("test-acme")).await;
    assert!(
        matches!(&taken, Err(OrganizationError::SlugTaken(slug)) if slug.as_str() == "test-acme"),
        "{taken:?}"
    );
    let nameless = create(&world, "東京", None).await;
    assert!(
        matches!(nameless, Err(OrganizationError::SlugNeeded)),
        "{nameless:?}"
    );
    assert_eq!(all_organizations(&world).await, before);
    let tokyo = create(&world, "東京", Some("tokyo")).await.unwrap();
    assert_eq!(tokyo.slug.as_str(), "tokyo");
}

#[tokio::test]
async fn disabling_and_enabling_an_organization_is_idempotent() {
    let world = TestWorld::create().await;
    let acme = world.acme.id;
    for (status, action) in [
        (
            OrganizationStatus::Disabled,
            AuditAction::OrganizationDisable,
        ),
        (OrganizationStatus::Active, AuditAction::OrganizationEnable),
    ] {
        world.env.advance(TimeDelta::hours(1));
        let set = set_organization_status(&world, acme, status).await.unwrap();
        assert_eq!((set.status, set.updated_at), (status, world.env.now()));
        world.env.advance(TimeDelta::hours(1));
        let again = set_organization_status(&world, acme, status).await.unwrap();
        assert_eq!(again, set);
        assert_eq!(world.audited(acme, action).await.len(), 1, "{status}");
    }
}

#[tokio::test]
async fn an_unknown_organization_is_not_found() {
    let world = TestWorld::create().await;
    let unknown = OrganizationId::generate(&*world.env);
    let set = set_organization_status(&world, unknown, OrganizationStatus::Disabled).await;
    assert!(matches!(set, Err(OrganizationError::NotFound(id)) if id == unknown));
}
