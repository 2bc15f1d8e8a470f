//! What all handlers share.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::cookie::SameSite;
use actix_web::web::Data;
use ipnet::IpNet;
use portal_auth::accounts::{AuthService, Background};
use portal_auth::rate_limits::{Limit, UPLOAD};
use portal_auth::{
    CsrfTokens, DeviceTokens, PasswordHasher, PayloadSigner, Purpose, RateLimiter, SecretKey,
    Sessions, StateStore, UnsubscribeTokens, WriteLimits,
};
use portal_domain::branding::Branding;
use portal_domain::environment::Environment;
use portal_domain::files::{AttachmentIds, FileDepot, FileLimits};
use portal_domain::ids::UserId;
use portal_domain::organizations::Organization;
use portal_domain::store::{Asker, SharedStore, StorageError};
use portal_domain::values::DomainName;
use portal_shares::Shares;
use secrecy::SecretBox;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::cookies::CookieKeys;
use crate::error::Fault;
use crate::shares;

/// How long a readiness check waits for the database or the state backend.
const PING_TIMEOUT: Duration = Duration::from_secs(2);

/// Settings of the HTTP layer.
#[derive(Debug, Clone)]
pub struct HttpConfig {
    /// The portal's own address.
    pub public_url: Url,
    /// Whether pages of any loopback origin may call the API, as in development.
    pub allow_loopback_origins: bool,
    /// The origins (`scheme://host[:port]`) whose pages may call the API with credentials.
    pub cors_allowed_origins: Vec<String>,
    /// The proxies whose `X-Forwarded-*` headers are trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// `SameSite` of the session and CSRF cookies.
    pub same_site: SameSite,
    /// Whether cookies are always `Secure`.
    pub force_secure_cookies: bool,
    /// How long after the sign-in a session ends, however much it is used; `None` for never.
    pub session_max_age: Option<Duration>,
    /// The longest request body, in bytes.
    pub max_body_bytes: usize,
    /// How long a request body may take to arrive.
    pub body_timeout: Duration,
    /// How many changes signed-in users may make.
    pub write_limits: WriteLimits,
}

impl HttpConfig {
    /// The defaults for a portal at this address: no other origins, no proxies, bodies of up to
    /// 1 MiB that arrive within 15 seconds, and the default limits on changes.
    pub fn new(public_url: Url) -> Self {
        Self {
            public_url,
            allow_loopback_origins: false,
            cors_allowed_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            same_site: SameSite::Lax,
            force_secure_cookies: false,
            session_max_age: None,
            max_body_bytes: 1024 * 1024,
            body_timeout: Duration::from_secs(15),
            write_limits: WriteLimits::default(),
        }
    }

    /// Whether this is the address of a trusted proxy.
    pub(crate) fn trusts(&self, address: &IpAddr) -> bool {
        let mut proxies = self.trusted_proxies.iter();
        proxies.any(|proxy| proxy.contains(address))
    }

    /// Whether pages of other origins may call the API, so that responses depend on the origin.
    pub const fn allows_other_origins(&self) -> bool {
        !self.cors_allowed_origins.is_empty() || self.allow_loopback_origins
    }
}

/// What all handlers share. The database is private: see [`SessionUser`](crate::SessionUser). So is the
/// hasher of passwords, by which the use cases of [`auth`](Self::auth) alone work, after counting.
pub struct Portal {
    pub(crate) store: Arc<dyn SharedStore>,
    state: Arc<dyn StateStore>,
    files: Option<Files>,
    pub(crate) sessions: Sessions,
    pub(crate) limiter: RateLimiter,
    /// Memory for long bodies, by address.
    pub(crate) long_bodies: Shares<IpAddr>,
    /// Memory for files that arrive, by user.
    pub(crate) uploads: Shares<UserId>,
    /// Time and randomness.
    pub env: Arc<dyn Environment>,
    /// Signing in, and setting passwords.
    pub auth: AuthService,
    /// CSRF tokens.
    pub csrf: CsrfTokens,
    /// Signs the idempotency keys of forms.
    pub form_keys: PayloadSigner,
    /// Signs proof of a password, from the sign-in page to the choice of an organization.
    pub choice_signer: PayloadSigner,
    /// Tokens in mails that switch their kind off.
    pub unsubscribe_tokens: UnsubscribeTokens,
    /// Hashes responses into entity tags. It is secret, so that nobody can make two with one tag.
    pub entity_tag_key: SecretBox<[u8; 32]>,
    /// The device tokens of browsers.
    pub(crate) devices: DeviceTokens,
    /// Sign the session cookie.
    pub(crate) cookie_keys: CookieKeys,
    /// Settings of the HTTP layer.
    pub config: HttpConfig,
    /// Cancelled before the process ends: it wants no more requests.
    pub draining: CancellationToken,
    /// When the last check of readiness began, and its result.
    last_check: Mutex<Option<(Instant, Readiness)>>,
}

/// Where files are, and how often a user may upload one.
pub(crate) struct Files {
    pub(crate) depot: FileDepot,
    pub(crate) limit: Limit,
}

