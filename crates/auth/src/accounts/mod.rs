//! Authentication use cases: signing in, and setting and changing passwords.
//!
//! Each counts against its rate limit before any other work. What fails is answered on a schedule that
//! does not depend on whether an address has accounts, or how many.

mod change_password;
mod choice;
mod forgot_password;
mod invitation;
mod new_password;
mod reset_password;
mod schedule;
mod sign_in;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use portal_domain::actors::Customer;
use portal_domain::audit::ClientInfo;
use portal_domain::clients::ClientName;
use portal_domain::environment::Environment;
use portal_domain::ids::UserId;
use portal_domain::operation::Operation;
use portal_domain::profiles::{self, Account, OneTimeTokenPurpose, Password, PortalUser};
use portal_domain::store::{Asker, RequestStore, SharedStore, StorageError, TenantScope};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::devices::{DeviceToken, DeviceTokens};
use crate::passwords::{PasswordHashError, PasswordHasher};
use crate::rate_limits::{LimitError, Permit, RateLimiter};
use crate::sessions::{NewSession, SessionRecord, Sessions};
use crate::state::{StateResult, StateUnavailable};
use crate::tokens::OneTimeToken;

pub use change_password::ChangePasswordError;
pub use choice::ChoiceError;
pub use forgot_password::ForgotPassword;
pub use invitation::{AcceptInvitation, AcceptInvitationError};
pub use new_password::NewPasswordError;
pub use reset_password::ResetPasswordError;
pub use sign_in::{OrganizationChoice, SignIn, SignInError, SignInScope};

/// For how long a form that is sent again gets the answer of the first time.
const REPEAT_WINDOW: TimeDelta = TimeDelta::minutes(1);

/// The client of an attempt.
#[derive(Debug, Clone)]
pub struct Client {
    /// The address that attempts are counted by.
    pub address: IpAddr,
    /// The client for the audit log.
    pub info: ClientInfo,
    /// Whether it is a browser, whose new sign-ins a user is told of, rather than a program.
    pub is_browser: bool,
    /// The device tokens that it presents, good or not.
    pub devices: Vec<DeviceToken>,
}

impl Client {
    /// The user of an account, with this client.
    fn acting_as(&self, account: Account) -> Customer {
        Customer {
            account,
            client: self.info.clone(),
        }
    }
}

/// A user who has signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Their account.
    pub account: Account,
    /// Their new session.
    pub session: NewSession,
    /// The token by which the account knows this browser or client the next time.
    pub device_token: DeviceToken,
}

/// Why an attempt could not be decided.
#[derive(Debug, thiserror::Error)]
pub enum AttemptError {
    /// There were too many attempts.
    #[error("too many attempts")]
    RateLimited {
        /// When to retry, in whole seconds.
        retry_after: Duration,
    },
    /// The state backend failed.
    #[error(transparent)]
    State(#[from] StateUnavailable),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Hashing a password failed, or too many are waiting to be hashed.
    #[error(transparent)]
    Password(#[from] PasswordHashError),
}

/// Lets `?` convert the sources of an [`AttemptError`] to the `Attempt` variant of an error.
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
            LimitError::Exceeded { retry_after } => Self::RateLimited { retry_after },
            LimitError::Unavailable(error) => Self::State(error),
        }
    }
}

/// Work that continues after the response.
#[derive(Debug, Clone, Default)]
pub struct Background {
    /// Tracks the work. A graceful shutdown waits for it.
    pub tasks: TaskTracker,
    /// Cancelled when the process is about to end: what waits for another try makes its last one.
    pub stopping: CancellationToken,
}

/// The authentication service. Cheap to clone.
#[derive(Clone)]
pub struct AuthService {
    store: Arc<dyn SharedStore>,
    env: Arc<dyn Environment>,
    sessions: Sessions,
    limiter: RateLimiter,
    passwords: PasswordHasher,
    devices: DeviceTokens,
    background: Background,
}

impl AuthService {
    /// A service made of these parts.
    pub fn new(
        store: Arc<dyn SharedStore>,
        env: Arc<dyn Environment>,
        sessions: Sessions,
        limiter: RateLimiter,
        passwords: PasswordHasher,
        devices: DeviceTokens,
        background: Background,
    ) -> Self {
        Self {
            store,
            env,
            sessions,
            limiter,
            passwords,
            devices,
            background,
        }
    }

    /// The database on behalf of a client that has no session (yet), of which its address has a share.
    fn store_for(&self, client: &Client) -> Box<dyn RequestStore> {
        self.store.on_behalf_of(Asker::client(client.address))
    }

