//! Sends mails over SMTP.

mod errors;
mod hello;
mod server;
mod timeouts;

use std::fmt::Display;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use tokio::time::{Instant, timeout};

use self::server::Encryption;
use super::{DeliveryError, MailTransport};
use crate::outgoing::OutgoingMail;

pub use hello::{HelloName, InvalidHelloName};
pub use server::{InvalidSmtpServer, SmtpServer};
pub use timeouts::SmtpTimeouts;

/// How long a `QUIT` may take.
const QUIT_TIMEOUT: Duration = Duration::from_secs(2);

/// How long a connection is kept for the next mail.
const KEPT_FOR: Duration = Duration::from_secs(30);

/// The configuration of an [`SmtpTransport`].
#[derive(Debug, Clone)]
pub struct SmtpConfig {
    /// The server.
    pub server: SmtpServer,
    /// The name by which to greet it.
    pub hello_name: HelloName,
    /// How long each step may take.
    pub timeouts: SmtpTimeouts,
    /// PEM certificates of authorities that are trusted in addition to the public ones.
    pub extra_roots: Option<String>,
}

impl SmtpConfig {
    /// A server with the usual time-outs and a certificate of a public authority.
    pub fn new(server: SmtpServer, hello_name: HelloName) -> Self {
        Self {
            server,
            hello_name,
            timeouts: SmtpTimeouts::default(),
            extra_roots: None,
        }
    }
}

