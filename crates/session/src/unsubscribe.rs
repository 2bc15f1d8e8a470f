//! Switching mails off by the token in one of them.

use portal_auth::Subscription;
use portal_auth::accounts::Client;
use portal_domain::actors::Customer;
use portal_domain::operation::Operation;
use portal_domain::profiles;
use portal_domain::store::{Asker, StorageError, TenantScope, transact};

use crate::portal::Portal;

impl Portal {
    /// Switches off the mails that a token is about, for its user, who need not be signed in: the
    /// token proves that they, or whom they gave their mail to, want it. `false` where the token was
    /// not issued here, or its user is gone.
    ///
    /// # Errors
    ///
    /// Those of storage.
    pub async fn unsubscribe(&self, token: &str, client: &Client) -> Result<bool, StorageError> {
        let Some(subscription) = self.unsubscribe_tokens.open(token) else {
            return Ok(false);
        };
        let Subscription {
            organization_id,
            user_id,
            kind,
        } = subscription;
        let store = self.store.on_behalf_of(Asker::client(client.address));
        let tx = store.begin(TenantScope::of(organization_id)).await?;
        transact(tx, async |tx| {
            let Some(account) = tx.account(user_id).await? else {
                return Ok(false);
            };
            let client = client.info.clone();
            let user = Customer { account, client };
            profiles::unsubscribe(&Operation::new(tx, &user, &*self.env), kind).await?;
            Ok(true)
        })
        .await
    }
}
