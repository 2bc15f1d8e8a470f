//! The daily check of verified domains, with a DNS that answers as it is told.
#![expect(clippy::unwrap_used, reason = "a failing test may panic")]

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::TimeDelta;
use portal_dns::{DnsError, DomainMonitor, TxtResolver};
use portal_domain::branding::{BrandingChanges, CustomDomain};
use portal_domain::environment::Environment as _;
use portal_domain::organizations::OrganizationStatus;
use portal_test_support::TestWorld;

const DOMAIN: &str = "help.acme.example";

/// Answers every question alike, and counts them.
#[derive(Default)]
struct Dns {
    /// The records; `None` if no server answers.
    records: Mutex<Option<Vec<String>>>,
    asked: Mutex<Vec<String>>,
}

#[async_trait]
impl TxtResolver for Dns {
    async fn txt_records(&self, name: &str) -> Result<Vec<String>, DnsError> {
        self.asked.lock().unwrap().push(name.to_owned());
        let records = self.records.lock().unwrap().clone();
        records.ok_or_else(|| DnsError::NoAnswer {
            name: name.to_owned(),
            reason: "no server answered".into(),
        })
    }
}

struct Watch {
    world: TestWorld,
    dns: Arc<Dns>,
    monitor: DomainMonitor,
}

impl Watch {
    /// Acme's domain is verified, and its record is there.
    async fn begin() -> Self {
        let world = TestWorld::create().await;
        world.own_domain(&world.acme, DOMAIN).await;
        let dns = Arc::<Dns>::default();
        let resolver: Arc<dyn TxtResolver> = dns.clone();
        let monitor = DomainMonitor::new(world.store.clone(), world.env.clone(), resolver);
        let watch = Self {
            world,
            dns,
            monitor,
        };
        let record = watch.domain().await.proof.record_value;
        watch.answer(Some(vec![record]));
        watch
    }

    fn answer(&self, records: Option<Vec<String>>) {
        *self.dns.records.lock().unwrap() = records;
    }

    /// Runs the monitor, and returns how many names it looked up.
    async fn looked_up(&self) -> usize {
        self.dns.asked.lock().unwrap().clear();
        self.monitor.run_due().await.unwrap();
        self.dns.asked.lock().unwrap().len()
    }

    async fn domain(&self) -> CustomDomain {
        let reader = self.world.store.system_reader().await.unwrap();
        let domains = reader.custom_domains().await.unwrap();
        let [domain] = domains.try_into().unwrap();
        domain
    }
}

#[tokio::test]
async fn a_verified_domain_is_looked_up_once_a_day() {
    let watch = Watch::begin().await;
    let start = watch.world.env.now();
    assert_eq!(watch.looked_up().await, 1);
    assert_eq!(
        *watch.dns.asked.lock().unwrap(),
        ["_breeze-portal.help.acme.example"]
    );
    let check = watch.domain().await.check.unwrap();
    assert_eq!((check.checked_at, check.missing_since), (start, None));

    watch.world.env.advance(TimeDelta::hours(23));
    assert_eq!(watch.looked_up().await, 0);
    watch.world.env.advance(TimeDelta::hours(1));
    assert_eq!(watch.looked_up().await, 1);
}

#[tokio::test]
async fn a_missing_record_is_reported_until_it_is_back_and_changes_nothing_else() {
    let watch = Watch::begin().await;
    watch.answer(Some(vec!["v=spf1 -all".to_owned()]));
    let gone = watch.world.env.now();
    watch.looked_up().await;
    watch.world.env.advance(TimeDelta::days(1));
    watch.answer(Some(Vec::new()));
    watch.looked_up().await;
    let domain = watch.domain().await;
    assert!(domain.is_record_missing() && domain.verified);
    assert_eq!(domain.check.unwrap().missing_since, Some(gone));

    watch.world.env.advance(TimeDelta::days(1));
    watch.answer(Some(vec![domain.proof.record_value]));
    watch.looked_up().await;
    assert!(!watch.domain().await.is_record_missing());
}

#[tokio::test]
async fn a_dns_that_does_not_answer_proves_nothing_and_is_asked_again() {
    let watch = Watch::begin().await;
    watch.answer(None);
    assert_eq!(watch.looked_up().await, 1);
    assert_eq!(watch.domain().await.check, None);
    assert_eq!(watch.looked_up().await, 1);
}

#[tokio::test]
async fn only_domains_in_use_are_looked_up() {
    let watch = Watch::begin().await;
    watch
        .world
        .set_organization_status(watch.world.acme.id, OrganizationStatus::Disabled)
        .await;
    assert_eq!(watch.looked_up().await, 0);
    watch
        .world
        .set_organization_status(watch.world.acme.id, OrganizationStatus::Active)
        .await;
    assert_eq!(watch.looked_up().await, 1);

    // Another domain: what was found says nothing of it.
    watch
        .world
        .claim_domain(&watch.world.acme, "it.acme.example")
        .await;
    let domain = watch.domain().await;
    assert_eq!((domain.verified, domain.check), (false, None));
    assert_eq!(watch.looked_up().await, 0);
    let none = BrandingChanges {
        custom_domain: Some(None),
        ..BrandingChanges::default()
    };
    watch.world.change_branding(&watch.world.acme, none).await;
    let reader = watch.world.store.system_reader().await.unwrap();
    assert_eq!(reader.custom_domains().await.unwrap(), []);
}
