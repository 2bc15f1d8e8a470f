//! The state that all handlers share.

use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use portal_auth::accounts::Accounts;
use portal_auth::{
    CsrfTokens, Marks, PasswordHasher, Purpose, RateLimiter, SecretKey, Sessions, StateStore,
};
use portal_domain::environment::Environment;
use portal_domain::store::Store;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

/// How the HTTP layer is to behave.
#[derive(Debug, Clone)]
pub struct HttpConfig {
    /// The portal's own address.
    pub public_url: Url,
    /// Whether any loopback origin may call, as in development.
    pub allow_loopback_origins: bool,
    /// The origins that may call with credentials, as `scheme://host[:port]`.
    pub cors_allowed_origins: Vec<String>,
    /// The proxies whose word on the client counts.
    pub trusted_proxies: Vec<IpNet>,
    /// When browsers send the cookies along.
    pub same_site: actix_web::cookie::SameSite,
    /// Whether cookies are `Secure` whatever the request looks like.
    pub force_secure_cookies: bool,
    /// The longest body that is read, in bytes.
    pub max_body_bytes: usize,
    /// How long a body may take to arrive.
    pub body_timeout: Duration,
}

/// The parts that the portal is made of, shared by all workers.
pub struct Portal {
    /// The database.
    pub store: Arc<dyn Store>,
    /// Sessions and counts.
    pub state: Arc<dyn StateStore>,
    /// Time and randomness.
    pub env: Arc<dyn Environment>,
    /// Who is signed in.
    pub sessions: Sessions,
    /// Signing in and setting passwords.
    pub accounts: Accounts,
    /// Hashes new passwords.
    pub passwords: PasswordHasher,
    /// Ties forms and scripts to a session.
    pub csrf: CsrfTokens,
    /// Lets a form be submitted once only.
    pub form_marks: Marks,
    /// Carries a proven password from the sign-in page to the choice of an organization.
    pub choice_marks: Marks,
    /// The key that the session cookie is signed with.
    pub(crate) cookie_key: actix_web::cookie::Key,
    /// How the HTTP layer is to behave.
    pub config: HttpConfig,
    /// Cancelled when no new requests should be sent here.
    pub draining: CancellationToken,
}

impl Portal {
    /// Puts the parts together. What goes on after an answer runs on `background`; whoever ends
    /// the process waits for it.
    pub fn new(
        store: Arc<dyn Store>,
        state: Arc<dyn StateStore>,
        env: Arc<dyn Environment>,
        passwords: PasswordHasher,
        secret: &SecretKey,
        config: HttpConfig,
        background: TaskTracker,
    ) -> Self {
        let sessions = Sessions::new(Arc::clone(&state), Arc::clone(&env));
        let accounts = Accounts::new(
            Arc::clone(&store),
            Arc::clone(&env),
            sessions.clone(),
            RateLimiter::new(Arc::clone(&state)),
            passwords.clone(),
            background,
        );
        let cookie_key: [u8; 64] = secret.derive(Purpose::SessionCookie);
        Self {
            store,
            state,
            env,
            sessions,
            accounts,
            passwords,
            csrf: CsrfTokens::new(secret),
            form_marks: Marks::new(secret, Purpose::FormIdempotency),
            choice_marks: Marks::new(secret, Purpose::SignInChoice),
            cookie_key: actix_web::cookie::Key::from(&cookie_key),
            config,
            draining: CancellationToken::new(),
        }
    }
}
