//! The daily check of verified domains.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use metrics::gauge;
use portal_domain::branding::CustomDomain;
use portal_domain::environment::Environment;
use portal_domain::store::{StorageError, Store, TenantScope};
use tokio::time;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::resolver::TxtResolver;

/// How often it is asked which domains are due.
const INTERVAL: Duration = Duration::from_hours(1);

/// Looks up the TXT record of each verified domain once a day.
///
/// A record that is gone is logged as a warning, counted in the gauge
/// `verified_domains_without_record`, and shown by `portal-admin domain list`; the domain stays
/// verified. A domain that cannot be looked up is tried again an hour later.
///
/// Several may run against one database: the check of one is seen by the others.
pub struct DomainMonitor {
    store: Arc<dyn Store>,
    env: Arc<dyn Environment>,
    resolver: Arc<dyn TxtResolver>,
}

impl DomainMonitor {
    /// A monitor that is not running yet.
    pub fn new(
        store: Arc<dyn Store>,
        env: Arc<dyn Environment>,
        resolver: Arc<dyn TxtResolver>,
    ) -> Self {
        Self {
            store,
            env,
            resolver,
        }
    }

    /// Checks the domains that are due, now and every hour, until `shutdown` is cancelled.
    pub async fn run(self, shutdown: CancellationToken) {
        let checks = async {
            loop {
                if let Err(error) = self.run_due().await {
                    let cause: &(dyn Error + Send + Sync) = &error;
                    error!(error = cause, "custom domains could not be checked");
                }
                time::sleep(INTERVAL).await;
            }
        };
        shutdown.run_until_cancelled(checks).await;
    }

    /// Checks the domains that are due now.
    ///
    /// # Errors
    ///
    /// Those of storage.
    pub async fn run_due(&self) -> Result<(), StorageError> {
        let now = self.env.now();
        let domains = self.custom_domains().await?;
        for domain in domains.iter().filter(|domain| domain.is_check_due(now)) {
            self.check(domain).await?;
        }
        let domains = self.custom_domains().await?;
        let missing = domains.iter().filter(|domain| domain.is_record_missing());
        let missing = u32::try_from(missing.count()).unwrap_or(u32::MAX);
        gauge!("verified_domains_without_record").set(missing);
        Ok(())
    }

    async fn custom_domains(&self) -> Result<Vec<CustomDomain>, StorageError> {
        self.store.system_reader().await?.custom_domains().await
    }

    async fn check(&self, domain: &CustomDomain) -> Result<(), StorageError> {
        let (name, organization) = (&domain.proof.domain, domain.organization.id);
        // Before the transaction, which must not wait for the network.
        let records = match self.resolver.txt_records(&domain.proof.record_name).await {
            Ok(records) => records,
            Err(error) => {
                let cause: &(dyn Error + Send + Sync) = &error;
                info!(%organization, domain = %name, error = cause, "a domain could not be looked up");
                return Ok(());
            }
        };
        let check = domain.checked(&records, self.env.now());
        if let Some(since) = check.missing_since {
            warn!(
                %organization, domain = %name, %since,
                "the TXT record of a verified domain is missing; see `portal-admin domain list`"
            );
        }
        let tx = self.store.begin(TenantScope::of(organization)).await?;
        tx.save_domain_check(&check).await?;
        tx.commit().await
    }
}