/// A certificate is malformed, or the host cannot have one.
#[derive(Debug, thiserror::Error)]
#[error("TLS could not be set up for the mail server")]
pub struct TlsSetupError(#[source] Error);

/// Delivers mails over SMTP.
///
/// A connection is kept for a mail that follows closely. It is closed after anything but a mail that
/// was taken or refused in due form, including a cancelled delivery, so that no mail reads replies
/// that are meant for another. The library's own pool does not guarantee that, and knows one
/// time-out only.
pub struct SmtpTransport {
    config: SmtpConfig,
    tls: TlsParameters,
    kept: Mutex<Vec<Kept>>,
    has_warned: AtomicBool,
}

/// A connection between two mails.
struct Kept {
    connection: AsyncSmtpConnection,
    since: Instant,
}

impl SmtpTransport {
    /// A transport to a server, without connecting to it yet.
    ///
    /// # Errors
    ///
    /// See [`TlsSetupError`].
    pub fn new(config: SmtpConfig) -> Result<Self, TlsSetupError> {
        let tls = tls(&config).map_err(TlsSetupError)?;
        Ok(Self {
            config,
            tls,
            kept: Mutex::default(),
            has_warned: AtomicBool::new(false),
        })
    }

    /// A connection that has taken a mail's sender: a kept one, unless the server has closed it
    /// meanwhile, or a new one.
    async fn begin(&self, mail: &OutgoingMail) -> Result<AsyncSmtpConnection, DeliveryError> {
        while let Some(mut connection) = self.take_kept() {
            match self.announce(&mut connection, mail).await {
                Ok(()) => return Ok(connection),
                Err(DeliveryError::Busy(_) | DeliveryError::Protocol | DeliveryError::Timeout) => {}
                Err(refusal) => return Err(self.refused(connection, refusal).await),
            }
        }
        let mut connection = self.connect().await?;
        match self.announce(&mut connection, mail).await {
            Ok(()) => Ok(connection),
            Err(refusal) => Err(self.refused(connection, refusal).await),
        }
    }

    async fn announce(
        &self,
        connection: &mut AsyncSmtpConnection,
        mail: &OutgoingMail,
    ) -> Result<(), DeliveryError> {
        let from = mail.envelope().from().cloned();
        let limit = self.config.timeouts.command;
        let taken = command(connection, Mail::new(from, Vec::new()), limit).await;
        taken.map_err(|error| match error {
            // All mails have this sender.
            DeliveryError::Temporary(code) | DeliveryError::Permanent(code) => {
                DeliveryError::Sender(code)
            }
            other => other,
        })
    }

    /// Hands the rest of a mail over.
    async fn hand_over(
        &self,
        connection: &mut AsyncSmtpConnection,
        mail: &OutgoingMail,
    ) -> Result<(), DeliveryError> {
        let timeouts = &self.config.timeouts;
        for address in mail.envelope().to() {
            let recipient = Rcpt::new(address.clone(), Vec::new());
            command(connection, recipient, timeouts.recipient).await?;
        }
        command(connection, Data, timeouts.data).await?;
        let text = mail.formatted();
        let taken = connection.message(&text);
        match timeout(timeouts.text + timeouts.end_of_text, taken).await {
            Ok(reply) => reply.map(drop).map_err(|error| errors::on_mail(&error)),
            Err(_) => Err(DeliveryError::Timeout),
        }
    }

    /// Keeps a connection on which a mail was refused in due form; any other is closed.
    async fn refused(
        &self,
        mut connection: AsyncSmtpConnection,
        refusal: DeliveryError,
    ) -> DeliveryError {
        let is_in_form = matches!(
            refusal,
            DeliveryError::Temporary(_) | DeliveryError::Permanent(_)
        );
        let limit = self.config.timeouts.command;
        if is_in_form && command(&mut connection, Rset, limit).await.is_ok() {
            self.keep(connection);
        }
        refusal
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, DeliveryError> {
        let SmtpConfig {
            server, timeouts, ..
        } = &self.config;
        let implicit = (server.encryption == Encryption::Implicit).then(|| self.tls.clone());
        let connecting = AsyncSmtpConnection::connect_tokio1(
            (server.host.as_str(), server.port),
            Some(timeouts.connect),
            self.config.hello_name.client_id(),
            implicit,
            None,
        );
        let mut connection = match timeout(timeouts.connect + timeouts.greeting, connecting).await {
            Ok(connected) => connected.map_err(errors::on_connecting)?,
            Err(_) => return Err(DeliveryError::NoGreeting),
        };
        if server.encryption != Encryption::Implicit {
            self.start_tls(&mut connection).await?;
        }
        if let Some(credentials) = &server.credentials {
            sign_in(&mut connection, credentials, timeouts.command).await?;
        }
        Ok(connection)
    }

    /// Encrypts a connection, if the server offers it or the address asks for it.
    async fn start_tls(&self, connection: &mut AsyncSmtpConnection) -> Result<(), DeliveryError> {
        if connection.can_starttls() {
            let hello_name = self.config.hello_name.client_id();
            let secured = connection.starttls(self.tls.clone(), hello_name);
            return match timeout(self.config.timeouts.greeting, secured).await {
                Ok(secured) => secured.map_err(errors::on_starttls),
                Err(_) => Err(DeliveryError::NoGreeting),
            };
        }
        if self.config.server.encryption == Encryption::StartTls {
            return Err(DeliveryError::Unsupported("STARTTLS"));
        }
        self.warn_of_unencrypted_mails();
        Ok(())
    }

    /// Warns once, unless mails stay on this machine.
    fn warn_of_unencrypted_mails(&self) {
        if !self.config.server.is_local() && !self.has_warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "the mail server offers no STARTTLS, so mails with links to accounts go to it \
                 unencrypted"
            );
        }
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        let since = Instant::now();
        self.kept().push(Kept { connection, since });
    }

    fn take_kept(&self) -> Option<AsyncSmtpConnection> {
        let mut kept = self.kept();
        kept.retain(|kept| kept.since.elapsed() < KEPT_FOR);
        kept.pop().map(|kept| kept.connection)
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Kept>> {
        // it is consistent even if a holder of the lock panicked
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl MailTransport for SmtpTransport {
    async fn deliver(&self, mail: &OutgoingMail) -> Result<(), DeliveryError> {
        let mut connection = self.begin(mail).await?;
        match self.hand_over(&mut connection, mail).await {
            Ok(()) => {
                self.keep(connection);
                Ok(())
            }
            Err(refusal) => Err(self.refused(connection, refusal).await),
        }
    }

    async fn release(&self) {
        let kept = std::mem::take(&mut *self.kept());
        let quitting = kept.into_iter().map(|mut kept| async move {
            // All mails are delivered; a failing `QUIT` changes nothing.
            drop(timeout(QUIT_TIMEOUT, kept.connection.quit()).await);
        });
        futures_util::future::join_all(quitting).await;
    }
}

/// Sends a command about a mail.
async fn command(
    connection: &mut AsyncSmtpConnection,
    command: impl Display,
    limit: Duration,
) -> Result<(), DeliveryError> {
    match timeout(limit, connection.command(command)).await {
        Ok(reply) => reply.map(drop).map_err(|error| errors::on_mail(&error)),
        Err(_) => Err(DeliveryError::Timeout),
    }
}

fn tls(config: &SmtpConfig) -> Result<TlsParameters, Error> {
    let mut tls = TlsParameters::builder(config.server.host.clone());
    if let Some(roots) = &config.extra_roots {
        tls = tls.add_root_certificate(Certificate::from_pem(roots.as_bytes())?);
    }
    if config.server.encryption == Encryption::Offered && config.extra_roots.is_none() {
        // Encryption that is taken where it is offered protects from listeners. Who stands in
        // between could withhold the offer, so that refusing a certificate would protect from
        // nobody (RFC 7435). Naming an authority asks for a check all the same.
        tls = tls
            .dangerous_accept_invalid_certs(true)
            .dangerous_accept_invalid_hostnames(true);
    }
    tls.build_rustls()
}

async fn sign_in(
    connection: &mut AsyncSmtpConnection,
    credentials: &Credentials,
    limit: Duration,
) -> Result<(), DeliveryError> {
    let info = connection.server_info();
    if info.get_auth_mechanism(DEFAULT_MECHANISMS).is_none() {
        return Err(DeliveryError::Unsupported("a way to sign in"));
    }
    match timeout(limit, connection.auth(DEFAULT_MECHANISMS, credentials)).await {
        Ok(reply) => reply.map(drop).map_err(errors::on_sign_in),
        Err(_) => Err(DeliveryError::NoGreeting),
    }
}
