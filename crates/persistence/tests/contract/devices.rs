//! Devices.

use chrono::{TimeDelta, Utc};
use portal_domain::devices::{self, Device, DeviceFilter, DeviceStatus, Upserted};
use portal_domain::environment::Environment as _;
use portal_domain::ids::DeviceId;
use portal_domain::operation::Operation;
use portal_domain::pagination::PageRequest;
use portal_domain::store::{Store, TenantScope, TenantStore as _};
use portal_test_support::operator;

use crate::fixtures::{clock, device, device_record, tenant};
use crate::portal::Portal;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hostname_is_taken_once_in_any_case() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let first = device(store, &env, acme.scope, device_record("Straße-1")).await;
    let tx = store.begin(acme.scope).await.unwrap();
    let hostname = "STRASSE-1".parse().unwrap();
    let second = Device {
        id: DeviceId::generate(&env),
        hostname,
        ..first.clone()
    };
    assert!(!tx.add_device(&second).await.unwrap());
    let found = tx.device_by_hostname(&second.hostname).await.unwrap();
    assert_eq!(found, Some(first));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hostname_is_found_in_any_canonical_form_and_by_the_key_of_an_earlier_release() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let nfc = "Büro".parse().unwrap();
    let nfd = "bu\u{308}ro\u{a0}".parse().unwrap();
    let device = device(store, &env, acme.scope, device_record("Büro")).await;
    for key in ["büro", "bu\u{308}ro"] {
        store.tamper(&format!("UPDATE devices SET hostname_key = '{key}'"));
        let tx = store.begin(acme.scope).await.unwrap();
        for hostname in [&nfc, &nfd] {
            let found = tx.device_by_hostname(hostname).await.unwrap();
            assert_eq!(found, Some(device.clone()), "{key} {hostname}");
        }
        // A change brings the key of this release.
        tx.update_device(&device).await.unwrap();
        tx.commit().await.unwrap();
    }
    let tx = store.begin(acme.scope).await.unwrap();
    let second = Device {
        id: DeviceId::generate(&env),
        hostname: nfd,
        ..device
    };
    assert!(!tx.add_device(&second).await.unwrap());
}

