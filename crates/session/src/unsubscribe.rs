//! Switching mails off by the token in one of them.

use std::net::{IpAddr, Ipv4Addr};

use portal_auth::Subscription;
use portal_domain::actors::Customer;
use portal_domain::audit::ClientInfo;
use portal_domain::operation::Operation;
use portal_domain::profiles;
use portal_domain::store::{StorageError, TenantScope, transact};

use crate::portal::Portal;

impl Portal {
    /// Switches off the mails that a token is about, for its user, who need not be signed in: the
    /// token proves that they, or whom they gave their mail to, want it. `false` where the token was
    /// not issued here, or its user is gone.
    ///
    /// # Errors
    ///
    /// Those of storage.
    pub async fn unsubscribe(&self, token: &str, client: ClientInfo) -> Result<bool, StorageError> {
        let Some(subscription) = self.unsubscribe_tokens.open(token) else {
            return Ok(false);
        };
        let Subscription {
            organization_id,
            user_id,
            kind,
        } = subscription;
        let address = client
            .ip_address
            .unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let _share = self.shares.of_client(address).await?;
        let tx = self.store.begin(TenantScope::of(organization_id)).await?;
        transact(tx, async |tx| {
            let Some(account) = tx.account(user_id).await? else {
                return Ok(false);
            };
            let user = Customer { account, client };
            profiles::unsubscribe(&Operation::new(tx, &user, &*self.env), kind).await?;
            Ok(true)
        })
        .await
    }
}
