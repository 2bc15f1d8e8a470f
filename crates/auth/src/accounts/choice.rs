//! Choosing one of several accounts that share an address and password.

use portal_domain::access::{self, AccessError, Claims};
use portal_domain::profiles::record_sign_in;

use super::{AttemptError, AuthService, Client, SignedIn, from_attempt_errors};

/// Why somebody was not let in by their choice.
#[derive(Debug, thiserror::Error)]
pub enum ChoiceError {
    /// The password was changed or the account shut out since.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Nothing could be decided.
    #[error(transparent)]
    Attempt(#[from] AttemptError),
}

from_attempt_errors!(ChoiceError);

impl AuthService {
    /// Lets in somebody whose password was found right a moment ago, to the account that they
    /// chose of those in [`SignInError::Ambiguous`](super::SignInError::Ambiguous).
    ///
    /// It asks for no password: the caller makes sure that the claims are ones that it was given
    /// there, a moment ago, for the same client. They hold only while the account has the same
    /// password.
    pub async fn sign_in_chosen(
        &self,
        client: &Client,
        claims: &Claims,
    ) -> Result<SignedIn, ChoiceError> {
        let (store, env, info) = (&*self.store, &*self.env, client.info.clone());
        let account = access::write(store, env, claims, info, None, async |op| {
            record_sign_in(op).await?;
            Ok::<_, ChoiceError>(op.by.account.clone())
        })
        .await?;
        let session = self.open_session(&account.user).await?;
        Ok(SignedIn { account, session })
    }
}