async fn hostnames(
    store: &dyn Store,
    scope: TenantScope,
    filter: DeviceFilter<'_>,
    request: PageRequest,
) -> (Vec<String>, i64) {
    let page = store
        .reader(scope)
        .await
        .unwrap()
        .devices(filter, request)
        .await
        .unwrap();
    (
        page.items
            .iter()
            .map(|device| device.hostname.to_string())
            .collect(),
        page.total,
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn devices_come_last_seen_first() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let now = env.now().with_timezone(&Utc);
    let seen = |hours| Some(now - TimeDelta::hours(hours));
    for (hostname, last_seen_at, is_ephemeral) in [
        ("never-1", None, false),
        ("long-ago", seen(99), false),
        ("tie-1", seen(5), false),
        ("builder", seen(0), true),
        ("tie-2", seen(5), false),
        ("just-now", seen(0), false),
        ("never-2", None, false),
    ] {
        // ids grow with time
        env.advance(TimeDelta::milliseconds(1));
        let mut record = device_record(hostname);
        record.last_seen_at = last_seen_at;
        record.is_ephemeral = is_ephemeral;
        device(store, &env, acme.scope, record).await;
    }
    let expected = [
        "just-now", "tie-2", "tie-1", "long-ago", "never-2", "never-1",
    ];
    let seen_by_customers = DeviceFilter::default();
    let (found, total) =
        hostnames(store, acme.scope, seen_by_customers, PageRequest::default()).await;
    assert_eq!(
        (found.as_slice(), total),
        (expected.map(String::from).as_slice(), 6)
    );

    let mut pages = Vec::new();
    for page in 1..=3 {
        let request = PageRequest::new(page, 2);
        let (found, total) = hostnames(store, acme.scope, seen_by_customers, request).await;
        assert_eq!(total, 6);
        pages.extend(found);
    }
    assert_eq!(pages, expected);
    let beyond = PageRequest::new(PageRequest::MAX_PAGE, PageRequest::MAX_LIMIT);
    assert_eq!(
        hostnames(store, acme.scope, seen_by_customers, beyond).await,
        (vec![], 6)
    );

    let all = DeviceFilter {
        include_ephemeral: true,
        ..DeviceFilter::default()
    };
    assert_eq!(
        hostnames(store, acme.scope, all, PageRequest::default())
            .await
            .1,
        7
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn devices_are_found_by_their_names() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let globex = tenant(store, &env, "globex").await;
    for (scope, hostname, name) in [
        (acme.scope, "lt-1", Some("Größter Beamer")),
        (acme.scope, "lt-2", None),
        (acme.scope, "beamer-3", None),
        (globex.scope, "beamer-4", None),
    ] {
        env.advance(TimeDelta::milliseconds(1));
        let mut record = device_record(hostname);
        record.display_name = name.map(|name| name.parse().unwrap());
        device(store, &env, scope, record).await;
    }
    for (words, page, expected, total) in [
        ("BEAMER", 1, &["beamer-3", "lt-1"][..], 2),
        ("GRÖSSTER lt", 1, &["lt-1"], 1),
        ("lt", 2, &[], 2),
        ("", 2, &["lt-1"], 3),
        ("%", 1, &[], 0),
    ] {
        let words = words.parse().unwrap();
        let filter = DeviceFilter {
            words: Some(&words),
            ..DeviceFilter::default()
        };
        let request = PageRequest::new(page, 2);
        let (found, count) = hostnames(store, acme.scope, filter, request).await;
        let found: Vec<_> = found.iter().map(String::as_str).collect();
        assert_eq!((found.as_slice(), count), (expected, total), "{words:?}");
    }
}

/// The hostnames of the devices that a search finds.
async fn called(store: &dyn Store, scope: TenantScope, words: &str) -> Vec<String> {
    let words = words.parse().unwrap();
    let filter = DeviceFilter {
        words: Some(&words),
        ..DeviceFilter::default()
    };
    let (found, total) = hostnames(store, scope, filter, PageRequest::default()).await;
    assert_eq!(i64::try_from(found.len()), Ok(total), "{words:?}");
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_are_found_in_any_spelling_and_to_the_letter() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    for (hostname, name) in [
        ("lt-1", Some("Straße in İzmir")),
        ("büro", Some("cafe\u{301} 100%")),
        ("disk_1", Some("k*[a]\\")),
        ("disk-2", None),
    ] {
        env.advance(TimeDelta::milliseconds(1));
        let mut record = device_record(hostname);
        record.display_name = name.map(|name| name.parse().unwrap());
        device(store, &env, acme.scope, record).await;
    }
    for is_of_the_release_before in [false, true] {
        if is_of_the_release_before {
            store.tamper("UPDATE devices SET search_text = NULL");
        }
        for (words, expected) in [
            ("STRASSE", &["lt-1"][..]),
            ("straẞe LT", &["lt-1"]),
            ("izmir", &["lt-1"]),
            ("İZMIR", &["lt-1"]),
            ("BU\u{308}RO CAFÉ", &["büro"]),
            ("%", &["büro"]),
            ("disk_", &["disk_1"]),
            ("disk", &["disk-2", "disk_1"]),
            ("k*[A]\\", &["disk_1"]),
            ("1k", &[]),
            ("büro cafe", &[]),
            ("lt-1\nstrasse", &["lt-1"]),
            ("lt-1strasse", &[]),
            ("linux", &[]),
        ] {
            let found = called(store, acme.scope, words).await;
            assert_eq!(found, expected, "{words} {is_of_the_release_before}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_is_found_by_its_new_names_whichever_release_changed_them() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let mut device = device(store, &env, acme.scope, device_record("lt-1")).await;
    let found = async |words: &str| called(store, acme.scope, words).await;
    // Seen in the database, and kept by what does not change the names.
    store.tamper("UPDATE devices SET search_text = 'mark'");
    store.tamper("UPDATE devices SET status = 'offline', hostname = hostname, display_name = NULL");
    assert_eq!(found("mark").await, ["lt-1"]);
    assert_eq!(found("lt").await, [""; 0]);

    // The release before knows no text to search in.
    for (change, new, old) in [
        ("hostname = 'pc-1', hostname_key = 'pc-1'", "PC", "lt"),
        ("display_name = 'Röhre'", "röhre PC", "mark"),
        ("display_name = 'Tube'", "tube", "röhre"),
        ("display_name = NULL", "pc", "tube"),
    ] {
        store.tamper(&format!("UPDATE devices SET {change}"));
        assert_eq!(found(new).await, ["pc-1"], "{change}");
        assert_eq!(found(old).await, [""; 0], "{change}");
    }

    device.display_name = Some("Beamer".parse().unwrap());
    let tx = store.begin(acme.scope).await.unwrap();
    tx.update_device(&device).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(found("beamer lt").await, ["lt-1"]);
    assert_eq!(found("pc").await, [""; 0]);
    store.tamper("UPDATE devices SET display_name = 'Tube', search_text = 'mark'");
    assert_eq!(found("mark").await, ["lt-1"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inventory_brings_devices_up_to_date() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let mut record = device_record("printer");
    let tx = store.begin(acme.scope).await.unwrap();
    let created = devices::upsert(&Operation::new(&*tx, &operator(), &env), record.clone())
        .await
        .unwrap();
    assert!(matches!(created, Upserted::Created(_)));
    record.hostname = "PRINTER".parse().unwrap();
    let unchanged = devices::upsert(&Operation::new(&*tx, &operator(), &env), record.clone())
        .await
        .unwrap();
    assert_eq!(
        unchanged,
        Upserted::Unchanged(created.clone().into_device())
    );
    record.status = DeviceStatus::Maintenance;
    record.display_name = Some("Printer".parse().unwrap());
    let updated = devices::upsert(&Operation::new(&*tx, &operator(), &env), record)
        .await
        .unwrap()
        .into_device();
    tx.commit().await.unwrap();
    let reader = store.reader(acme.scope).await.unwrap();
    assert_eq!(reader.device(updated.id).await.unwrap(), Some(updated));
}
