//! Operators and inventories add and change devices.

use chrono::TimeDelta;
use portal_domain::audit::AuditAction;
use portal_domain::devices::{
    self, Device, DeviceChanges, DeviceError, DeviceFilter, DeviceRecord, DeviceStatus, OsType,
    Upserted,
};
use portal_domain::environment::Environment as _;
use portal_domain::pagination::PageRequest;
use portal_test_support::fixtures::device_record;
use portal_test_support::{Tenant, TestWorld};

async fn create(
    world: &TestWorld,
    tenant: &Tenant,
    record: DeviceRecord,
) -> Result<Device, DeviceError> {
    world
        .try_operate(tenant, async |op| devices::create(op, record).await)
        .await
}

async fn upsert(world: &TestWorld, record: DeviceRecord) -> Upserted {
    world
        .operate(&world.acme, async |op| devices::upsert(op, record).await)
        .await
}

async fn all_devices(world: &TestWorld) -> Vec<Device> {
    let reader = world.reader(world.acme.scope()).await;
    let filter = DeviceFilter {
        include_ephemeral: true,
        ..DeviceFilter::default()
    };
    let page = reader.devices(filter, PageRequest::default()).await;
    page.unwrap().items
}

/// A device with all fields.
fn full_record(hostname: &str) -> DeviceRecord {
    DeviceRecord {
        hostname: hostname.parse().unwrap(),
        display_name: "Ada's notebook".parse().ok(),
        os_type: OsType::MacOs,
        os_version: "15.5".parse().unwrap(),
        status: DeviceStatus::Quarantined,
        last_seen_at: "2026-01-30T12:00:00Z".parse().ok(),
        is_ephemeral: true,
        is_loanable: false,
    }
}

#[tokio::test]
async fn a_hostname_is_unique_in_an_organization_ignoring_case() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    let device = create(&world, acme, device_record("Straße-1")).await;
    let taken = create(&world, acme, device_record("STRASSE-1")).await;
    assert!(
        matches!(&taken, Err(DeviceError::HostnameTaken(name)) if name.as_str() == "STRASSE-1"),
        "{taken:?}"
    );
    assert_eq!(all_devices(&world).await, [device.unwrap()]);
    let action = AuditAction::DeviceCreate;
    assert_eq!(world.audited(acme.id, action).await.len(), 1);
    // Hostnames are unique within an organization only.
    let other = create(&world, &world.globex, device_record("Straße-1")).await;
    assert_eq!(other.unwrap().organization_id, world.globex.id);
}

#[tokio::test]
async fn importing_an_inventory_again_is_idempotent() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    let log = async || {
        let log = world.audit_log(acme.id).await;
        let of_devices = log
            .iter()
            .filter(|entry| entry.resource_type == "device")
            .map(|entry| entry.action);
        of_devices.collect::<Vec<_>>()
    };
    let created = upsert(&world, device_record("Lt-1")).await;
    let Upserted::Created(device) = created else {
        panic!("{created:?}");
    };
    world.env.advance(TimeDelta::hours(1));
    let again = upsert(&world, device_record("lt-1")).await;
    assert_eq!(again, Upserted::Unchanged(device.clone()));
    assert_eq!(log().await, [AuditAction::DeviceCreate]);

    // The hostname identifies the device, and keeps its first spelling.
    let updated = upsert(&world, full_record("LT-1")).await;
    let expected = Device {
        id: device.id,
        organization_id: acme.id,
        hostname: "Lt-1".parse().unwrap(),
        display_name: "Ada's notebook".parse().ok(),
        os_type: OsType::MacOs,
        os_version: "15.5".parse().unwrap(),
        status: DeviceStatus::Quarantined,
        last_seen_at: "2026-01-30T12:00:00Z".parse().ok(),
        is_ephemeral: true,
        is_loanable: false,
        created_at: device.created_at,
        updated_at: world.env.now(),
    };
    assert_eq!(updated, Upserted::Updated(expected.clone()));
    assert_eq!(all_devices(&world).await, [expected]);
    assert_eq!(
        log().await,
        [AuditAction::DeviceUpdate, AuditAction::DeviceCreate]
    );

    // Fields that the inventory no longer has are unset.
    let bare = upsert(&world, device_record("Lt-1")).await.into_device();
    assert_eq!((bare.display_name, bare.last_seen_at), (None, None));
}

#[tokio::test]
async fn an_update_changes_the_given_fields_and_no_others() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    let device = upsert(&world, full_record("lt-1")).await.into_device();
    let update = async |changes| {
        let hostname = "LT-1".parse().unwrap();
        world
            .operate(acme, async |op| {
                devices::update(op, &hostname, changes).await
            })
            .await
    };
    world.env.advance(TimeDelta::hours(1));
    let same = DeviceChanges {
        status: Some(DeviceStatus::Quarantined),
        is_loanable: Some(false),
        ..DeviceChanges::default()
    };
    assert_eq!(update(same).await, device);
    let changes = DeviceChanges {
        display_name: Some(None),
        is_loanable: Some(true),
        ..DeviceChanges::default()
    };
    let expected = Device {
        display_name: None,
        is_loanable: true,
        updated_at: world.env.now(),
        ..device
    };
    assert_eq!(update(changes).await, expected);
    assert_eq!(all_devices(&world).await, [expected]);
    let action = AuditAction::DeviceUpdate;
    assert_eq!(world.audited(acme.id, action).await.len(), 1);
}

#[tokio::test]
async fn updating_an_unknown_device_fails() {
    let world = TestWorld::create().await;
    create(&world, &world.globex, device_record("lt-1"))
        .await
        .unwrap();
    let hostname = "lt-1".parse().unwrap();
    let unknown = world
        .try_operate(&world.acme, async |op| {
            let changes = DeviceChanges::default();
            devices::update(op, &hostname, changes).await
        })
        .await;
    assert!(
        matches!(unknown, Err(DeviceError::NotFound(_))),
        "{unknown:?}"
    );
}
