//! Queries: the domain's ports, one file for each feature.

mod assets;
mod audit;
mod branding;
mod devices;
mod files;
mod mail_claims;
mod notifications;
mod organizations;
mod profiles;
mod tickets;

use futures_util::future::try_join;
use portal_domain::pagination::Page;
use portal_domain::store::StorageError;

/// A page of entities, loaded and counted at once.
async fn page<E>(
    items: impl Future<Output = Result<Vec<E>, StorageError>>,
    total: impl Future<Output = Result<i64, StorageError>>,
) -> Result<Page<E>, StorageError> {
    let (items, total) = try_join(items, total).await?;
    Ok(Page { items, total })
}
