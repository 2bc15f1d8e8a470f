//! Organizations.

use portal_domain::ids::OrganizationId;
use portal_domain::operation::Operation;
use portal_domain::organizations::{Organization, OrganizationStatus, set_status};
use portal_domain::store::{Store, TenantStore as _};
use portal_test_support::operator;

use crate::fixtures::{clock, tenant};
use crate::portal::Portal;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slug_is_taken_once() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await.organization;
    let tx = store.operator.begin_system().await.unwrap();
    let another = Organization {
        id: OrganizationId::generate(&env),
        ..acme.clone()
    };
    assert!(!tx.add_organization(&another).await.unwrap());
    let disabled = set_status(
        &Operation::new(&*tx, &operator(), &env),
        acme.id,
        OrganizationStatus::Disabled,
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();

    let reader = store.system_reader().await.unwrap();
    assert_eq!(
        reader.organization_by_slug(&acme.slug).await.unwrap(),
        Some(disabled)
    );
    assert_eq!(reader.organization(another.id).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn organizations_come_by_name() {
    let store = &Portal::create().await;
    let env = clock();
    for name in ["globex", "Zorg", "acme-2", "acme", "élan"] {
        let name = name.parse().unwrap();
        let tx = store.operator.begin_system().await.unwrap();
        let organization = Organization {
            id: OrganizationId::generate(&env),
            slug: OrganizationId::generate(&env).to_string().parse().unwrap(),
            name,
            time_zone: "Europe/Berlin".parse().unwrap(),
            status: OrganizationStatus::Active,
            created_at: chrono::DateTime::UNIX_EPOCH,
            updated_at: chrono::DateTime::UNIX_EPOCH,
        };
        assert!(tx.add_organization(&organization).await.unwrap());
        tx.commit().await.unwrap();
    }
    let organizations = store
        .system_reader()
        .await
        .unwrap()
        .organizations()
        .await
        .unwrap();
    let names: Vec<_> = organizations
        .iter()
        .map(|each| each.name.as_str())
        .collect();
    assert_eq!(names, ["Zorg", "acme", "acme-2", "globex", "élan"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn disabling_ends_the_sessions_of_its_own_users_alone() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let globex = tenant(store, &env, "globex").await;
    let versions = async |scope| {
        let reader = store.reader(scope).await.unwrap();
        let users = reader.users().await.unwrap();
        users
            .iter()
            .map(|user| user.session_version)
            .collect::<Vec<_>>()
    };
    let (before, others) = (versions(acme.scope).await, versions(globex.scope).await);
    for (status, raised) in [
        (OrganizationStatus::Disabled, 1),
        (OrganizationStatus::Disabled, 1),
        (OrganizationStatus::Active, 1),
        (OrganizationStatus::Disabled, 2),
    ] {
        let tx = store.operator.begin_system().await.unwrap();
        let operator = operator();
        let op = Operation::new(&*tx, &operator, &env);
        set_status(&op, acme.organization.id, status).await.unwrap();
        tx.commit().await.unwrap();
        let expected: Vec<_> = before.iter().map(|version| version + raised).collect();
        assert_eq!(versions(acme.scope).await, expected, "{status}");
    }
    assert_eq!(versions(globex.scope).await, others);
}
