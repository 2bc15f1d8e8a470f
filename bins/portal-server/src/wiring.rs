//! Builds the parts of the server from the settings.

use std::sync::Arc;

use actix_web::cookie::SameSite;
use anyhow::Context as _;
use portal_auth::state::{MemoryState, RedisConfig, RedisState};
use portal_auth::{Argon2Params, PasswordHasher, SecretKey, StateStore};
use portal_domain::environment::Environment;
use portal_domain::store::Store;
use portal_http::HttpConfig;
use portal_mail::{
    FileTransport, MailConfig, MailSender, MailTransport, SmtpConfig, SmtpServer, SmtpTransport,
};
use portal_persistence::{Access, Database, DatabaseConfig, Logins, Target};
use portal_settings::{
    CookieSameSite, DatabaseSettings, DatabaseUrl, MailTransport as TransportSetting, Settings,
    StateBackend,
};
use secrecy::ExposeSecret as _;

/// The database, to serve requests or to be worked on as an operator does.
pub(crate) fn database(settings: &Settings, access: Access) -> anyhow::Result<Database> {
    let DatabaseSettings {
        url,
        system_url,
        owner_url,
        pool_size,
        timeout,
    } = &settings.database;
    let target = match (url, system_url, owner_url) {
        (
            DatabaseUrl::Postgres(app),
            DatabaseUrl::Postgres(system),
            DatabaseUrl::Postgres(owner),
        ) => {
            let [app, system, owner] =
                [app, system, owner].map(|url| url.expose_secret().to_owned());
            Target::Postgres(Logins { app, system, owner })
        }
        (DatabaseUrl::Sqlite(path), _, _)
        | (_, DatabaseUrl::Sqlite(path), _)
        | (_, _, DatabaseUrl::Sqlite(path)) => Target::Sqlite(path.clone()),
    };
    let config = DatabaseConfig {
        target,
        access,
        pool_size: *pool_size,
        timeout: *timeout,
    };
    Database::open(config).context("the database could not be opened")
}

/// Where sessions and counts are kept.
pub(crate) fn state(
    settings: &Settings,
    env: &Arc<dyn Environment>,
) -> anyhow::Result<Arc<dyn StateStore>> {
    match &settings.state {
        StateBackend::Memory => Ok(Arc::new(MemoryState::new(Arc::clone(env)))),
        StateBackend::Redis {
            url,
            cluster,
            timeout,
        } => {
            let config = RedisConfig {
                url: url.clone(),
                cluster: *cluster,
                timeout: *timeout,
                key_prefix: RedisState::KEY_PREFIX.to_owned(),
            };
            Ok(Arc::new(RedisState::open(config).context("REDIS_URL")?))
        }
    }
}

/// What keys are derived from.
pub(crate) fn secret_key(settings: &Settings) -> anyhow::Result<SecretKey> {
    match &settings.secret_key {
        Some(key) => Ok(SecretKey::new(key.expose_secret().as_bytes())?),
        None => Ok(SecretKey::random()),
    }
}

/// Hashes passwords as configured.
pub(crate) fn password_hasher(settings: &Settings) -> anyhow::Result<PasswordHasher> {
    let argon2 = &settings.argon2;
    let params = Argon2Params {
        memory_kib: argon2.memory_kib,
        iterations: argon2.iterations,
        parallelism: argon2.parallelism,
        queue: argon2.queue,
    };
    Ok(PasswordHasher::new(params)?)
}

/// How the HTTP layer is to behave.
pub(crate) fn http_config(settings: &Settings) -> HttpConfig {
    HttpConfig {
        public_url: settings.public_url.clone(),
        allow_loopback_origins: !settings.environment.is_production(),
        cors_allowed_origins: settings
            .cors_allowed_origins
            .iter()
            .map(ToString::to_string)
            .collect(),
        trusted_proxies: settings.trusted_proxies.clone(),
        same_site: match settings.cookie_same_site {
            CookieSameSite::Lax => SameSite::Lax,
            CookieSameSite::Strict => SameSite::Strict,
            CookieSameSite::None => SameSite::None,
        },
        force_secure_cookies: settings.cookie_force_secure,
        max_body_bytes: settings.max_body_bytes,
        body_timeout: settings.body_timeout,
    }
}

/// Sends what is in the outbox.
pub(crate) fn mail_sender(
    settings: &Settings,
    store: Arc<dyn Store>,
    env: Arc<dyn Environment>,
) -> anyhow::Result<MailSender> {
    let transport: Arc<dyn MailTransport> = match &settings.mail.transport {
        TransportSetting::Files(directory) => Arc::new(FileTransport::new(directory.clone())),
        TransportSetting::Smtp(url) => Arc::new(smtp_transport(url.expose_secret())?),
    };
    let from = settings
        .mail
        .from
        .to_string()
        .parse()
        .context("MAIL_FROM")?;
    let config = MailConfig {
        public_url: settings.public_url.clone(),
        from,
    };
    Ok(MailSender::new(store, env, transport, config))
}

fn smtp_transport(url: &str) -> anyhow::Result<SmtpTransport> {
    let server: SmtpServer = url.parse().context("SMTP_URL")?;
    if server.exposes_password() {
        tracing::warn!(
            "SMTP_URL sends its password unencrypted; smtps:// and smtp+starttls:// do not"
        );
    }
    SmtpTransport::new(SmtpConfig::new(server)).context("SMTP_URL")
}
