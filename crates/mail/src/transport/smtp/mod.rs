//! Sends mails over SMTP.

mod server;

use std::error::Error as _;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use tokio::time::timeout;

use self::server::Encryption;
use super::{DeliveryError, MailTransport};
use crate::outgoing::OutgoingMail;

pub use server::{InvalidSmtpServer, SmtpServer};

/// How long a `QUIT` may take.
const QUIT_TIMEOUT: Duration = Duration::from_secs(2);

/// The configuration of an [`SmtpTransport`].
#[derive(Debug, Clone)]
pub struct SmtpConfig {
    /// The server.
    pub server: SmtpServer,
    /// How long a delivery may take as a whole, from looking up the host to the server's final
    /// reply. It has to stay well below the time for which a claimed mail is hidden.
    pub timeout: Duration,
    /// PEM certificates of authorities that are trusted in addition to the public ones.
    pub extra_roots: Option<String>,
}

impl SmtpConfig {
    /// A server with a timeout of 30 seconds and a certificate of a public authority.
    pub const fn new(server: SmtpServer) -> Self {
        Self {
            server,
            timeout: Duration::from_secs(30),
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
/// Mails that follow each other closely share a connection. It is kept only after a successful
/// delivery and closed after anything else, including a cancelled delivery, so that no mail reads
/// replies that are meant for another. The library's own pool does not guarantee that.
pub struct SmtpTransport {
    config: SmtpConfig,
    tls: TlsParameters,
    client_id: ClientId,
    idle: Mutex<Option<AsyncSmtpConnection>>,
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
            client_id: ClientId::default(),
            idle: Mutex::default(),
        })
    }

    async fn send(&self, mail: &OutgoingMail) -> Result<(), DeliveryError> {
        let mut connection = self.connection().await?;
        connection
            .send(mail.envelope(), &mail.formatted())
            .await
            .map_err(delivery_error)?;
        *self.idle() = Some(connection);
        Ok(())
    }

    /// The idle connection if it still works, else a new one.
    async fn connection(&self) -> Result<AsyncSmtpConnection, DeliveryError> {
        let idle = self.idle().take();
        if let Some(mut connection) = idle
            && connection.test_connected().await
        {
            return Ok(connection);
        }
        self.connect().await
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, DeliveryError> {
        let SmtpServer {
            host,
            port,
            encryption,
            credentials,
        } = &self.config.server;
        let implicit = (*encryption == Encryption::Implicit).then(|| self.tls.clone());
        let address = (host.as_str(), *port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(address, None, &self.client_id, implicit, None)
                .await
                .map_err(delivery_error)?;
        if *encryption == Encryption::StartTls {
            if !connection.can_starttls() {
                return Err(DeliveryError::Unsupported("STARTTLS"));
            }
            connection
                .starttls(self.tls.clone(), &self.client_id)
                .await
                .map_err(delivery_error)?;
        }
        if let Some(credentials) = credentials {
            sign_in(&mut connection, credentials).await?;
        }
        Ok(connection)
    }

    fn idle(&self) -> MutexGuard<'_, Option<AsyncSmtpConnection>> {
        // it is consistent even if a holder of the lock panicked
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl MailTransport for SmtpTransport {
    async fn deliver(&self, mail: &OutgoingMail) -> Result<(), DeliveryError> {
        timeout(self.config.timeout, self.send(mail))
            .await
            .unwrap_or(Err(DeliveryError::Timeout))
    }

    async fn release(&self) {
        let idle = self.idle().take();
        if let Some(mut connection) = idle {
            // All mails are delivered; a failing `QUIT` changes nothing.
            drop(timeout(QUIT_TIMEOUT, connection.quit()).await);
        }
    }
}

fn tls(config: &SmtpConfig) -> Result<TlsParameters, Error> {
    let mut tls = TlsParameters::builder(config.server.host.clone());
    if let Some(roots) = &config.extra_roots {
        tls = tls.add_root_certificate(Certificate::from_pem(roots.as_bytes())?);
    }
    tls.build_rustls()
}

async fn sign_in(
    connection: &mut AsyncSmtpConnection,
    credentials: &Credentials,
) -> Result<(), DeliveryError> {
    let info = connection.server_info();
    if info.get_auth_mechanism(DEFAULT_MECHANISMS).is_none() {
        return Err(DeliveryError::Unsupported("a way to sign in"));
    }
    match connection.auth(DEFAULT_MECHANISMS, credentials).await {
        Ok(_) => Ok(()),
        Err(error) => Err(match delivery_error(error) {
            DeliveryError::Permanent(code) => DeliveryError::Credentials(code),
            other => other,
        }),
    }
}

/// Reduces an error to what may be kept: the server's code without its text.
fn delivery_error(error: Error) -> DeliveryError {
    match error.status().map(u16::from) {
        Some(code) if error.is_transient() => return DeliveryError::Temporary(code),
        Some(code) => return DeliveryError::Permanent(code),
        None => {}
    }
    if error.is_response() || error.is_client() {
        return DeliveryError::Protocol;
    }
    match io_cause(&error).map(io::Error::kind) {
        Some(io::ErrorKind::InvalidData) => DeliveryError::Tls(error),
        _ if error.is_tls() => DeliveryError::Tls(error),
        kind => DeliveryError::Connection {
            kind: kind.unwrap_or(io::ErrorKind::Other),
            source: error,
        },
    }
}

fn io_cause(error: &Error) -> Option<&io::Error> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref() {
            return Some(error);
        }
        cause = error.source();
    }
    None
}
