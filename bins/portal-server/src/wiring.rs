//! Builds the server's parts from the settings.

use std::fs;
use std::sync::Arc;

use actix_web::cookie::SameSite;
use anyhow::Context as _;
use portal_auth::state::{MemoryState, RedisConfig, RedisState};
use portal_auth::{PasswordHasher, SecretKey, StateStore, UnsubscribeTokens, WriteLimits};
use portal_domain::environment::{Environment, SystemEnvironment};
use portal_domain::store::Store;
use portal_mail::{
    FileTransport, HelloName, MailConfig, MailSender, MailTransport, SmtpConfig, SmtpServer,
    SmtpTransport,
};
use portal_persistence::{Access, Database, DatabaseConfig, Logins, Target};
use portal_session::HttpConfig;
use portal_settings::{
    CookieSameSite, DatabaseUrl, FilePlace, MailSettings, ServerSettings, StateBackend,
};
use secrecy::{ExposeSecret as _, SecretString};

/// Checks the addresses of the database, and warns of passwords and rows that would leave this
/// machine unencrypted.
pub(crate) fn check_database(settings: &ServerSettings) -> anyhow::Result<()> {
    if let Target::Postgres(logins) = target(settings) {
        logins.check().context("the database could not be opened")?;
        if settings.general.mode.is_production() && logins.leave_unencrypted() {
            tracing::warn!(
                "a database address connects without TLS to another machine; add sslmode=verify-full"
            );
        }
    }
    Ok(())
}

/// The database, with the server's or an operator's access.
pub(crate) fn database(settings: &ServerSettings, access: Access) -> anyhow::Result<Database> {
    let config = DatabaseConfig {
        target: target(settings),
        access,
        pool_size: settings.database.pool_size,
        timeout: settings.database.timeout,
        migration_patience: DatabaseConfig::MIGRATION_PATIENCE,
    };
    Database::open(config).context("the database could not be opened")
}

fn target(settings: &ServerSettings) -> Target {
    let database = &settings.database;
    match (&database.url, database.system_url(), database.owner_url()) {
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
    }
}

/// The store of sessions and rate limits.
pub(crate) fn state(
    settings: &ServerSettings,
    env: &Arc<dyn Environment>,
) -> anyhow::Result<Arc<dyn StateStore>> {
    let state = &settings.state;
    match state.backend {
        StateBackend::Memory => Ok(Arc::new(MemoryState::new(Arc::clone(env)))),
        StateBackend::Redis => {
            let config = RedisConfig {
                url: state.redis_url.clone(),
                cluster: state.redis_cluster,
                timeout: state.redis_timeout,
                key_prefix: RedisState::KEY_PREFIX.to_owned(),
            };
            Ok(Arc::new(RedisState::open(config).context("REDIS_URL")?))
        }
    }
}

/// The key that others are derived from, and the one that is accepted beside it.
pub(crate) fn secret_key(settings: &ServerSettings) -> anyhow::Result<SecretKey> {
    let http = &settings.http;
    let read = |key: &SecretString| SecretKey::new(key.expose_secret().as_bytes());
    let key = match &http.secret_key {
        Some(key) => read(key).context("PORTAL_SECRET_KEY")?,
        None => SecretKey::random(),
    };
    Ok(match &http.previous_secret_key {
        Some(previous) => key.with_previous(&read(previous).context("PORTAL_SECRET_KEY_PREVIOUS")?),
        None => key,
    })
}

/// The configuration of the HTTP layer.
pub(crate) fn http_config(settings: &ServerSettings) -> HttpConfig {
    let ServerSettings { general, http, .. } = settings;
    HttpConfig {
        public_url: general.public_url.clone(),
        allow_loopback_origins: !general.mode.is_production(),
        cors_allowed_origins: http.cors_allowed_origins.clone(),
        trusted_proxies: http.trusted_proxies.clone(),
        same_site: match http.cookie_same_site {
            CookieSameSite::Lax => SameSite::Lax,
            CookieSameSite::Strict => SameSite::Strict,
            CookieSameSite::None => SameSite::None,
        },
        force_secure_cookies: http.cookie_force_secure,
        session_max_age: http.session_max_age(),
        max_body_bytes: http.max_body_bytes,
        body_timeout: http.body_timeout,
        write_limits: WriteLimits {
            per_user: http.writes_per_minute,
            per_organization: http.org_writes_per_minute,
        },
    }
}

/// How mails leave, and what they are made with.
pub(crate) struct Mail {
    transport: Arc<dyn MailTransport>,
    config: MailConfig,
}

/// How mails leave. Nothing is connected yet.
pub(crate) fn mail(settings: &ServerSettings, secret: &SecretKey) -> anyhow::Result<Mail> {
    let ServerSettings { general, mail, .. } = settings;
    let transport: Arc<dyn MailTransport> = match &mail.smtp_url {
        None => Arc::new(FileTransport::new(MailSettings::OUTBOX_DIRECTORY)),
        Some(url) => Arc::new(smtp_transport(settings, url.expose_secret())?),
    };
    let config = MailConfig {
        public_url: general.public_url.clone(),
        custom_domain_path: mail.custom_domain_path.clone().unwrap_or_default(),
        from: mail.from.parse().context("MAIL_FROM")?,
        unsubscribe_tokens: UnsubscribeTokens::new(secret),
        deliveries: mail.connections,
    };
    Ok(Mail { transport, config })
}

/// The sender of the outbox's mails.
pub(crate) fn mail_sender(
    mail: Mail,
    store: Arc<dyn Store>,
    env: Arc<dyn Environment>,
) -> MailSender {
    MailSender::new(store, env, mail.transport, mail.config)
}

/// Builds all that a start builds before it connects to anything, and so finds what it would refuse.
pub(crate) fn try_out(settings: &ServerSettings) -> anyhow::Result<()> {
    mail(settings, &secret_key(settings)?)?;
    // A folder would be created.
    if let FilePlace::Bucket { .. } = settings.files.place {
        settings.files.open()?;
    }
    PasswordHasher::new(settings.argon2.into())?;
    state(
        settings,
        &(Arc::new(SystemEnvironment) as Arc<dyn Environment>),
    )?;
    Ok(())
}

fn smtp_transport(settings: &ServerSettings, url: &str) -> anyhow::Result<SmtpTransport> {
    let ServerSettings { general, mail, .. } = settings;
    let server: SmtpServer = url.parse().context("SMTP_URL")?;
    if server.exposes_password() {
        tracing::warn!(
            "SMTP_URL sends its password unencrypted where the mail server offers no STARTTLS; \
             smtps:// and smtp+starttls:// do not"
        );
    }
    let hello_name = match &mail.hello_name {
        Some(name) => name.parse().context("SMTP_HELO")?,
        None => HelloName::of(&general.public_url),
    };
    let mut config = SmtpConfig::new(server, hello_name);
    if let Some(file) = &mail.ca_file {
        let roots = fs::read_to_string(file).context("SMTP_CA_FILE cannot be read")?;
        anyhow::ensure!(
            roots.contains("-----BEGIN CERTIFICATE-----"),
            "SMTP_CA_FILE must hold certificates in PEM"
        );
        config.extra_roots = Some(roots);
    }
    SmtpTransport::new(config).context("SMTP_URL or SMTP_CA_FILE")
}
