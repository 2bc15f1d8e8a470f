//! Setting a new password without the current one, soon after signing in.

use chrono::TimeDelta;
use portal_domain::profiles::Password;

use super::{AttemptError, AuthService, Client, from_attempt_errors};
use crate::rate_limits::CHANGE_PASSWORD;
use crate::sessions::SessionRecord;

/// How recent a sign-in must be.
const RECENT: TimeDelta = TimeDelta::minutes(15);

/// Why a new password was not hashed.
#[derive(Debug, thiserror::Error)]
pub enum NewPasswordError {
    /// The user signed in too long ago.
    #[error("the user has to sign in again")]
    SignInNotRecent,
    /// The attempt could not be decided.
    #[error(transparent)]
    Attempt(#[from] AttemptError),
}

from_attempt_errors!(NewPasswordError);

impl AuthService {
    /// Hashes a new password for a signed-in user, who sets it in a transaction of their own.
    ///
    /// Counts like [`change_password`](Self::change_password), before it is hashed. As nothing proves
    /// that the attempt is good, it stays counted whatever comes of it.
    pub async fn hash_new_password(
        &self,
        client: &Client,
        session: &SessionRecord,
        password: &Password,
    ) -> Result<String, NewPasswordError> {
        if self.env.now() - session.signed_in_at > RECENT {
            return Err(NewPasswordError::SignInNotRecent);
        }
        let user = session.user_id.to_string();
        let permit = self
            .limiter
            .attempt(&CHANGE_PASSWORD, client.address, &user)
            .await?;
        let passwords = self.passwords.on_behalf_of(client.address, &user);
        match passwords.hash(password.secret()).await {
            Ok(hash) => Ok(hash),
            Err(error) => {
                Self::give_back(permit).await;
                Err(error.into())
            }
        }
    }
}