/// Whether this process is ready for requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readiness {
    /// Whether the database takes writes.
    pub database: bool,
    /// Whether the state backend takes writes.
    pub state: bool,
    /// Whether this process accepts more requests.
    pub accepting: bool,
}

impl Portal {
    /// A portal of these parts. Work that outlives its response runs on `background`; wait for it
    /// before the process ends.
    pub fn new(
        store: Arc<dyn SharedStore>,
        state: Arc<dyn StateStore>,
        env: Arc<dyn Environment>,
        passwords: PasswordHasher,
        secret: &SecretKey,
        config: HttpConfig,
        background: TaskTracker,
    ) -> Self {
        let sessions = Sessions::new(Arc::clone(&state), Arc::clone(&env))
            .with_max_age(config.session_max_age);
        let devices = DeviceTokens::new(secret);
        let limiter = RateLimiter::new(Arc::clone(&state));
        let draining = CancellationToken::new();
        let auth = AuthService::new(
            Arc::clone(&store),
            Arc::clone(&env),
            sessions.clone(),
            limiter.clone(),
            passwords,
            devices.clone(),
            Background {
                tasks: background,
                stopping: draining.clone(),
            },
        );
        Self {
            store,
            state,
            files: None,
            sessions,
            limiter,
            long_bodies: shares::of_long_bodies(),
            uploads: shares::of_uploads(),
            env,
            auth,
            csrf: CsrfTokens::new(secret),
            form_keys: PayloadSigner::new(secret, Purpose::FormIdempotency),
            choice_signer: PayloadSigner::new(secret, Purpose::SignInChoice),
            unsubscribe_tokens: UnsubscribeTokens::new(secret),
            entity_tag_key: Box::new(secret.derive(Purpose::EntityTag)).into(),
            devices,
            cookie_keys: CookieKeys::new(secret),
            config,
            draining,
            last_check: Mutex::default(),
        }
    }

    /// The portal with a place for files. Without one, uploads are answered with 503.
    #[must_use]
    pub fn with_files(mut self, depot: FileDepot) -> Self {
        let limit = Limit {
            attempts: depot.limits.per_hour,
            ..UPLOAD
        };
        self.files = Some(Files { depot, limit });
        self
    }

    /// The largest file that is taken, in megabytes.
    pub fn max_file_megabytes(&self) -> u64 {
        let limits = self.files.as_ref().map(|files| files.depot.limits);
        limits.unwrap_or(FileLimits::DEFAULT).max_bytes / 1_000_000
    }

    /// How many bytes all files of a form may have together.
    pub(crate) fn max_form_file_bytes(&self) -> u64 {
        let limits = self.files.as_ref().map(|files| files.depot.limits);
        let max = limits.unwrap_or(FileLimits::DEFAULT).max_bytes;
        max.saturating_mul(AttachmentIds::MAX as u64)
    }

    /// Where files are.
    ///
    /// # Errors
    ///
    /// [`Fault::Unavailable`] where the portal has no place for them.
    pub(crate) fn files(&self) -> Result<&Files, Fault> {
        let none = || Fault::Unavailable("the portal has no place for files".into());
        self.files.as_ref().ok_or_else(none)
    }

    /// The portal of the app that serves a request.
    ///
    /// # Errors
    ///
    /// [`Fault::Internal`] where the app has no `Data<Portal>`.
    pub fn of(request: &HttpRequest) -> Result<&Data<Self>, Fault> {
        let portal = request.app_data::<Data<Self>>();
        portal.ok_or_else(|| Fault::internal("the app has no `Data<Portal>`"))
    }

    /// The organization that has verified a domain, and its branding. Both are public. `client` is
    /// the address that the request takes its share of the database by.
    ///
    /// # Errors
    ///
    /// Those of storage.
    pub async fn branding_by_domain(
        &self,
        domain: &DomainName,
        client: IpAddr,
    ) -> Result<Option<(Organization, Branding)>, StorageError> {
        let store = self.store.on_behalf_of(Asker::client(client));
        store.lookup().await?.branding_by_domain(domain).await
    }

    /// Checks that the database and the state backend take writes. One check runs at a time; those
    /// that wait for it share the next one's result, so nobody is told what was so earlier.
    pub async fn readiness(&self) -> Readiness {
        let asked = Instant::now();
        let mut last = self.last_check.lock().await;
        let backends = match *last {
            Some((began, backends)) if began >= asked => backends,
            _ => {
                let began = Instant::now();
                let backends = self.check_backends().await;
                *last = Some((began, backends));
                backends
            }
        };
        Readiness {
            accepting: !self.draining.is_cancelled(),
            ..backends
        }
    }

    async fn check_backends(&self) -> Readiness {
        let (database, state) = futures_util::future::join(
            tokio::time::timeout(PING_TIMEOUT, self.store.ping()),
            tokio::time::timeout(PING_TIMEOUT, self.state.ping()),
        )
        .await;
        Readiness {
            database: matches!(database, Ok(Ok(()))),
            state: matches!(state, Ok(Ok(()))),
            accepting: true,
        }
    }
}