    /// Concludes a counted attempt: a success resets the counts, an undecided outcome gives the
    /// attempt back, and any other failure stays counted.
    async fn conclude<T, E: From<StateUnavailable>>(
        permit: Permit,
        outcome: Result<T, E>,
        is_undecided: impl FnOnce(&E) -> bool,
    ) -> Result<T, E> {
        match &outcome {
            Ok(_) => permit.succeeded().await?,
            Err(error) if is_undecided(error) => Self::give_back(permit).await,
            Err(_) => {}
        }
        outcome
    }

    /// Gives an undecided attempt back. The cause may be the state backend, which then fails here too.
    async fn give_back(permit: Permit) {
        if let Err(error) = permit.give_back().await {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "an attempt was not given back");
        }
    }

    /// Signs a user in: creates their session, and a token for this client.
    async fn signed_in(&self, client: &Client, account: Account) -> StateResult<SignedIn> {
        let session = self.open_session(client, &account.user).await?;
        let device_token = self.devices.issue(&account.user, self.env.now());
        Ok(SignedIn {
            account,
            session,
            device_token,
        })
    }

    /// Records a sign-in, of which the user is told if it is from a browser that their account does
    /// not know.
    async fn record_sign_in(
        &self,
        op: &Operation<'_, Customer>,
        client: &Client,
    ) -> Result<(), StorageError> {
        profiles::record_sign_in(op).await?;
        if client.is_browser && !self.knows(client, &op.by.account.user) {
            profiles::announce_sign_in(op).await?;
        }
        Ok(())
    }

    /// Whether a client presents a device token of a user.
    fn knows(&self, client: &Client, user: &PortalUser) -> bool {
        let now = self.env.now();
        let devices = client.devices.iter();
        let mut devices = devices.filter_map(|token| self.devices.open(token, &user.email, now));
        devices.any(|device| device.is_of(user))
    }

    /// Creates a session for a user.
    async fn open_session(&self, client: &Client, user: &PortalUser) -> StateResult<NewSession> {
        let record = SessionRecord {
            user_id: user.id,
            org_id: user.organization_id,
            version: user.session_version,
            signed_in_at: self.env.now(),
            client: Some(ClientName::of(client.info.user_agent.as_deref())),
            ip_address: Some(client.address),
        };
        self.sessions.create(&record).await
    }

    /// Removes a user's sessions from the state backend. They are invalid already, by the raised
    /// session version, so a failure is only logged.
    async fn clear_sessions(&self, user: UserId) {
        if let Err(error) = self.sessions.end_all_of(user).await {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "ended sessions not cleared");
        }
    }

    /// Whether this token has set this password within the last minute: the form was sent twice, and
    /// the second answer is the one that is seen. The attempt that came to nothing was counted.
    ///
    /// # Errors
    ///
    /// When it cannot be decided.
    pub async fn has_just_set(
        &self,
        client: &Client,
        purpose: OneTimeTokenPurpose,
        token: &str,
        password: &Password,
    ) -> Result<bool, AttemptError> {
        let store = self.store_for(client);
        let found = find_token(&*store, token, purpose)
            .await?
            .filter(|(token, account)| {
                let is_recent = |used_at| self.env.now() - used_at < REPEAT_WINDOW;
                token.used_at.is_some_and(is_recent) && account.is_active()
            });
        let Some((_, account)) = found else {
            return Ok(false);
        };
        let scope = TenantScope::of(account.organization.id);
        let reader = store.reader(scope).await?;
        let hash = reader.password_hash(account.user.id).await?;
        drop(reader);
        let passwords = self
            .passwords
            .on_behalf_of(client.address, &account.user.id.to_string());
        let matches = passwords.verify_each(password.secret(), vec![hash]).await?;
        Ok(matches.iter().any(|found| found.is_right()))
    }
}

/// The token of a link from a mail, valid or not, and its account; `None` unless it was issued for
/// this purpose.
async fn find_token(
    store: &dyn RequestStore,
    token: &str,
    purpose: OneTimeTokenPurpose,
) -> Result<Option<(profiles::OneTimeToken, Account)>, StorageError> {
    let Ok(token) = token.parse::<OneTimeToken>() else {
        return Ok(None);
    };
    let found = store.lookup().await?.token_by_hash(&token.hash()).await?;
    Ok(found.filter(|(token, _)| token.purpose == purpose))
}
