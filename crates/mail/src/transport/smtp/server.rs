//! The address of an SMTP server.

use std::borrow::Cow;
use std::net::IpAddr;
use std::str::FromStr;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::{SMTP_PORT, SUBMISSION_PORT, SUBMISSIONS_PORT};
use percent_encoding::percent_decode_str;
use url::{Host, Url};

/// A mail server, parsed from a URL.
///
/// | URL | connection | port, unless given |
/// |---|---|---|
/// | `smtp://host` | encrypted by STARTTLS where the server offers it, by any certificate | 25 |
/// | `smtp+starttls://host` | encrypted by STARTTLS, which is required (RFC 3207) | 587 |
/// | `smtps://host` | encrypted from the start (RFC 8314) | 465 |
///
/// The host may be an internationalized name. Credentials are percent-encoded:
/// `smtps://name:password@host`. The `Debug` form hides them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpServer {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) encryption: Encryption,
    pub(super) credentials: Option<Credentials>,
}

/// How a connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encryption {
    /// By STARTTLS, if the server offers it.
    Offered,
    /// By STARTTLS; without it, nothing is sent.
    StartTls,
    /// By TLS from the start.
    Implicit,
}

/// The text is not the address of a mail server. It does not repeat the text, which may hold a
/// password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be an smtp://, smtps:// or smtp+starttls:// address of a host, with both a name and a \
     password or neither, and nothing after the port"
)]
pub struct InvalidSmtpServer;

impl SmtpServer {
    /// Whether a password may be sent unencrypted, or to another server than the one meant.
    pub fn exposes_password(&self) -> bool {
        self.credentials.is_some() && self.encryption == Encryption::Offered && !self.is_local()
    }

    /// Whether the server is on this machine.
    pub(super) fn is_local(&self) -> bool {
        let address: Option<IpAddr> = self.host.parse().ok();
        self.host == "localhost" || address.is_some_and(|address| address.is_loopback())
    }
}

impl FromStr for SmtpServer {
    type Err = InvalidSmtpServer;

    fn from_str(text: &str) -> Result<Self, InvalidSmtpServer> {
        let url: Url = text.parse().ok().ok_or(InvalidSmtpServer)?;
        let (encryption, default_port) = match url.scheme() {
            "smtp" => (Encryption::Offered, SMTP_PORT),
            "smtp+starttls" => (Encryption::StartTls, SUBMISSION_PORT),
            "smtps" => (Encryption::Implicit, SUBMISSIONS_PORT),
            _ => return Err(InvalidSmtpServer),
        };
        // The host of a scheme that is not of the web is left as it was written.
        let host = url.host_str().and_then(|host| Host::parse(host).ok());
        let host = match host {
            Some(Host::Domain(name)) => name,
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            None => return Err(InvalidSmtpServer),
        };
        // Ignoring an option such as `?tls=required` would leave the connection unencrypted.
        let has_more = url.query().is_some() || url.fragment().is_some();
        if has_more || !matches!(url.path(), "" | "/") {
            return Err(InvalidSmtpServer);
        }
        Ok(Self {
            host,
            port: url.port().unwrap_or(default_port),
            encryption,
            credentials: credentials(&url)?,
        })
    }
}

fn credentials(url: &Url) -> Result<Option<Credentials>, InvalidSmtpServer> {
    let decoded = |text| {
        let bytes = percent_decode_str(text);
        bytes.decode_utf8().ok().map(Cow::into_owned)
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) | (_, None) => Err(InvalidSmtpServer),
        (name, Some(password)) => {
            let name = decoded(name).ok_or(InvalidSmtpServer)?;
            let password = decoded(password).ok_or(InvalidSmtpServer)?;
            Ok(Some(Credentials::new(name, password)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(host: &str, port: u16, encryption: Encryption) -> SmtpServer {
        SmtpServer {
            host: host.to_owned(),
            port,
            encryption,
            credentials: None,
        }
    }

    #[test]
    fn addresses_name_host_port_and_encryption() {
        for (text, expected) in [
            (
                "smtp://mail.example",
                server("mail.example", 25, Encryption::Offered),
            ),
            (
                "smtp://127.0.0.1:2525/",
                server("127.0.0.1", 2525, Encryption::Offered),
            ),
            (
                "smtp://mail.müller.example",
                server("mail.xn--mller-kva.example", 25, Encryption::Offered),
            ),
            (
                "smtp+starttls://mail.example",
                server("mail.example", 587, Encryption::StartTls),
            ),
            (
                "smtps://mail.example",
                server("mail.example", 465, Encryption::Implicit),
            ),
            (
                "smtps://[::1]:465",
                server("::1", 465, Encryption::Implicit),
            ),
        ] {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn credentials_are_percent_decoded_and_never_shown() {
        for (text, name, password) in [
            ("smtps://portal:hunter2@mail.example", "portal", "hunter2"),
            (
                "smtps://portal%40acme.example:a%2Fb%3A%25c%20@mail.example",
                "portal@acme.example",
                "a/b:%c ",
            ),
            ("smtps://jürgen:pässword@mail.example", "jürgen", "pässword"),
        ] {
            let server: SmtpServer = text.parse().unwrap();
            let expected = Credentials::new(name.to_owned(), password.to_owned());
            assert_eq!(server.credentials, Some(expected), "{text}");
            assert!(!format!("{server:?}").contains(password), "{server:?}");
        }
    }

    #[test]
    fn a_password_is_exposed_where_encryption_is_not_required() {
        for (text, is_exposed) in [
            ("smtp://a:b@mail.example", true),
            ("smtp://mail.example", false),
            ("smtp://a:b@127.0.0.1:25", false),
            ("smtps://a:b@mail.example", false),
            ("smtp+starttls://a:b@mail.example", false),
        ] {
            let server: SmtpServer = text.parse().unwrap();
            assert_eq!(server.exposes_password(), is_exposed, "{text}");
        }
    }

    #[test]
    fn what_would_be_ignored_is_refused() {
        for text in [
            "",
            "mail.example",
            "http://mail.example",
            "smtp:mail.example",
            "smtp://",
            "smtp://mail example",
            "smtp://mail%2Fa.example",
            "smtp://mail.example?tls=required",
            "smtp://mail.example/portal",
            "smtp://mail.example#top",
            "smtp://portal@mail.example",
            "smtp://:hunter2@mail.example",
            "smtp://portal:%ff@mail.example",
        ] {
            assert_eq!(text.parse::<SmtpServer>(), Err(InvalidSmtpServer), "{text}");
        }
    }
}
