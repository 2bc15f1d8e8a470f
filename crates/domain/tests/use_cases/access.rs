//! Access checks for signed-in requests.

use portal_domain::access::{self, AccessError, Claims};
use portal_domain::audit::ClientInfo;
use portal_domain::branding::{BrandingChanges, Feature};
use portal_domain::ids::UserId;
use portal_domain::organizations::OrganizationStatus;
use portal_domain::pagination::PageRequest;
use portal_domain::store::{StorageError, TenantReader};
use portal_domain::tickets::{self, TicketFilter, TicketSummary};
use portal_test_support::fixtures::new_ticket;
use portal_test_support::{Person, TestWorld};

/// Any error of a request.
type Failure = Box<dyn std::error::Error>;

/// The claims of a session created now.
async fn claims(world: &TestWorld, person: &Person) -> Claims {
    let reader = world.reader(person.scope()).await;
    let account = reader.account(person.id).await.unwrap().unwrap();
    Claims {
        user_id: person.id,
        organization_id: person.organization,
        session_version: account.user.session_version,
    }
}

/// The error of reading with these claims, which is the same for writing.
async fn access_error(world: &TestWorld, claims: &Claims, feature: Option<Feature>) -> AccessError {
    let query = async |_: &dyn TenantReader| Ok::<_, AccessError>(());
    let read = access::read(&*world.store, claims, feature, query).await;
    let read = read.expect_err("nobody is let in to read");
    let (store, env, client) = (&*world.store, &*world.env, ClientInfo::default());
    let write = access::write(store, env, claims, client, feature, async |_| {
        Err::<(), AccessError>(StorageError::Missing("what was written").into())
    });
    let write = write.await.expect_err("nobody is let in to write");
    assert_eq!(read.to_string(), write.to_string());
    read
}

#[tokio::test]
async fn valid_claims_read_and_write() {
    let world = TestWorld::create().await;
    let claims = claims(&world, &world.acme.ada).await;
    let feature = Some(Feature::Tickets);
    let (store, env, client) = (&*world.store, &*world.env, ClientInfo::default());
    let written = access::write(store, env, &claims, client, feature, async |op| {
        assert_eq!(op.by.account.user.id, claims.user_id);
        let ticket = tickets::submit(op, new_ticket("Printer")).await;
        ticket.map_err(Failure::from)
    });
    let written = written.await;
    let query = async |reader: &dyn TenantReader| {
        let (filter, page) = (TicketFilter::default(), PageRequest::default());
        reader.tickets(&filter, page).await.map_err(Failure::from)
    };
    let (account, found) = access::read(&*world.store, &claims, feature, query)
        .await
        .unwrap();
    assert_eq!(account.user.id, claims.user_id);
    assert_eq!(found.items, [TicketSummary::from(&written.unwrap())]);
}

#[tokio::test]
async fn a_session_of_another_version_or_of_no_user_has_ended() {
    let world = TestWorld::create().await;
    let good = claims(&world, &world.acme.ada).await;
    for bad in [
        Claims {
            session_version: good.session_version + 1,
            ..good.clone()
        },
        Claims {
            session_version: good.session_version - 1,
            ..good.clone()
        },
        Claims {
            user_id: UserId::generate(&*world.env),
            ..good.clone()
        },
        // A user of another organization.
        Claims {
            organization_id: world.globex.id,
            ..good.clone()
        },
    ] {
        let rejected = access_error(&world, &bad, None).await;
        assert!(
            matches!(rejected, AccessError::SessionEnded),
            "{rejected:?}"
        );
    }
}

#[tokio::test]
async fn a_disabled_user_or_organization_is_unauthorized_at_once() {
    let world = TestWorld::create().await;
    let (ada, bob) = (&world.acme.ada, &world.acme.bob);
    let invited = world.invited(&world.acme, "new@acme.example").await;
    let (adas, bobs) = (claims(&world, ada).await, claims(&world, bob).await);
    let invited = claims(&world, &invited).await;
    world.disable_user(ada).await;
    // This ended the session too, but `NotActive` takes precedence.
    for claims in [adas, invited] {
        let rejected = access_error(&world, &claims, None).await;
        assert!(matches!(rejected, AccessError::NotActive), "{rejected:?}");
    }
    world
        .set_organization_status(world.acme.id, OrganizationStatus::Disabled)
        .await;
    let rejected = access_error(&world, &bobs, None).await;
    assert!(matches!(rejected, AccessError::NotActive), "{rejected:?}");
    world
        .set_organization_status(world.acme.id, OrganizationStatus::Active)
        .await;
    // Once it is active again, people sign in again.
    let rejected = access_error(&world, &bobs, None).await;
    assert!(
        matches!(rejected, AccessError::SessionEnded),
        "{rejected:?}"
    );
}

#[tokio::test]
async fn a_disabled_feature_is_forbidden_in_its_organization_only() {
    let world = TestWorld::create().await;
    let (adas, others) = (
        claims(&world, &world.acme.ada).await,
        claims(&world, &world.globex.ada).await,
    );
    let features = [
        Feature::Tickets,
        Feature::AssetCheckout,
        Feature::SelfService,
        Feature::PasswordReset,
    ];
    for off in features {
        let changes = |off: Feature| BrandingChanges {
            enable_tickets: Some(off != Feature::Tickets),
            enable_asset_checkout: Some(off != Feature::AssetCheckout),
            enable_self_service: Some(off != Feature::SelfService),
            enable_password_reset: Some(off != Feature::PasswordReset),
            ..BrandingChanges::default()
        };
        world.change_branding(&world.acme, changes(off)).await;
        let rejected = access_error(&world, &adas, Some(off)).await;
        assert!(
            matches!(rejected, AccessError::FeatureDisabled(feature) if feature == off),
            "{rejected:?}"
        );
        for feature in features {
            let query = async |_: &dyn TenantReader| Ok::<_, AccessError>(());
            let own = access::read(&*world.store, &adas, Some(feature), query).await;
            assert_eq!(own.is_ok(), feature != off, "{feature:?} without {off:?}");
            let query = async |_: &dyn TenantReader| Ok::<_, AccessError>(());
            let other = access::read(&*world.store, &others, Some(feature), query).await;
            assert!(other.is_ok(), "{feature:?}");
        }
    }
}

#[tokio::test]
async fn an_unauthorized_or_failed_write_changes_nothing() {
    let world = TestWorld::create().await;
    let good = claims(&world, &world.acme.ada).await;
    let ended = Claims {
        session_version: good.session_version + 1,
        ..good.clone()
    };
    let log = world.audit_log(world.acme.id).await;
    for claims in [&good, &ended] {
        let (store, env, client) = (&*world.store, &*world.env, ClientInfo::default());
        let failed = access::write(store, env, claims, client, None, async |op| {
            tickets::submit(op, new_ticket("Printer")).await?;
            Err::<(), Failure>("it fails in the end".into())
        });
        failed.await.unwrap_err();
    }
    assert_eq!(world.audit_log(world.acme.id).await, log);
    assert_eq!(world.outbox(world.acme.id).await, []);
    let reader = world.reader(world.acme.scope()).await;
    let (filter, page) = (TicketFilter::default(), PageRequest::default());
    assert_eq!(reader.tickets(&filter, page).await.unwrap().total, 0);
}
