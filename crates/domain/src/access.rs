//! Access checks for signed-in requests.
//!
//! A session only claims who its user is. [`read`] and [`write()`] check the claims against the
//! user's row, in the same view or transaction that serves the request. A disabled account, an
//! ended session or a feature that is switched off therefore takes effect with the next request.

use futures_util::future::join;

use crate::actors::Customer;
use crate::audit::ClientInfo;
use crate::branding::Feature;
use crate::environment::Environment;
use crate::ids::{OrganizationId, UserId};
use crate::operation::Operation;
use crate::profiles::Account;
use crate::scope::TenantScope;
use crate::storage_error::StorageError;
use crate::store::{TenantReader, TenantStore, transact};

/// What a session says about its user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The user who signed in.
    pub user_id: UserId,
    /// The user's organization.
    pub organization_id: OrganizationId,
    /// The user's [session version](crate::profiles::PortalUser::session_version) at sign-in.
    pub session_version: i64,
}

impl Claims {
    /// The scope of everything done under these claims.
    pub const fn scope(&self) -> TenantScope {
        TenantScope::of(self.organization_id)
    }
}

/// Why access is denied.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The session was ended, for example by a password change, or the user is gone.
    #[error("the session has ended")]
    SessionEnded,
    /// The user or their organization is not active.
    #[error("the account is not active")]
    NotActive,
    /// The organization does not offer this feature.
    #[error("the feature is disabled")]
    FeatureDisabled(Feature),
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Checks claims against the account that they name.
fn check(
    account: Option<Account>,
    claims: &Claims,
    feature: Option<Feature>,
) -> Result<Account, AccessError> {
    // `NotActive` before `SessionEnded`: it tells the user more.
    let account = account.ok_or(AccessError::SessionEnded)?;
    if !account.is_active() {
        return Err(AccessError::NotActive);
    }
    if account.user.session_version != claims.session_version {
        return Err(AccessError::SessionEnded);
    }
    match feature.filter(|feature| !account.features.is_enabled(*feature)) {
        Some(disabled) => Err(AccessError::FeatureDisabled(disabled)),
        None => Ok(account),
    }
}

/// Runs `query` concurrently with the check of the claims, and returns its result if they hold.
///
/// PostgreSQL answers both in one round trip. As `query` runs even if the check fails, it must only
/// read. An error of the check takes precedence over one of `query`.
pub async fn read<T, E>(
    store: &dyn TenantStore,
    claims: &Claims,
    feature: Option<Feature>,
    query: impl AsyncFnOnce(&dyn TenantReader) -> Result<T, E>,
) -> Result<(Account, T), E>
where
    E: From<AccessError> + From<StorageError>,
{
    let reader = store.reader(claims.scope()).await?;
    let (account, result) = join(reader.account(claims.user_id), query(&*reader)).await;
    let account = check(account?, claims, feature)?;
    Ok((account, result?))
}

/// Checks the claims and runs `change` in one transaction. It is committed if both succeed.
pub async fn write<T, E>(
    store: &dyn TenantStore,
    env: &dyn Environment,
    claims: &Claims,
    client: ClientInfo,
    feature: Option<Feature>,
    change: impl AsyncFnOnce(&Operation<'_, Customer>) -> Result<T, E>,
) -> Result<T, E>
where
    E: From<AccessError> + From<StorageError>,
{
    transact(store.begin(claims.scope()).await?, async |tx| {
        let account = check(tx.account(claims.user_id).await?, claims, feature)?;
        let customer = Customer { account, client };
        change(&Operation::new(tx, &customer, env)).await
    })
    .await
}
