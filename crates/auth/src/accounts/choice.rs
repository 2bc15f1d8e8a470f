//! Choosing one of several accounts that share an address and password.

use portal_domain::access::{self, AccessError, Claims};

use super::{AttemptError, AuthService, Client, SignedIn, from_attempt_errors};

/// Why a choice of an account did not sign in.
#[derive(Debug, thiserror::Error)]
pub enum ChoiceError {
    /// The password was changed or the account disabled since.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The sign-in could not be completed.
    #[error(transparent)]
    Attempt(#[from] AttemptError),
}

from_attempt_errors!(ChoiceError);

impl AuthService {
    /// Signs in to the account chosen from
    /// [`SignInError::Ambiguous`](super::SignInError::Ambiguous).
    ///
    /// No password is verified: the caller makes sure that the claims were recently issued to this
    /// client by that error. They become invalid when the account's password changes.
    pub async fn sign_in_chosen(
        &self,
        client: &Client,
        claims: &Claims,
    ) -> Result<SignedIn, ChoiceError> {
        let (store, env, info) = (self.store_for(client), &*self.env, client.info.clone());
        let account = access::write(&*store, env, claims, info, None, async |op| {
            self.record_sign_in(op, client).await?;
            Ok::<_, ChoiceError>(op.by.account.clone())
        })
        .await?;
        Ok(self.signed_in(client, account).await?)
    }
}
