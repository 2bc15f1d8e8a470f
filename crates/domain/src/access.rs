//! Access checks for signed-in requests.
//!
//! A session only claims who somebody is. [`read`] and [`write()`] hold the claim against the user's
//! row in the same view or transaction that answers the request, so that a disabled account, an
//! ended session or a feature switched off counts from the very next request.

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
use crate::store::{Store, TenantReader, transact};

/// What a session says about the person who presents it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The user who signed in.
    pub user_id: UserId,
    /// The organization that they signed in to.
    pub organization_id: OrganizationId,
    /// The user's [session version](crate::profiles::PortalUser::session_version) at that time.
    pub session_version: i64,
}

impl Claims {
    /// The scope of everything done under these claims.
    pub const fn scope(&self) -> TenantScope {
        TenantScope::of(self.organization_id)
    }
}

/// Why somebody is turned away.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The session was ended: by a password change, a reset, or the removal of the user.
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

/// Holds claims against the account that they name.
///
/// # Errors
///
/// Every [`AccessError`] but `Storage`.
fn admit(
    account: Option<Account>,
    claims: &Claims,
    feature: Option<Feature>,
) -> Result<Account, AccessError> {
    // Who was shut out is told so; that this ended the session too says less.
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

/// Runs `query` beside the check of the claims, and gives its answer only where they hold.
///
/// Both are under way at once, so that a database which can answer them together needs one round
/// trip; `query` must therefore have no effect.
///
/// # Errors
///
/// Those of the check first, then those of `query`.
pub async fn read<T, E>(
    store: &dyn Store,
    claims: &Claims,
    feature: Option<Feature>,
    query: impl AsyncFnOnce(&dyn TenantReader) -> Result<T, E>,
) -> Result<(Account, T), E>
where
    E: From<AccessError> + From<StorageError>,
{
    let reader = store.reader(claims.scope()).await?;
    let (account, answer) = join(reader.account(claims.user_id), query(&*reader)).await;
    let account = admit(account?, claims, feature)?;
    Ok((account, answer?))
}

/// Runs `change` in a transaction in which the claims were found to hold, and commits it.
///
/// # Errors
///
/// Those of the check, or those of `change`; either way nothing has happened.
pub async fn write<T, E>(
    store: &dyn Store,
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
        let account = admit(tx.account(claims.user_id).await?, claims, feature)?;
        let customer = Customer { account, client };
        change(&Operation::new(tx, &customer, env)).await
    })
    .await
}
