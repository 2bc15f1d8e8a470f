//! Sampled metrics: connections in use and waiting mails.

use std::time::Duration;

use metrics::gauge;
use metrics_exporter_prometheus::PrometheusHandle;
use portal_domain::environment::Environment;
use portal_domain::store::{StorageError, Store as _};
use portal_persistence::{Database, PoolStatus};

/// The interval of measuring the outbox.
const INTERVAL: Duration = Duration::from_secs(5);

/// Measures the outbox at intervals, for ever.
pub(crate) async fn run(metrics: PrometheusHandle, database: Database, env: &dyn Environment) {
    let mut tick = tokio::time::interval(INTERVAL);
    loop {
        tick.tick().await;
        // Moves measurements into the buckets, which otherwise happens only when metrics are read.
        metrics.run_upkeep();
        // Without the database, the last values stay; `/readyz` reports the cause.
        if let Err(error) = measure_outbox(&database, env).await {
            let error: &dyn std::error::Error = &error;
            tracing::debug!(error, "the outbox could not be measured");
        }
    }
}

async fn measure_outbox(database: &Database, env: &dyn Environment) -> Result<(), StorageError> {
    let backlog = database.system_reader().await?.outbox_backlog().await?;
    let age = backlog.oldest.map(|oldest| env.now() - oldest);
    let age = age.and_then(|age| age.to_std().ok()).unwrap_or_default();
    gauge!("outbox_mails_waiting").set(count(backlog.waiting));
    gauge!("outbox_oldest_age_seconds").set(age.as_secs_f64());
    Ok(())
}

/// Measures the connection pools.
pub(crate) fn measure_pools(database: &Database) {
    measure_pool("organization", database.pool_status());
    if let Some(status) = database.system_pool_status() {
        measure_pool("system", status);
    }
}

fn measure_pool(pool: &'static str, status: PoolStatus) {
    let PoolStatus {
        max_size,
        size,
        available,
        waiting,
    } = status;
    gauge!("database_connections_max", "pool" => pool).set(count(max_size));
    gauge!("database_connections_open", "pool" => pool).set(count(size));
    let used = size.saturating_sub(available);
    gauge!("database_connections_used", "pool" => pool).set(count(used));
    gauge!("database_connections_awaited", "pool" => pool).set(count(waiting));
}

/// A count as the value of a gauge.
fn count(number: impl TryInto<u32>) -> f64 {
    number.try_into().map_or(f64::INFINITY, f64::from)
}
