//! Queries: the domain's ports, one file for each feature.

mod assets;
mod audit;
mod branding;
mod devices;
mod notifications;
mod organizations;
mod profiles;
mod tickets;

use portal_domain::pagination::Page;
use portal_domain::store::StorageError;

/// A page of entities from a page of rows.
fn page<R, E>(rows: Vec<R>, total: i64) -> Result<Page<E>, StorageError>
where
    E: TryFrom<R, Error = StorageError>,
{
    let items = rows
        .into_iter()
        .map(E::try_from)
        .collect::<Result<_, _>>()?;
    Ok(Page { items, total })
}
