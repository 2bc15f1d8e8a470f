//! Authentication use cases: signing in, and setting and changing passwords.
//!
//! Each of these counts against its rate limit before any other work, and costs the same whether
//! or not an address has an account.

mod change_password;
mod choice;
mod forgot_password;
mod invitation;
mod reset_password;
mod sign_in;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use portal_domain::actors::Customer;
use portal_domain::audit::ClientInfo;
use portal_domain::environment::Environment;
use portal_domain::ids::UserId;
use portal_domain::profiles::{Account, PortalUser};
use portal_domain::store::{StorageError, Store};
use tokio_util::task::TaskTracker;

use crate::passwords::{PasswordHashError, PasswordHasher};
use crate::rate_limits::{LimitError, Permit, RateLimiter};
use crate::sessions::{NewSession, SessionRecord, Sessions};
use crate::state::StateUnavailable;

pub use change_password::ChangePasswordError;
pub use choice::ChoiceError;
pub use forgot_password::ForgotPassword;
pub use invitation::{AcceptInvitation, AcceptInvitationError};
pub use reset_password::ResetPasswordError;
pub use sign_in::{OrganizationChoice, SignIn, SignInError, SignInScope};

/// Somebody who asks to be let in, and from where.
#[derive(Debug, Clone)]
pub struct Client {
    /// The address that attempts are counted for.
    pub address: IpAddr,
    /// What goes to the audit log.
    pub info: ClientInfo,
}

impl Client {
    /// The user of an account, acting from here.
    fn acting_as(&self, account: Account) -> Customer {
        Customer {
            account,
            client: self.info.clone(),
        }
    }
}

/// Somebody who was let in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Their account.
    pub account: Account,
    /// Their new session.
    pub session: NewSession,
}

/// Why nothing could be decided.
#[derive(Debug, thiserror::Error)]
pub enum AttemptError {
    /// There were too many attempts.
    #[error("too many attempts")]
    RateLimited {
        /// When to try again, in whole seconds.
        retry_after: Duration,
    },
    /// Sessions and counts cannot be reached.
    #[error(transparent)]
    State(#[from] StateUnavailable),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Passwords cannot be hashed now, for want of room or otherwise.
    #[error(transparent)]
    Password(#[from] PasswordHashError),
}

/// Lets `?` turn what can fail below into the `AttemptError` variant of an error.
macro_rules! from_attempt_errors {
    ($error:ident) => { from_attempt_errors! { $error:
        crate::passwords::PasswordHashError,
        crate::rate_limits::LimitError,
        crate::state::StateUnavailable,
        portal_domain::store::StorageError,
    } };
    ($error:ident: $($source:ty),+ $(,)?) => { $(
        impl From<$source> for $error {
            fn from(error: $source) -> Self {
                Self::Attempt(error.into())
            }
        }
    )+ };
}
use from_attempt_errors;

impl From<LimitError> for AttemptError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Refused { retry_after } => Self::RateLimited { retry_after },
            LimitError::Unavailable(error) => Self::State(error),
        }
    }
}

/// The service by which people prove who they are. Cheap to clone.
#[derive(Clone)]
pub struct AuthService {
    store: Arc<dyn Store>,
    env: Arc<dyn Environment>,
    sessions: Sessions,
    limiter: RateLimiter,
    passwords: PasswordHasher,
    /// Work that goes on after an answer; whoever ends the process waits for it.
    background: TaskTracker,
}

impl AuthService {
    /// A service over these parts. What it does after an answer runs on `background`.
    pub fn new(
        store: Arc<dyn Store>,
        env: Arc<dyn Environment>,
        sessions: Sessions,
        limiter: RateLimiter,
        passwords: PasswordHasher,
        background: TaskTracker,
    ) -> Self {
        Self {
            store,
            env,
            sessions,
            limiter,
            passwords,
            background,
        }
    }

    /// Settles a counted attempt by what came of it: a success forgets all that came before, an
    /// outcome that decided nothing gives the attempt back, and any other leaves it counted.
    async fn conclude<T, E: From<StateUnavailable>>(
        permit: Permit,
        outcome: Result<T, E>,
        decided_nothing: impl FnOnce(&E) -> bool,
    ) -> Result<T, E> {
        match &outcome {
            Ok(_) => permit.succeeded().await?,
            Err(error) if decided_nothing(error) => {
                // What kept it from being decided may keep it from being given back too.
                if let Err(error) = permit.give_back().await {
                    let error: &dyn std::error::Error = &error;
                    tracing::warn!(error, "an attempt was not given back");
                }
            }
            Err(_) => {}
        }
        outcome
    }

    /// A session for a user, made now.
    async fn open_session(&self, user: &PortalUser) -> Result<NewSession, StateUnavailable> {
        let record = SessionRecord {
            user_id: user.id,
            org_id: user.organization_id,
            version: user.session_version,
            signed_in_at: self.env.now(),
        };
        self.sessions.create(&record).await
    }

    /// Clears away a user's sessions, which the raised session version has already ended: so it is
    /// no harm when the state backend cannot be reached.
    async fn clear_sessions(&self, user: UserId) {
        if let Err(error) = self.sessions.end_all_of(user).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "ended sessions not cleared"
            );
        }
    }
}
