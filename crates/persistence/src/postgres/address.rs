//! A server's address and TLS mode.

use std::net::IpAddr;
use std::sync::Arc;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};
use url::form_urlencoded;

/// What the server's log calls the portal's connections.
const APPLICATION_NAME: &str = "portal";

/// An address of PostgreSQL's, parsed.
#[derive(Clone)]
pub(crate) struct Address {
    pub(super) config: Config,
    pub(super) tls: Option<MakeRustlsConnect>,
}

/// Why an address cannot be used. No variant shows the address, which may hold a password.
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    /// It is malformed, or has an option that is not known.
    #[error("the address of the database is not valid")]
    Invalid(#[from] tokio_postgres::Error),
    /// It asks for something other than a checked certificate or none.
    #[error("sslmode must be disable, require or verify-full")]
    Mode,
    /// `sslrootcert` names no file with certificates.
    #[error("the certificates of sslrootcert cannot be read")]
    RootCertificates(#[source] pem::Error),
    /// `sslrootcert` holds something that is no certificate of an authority.
    #[error("the certificates of sslrootcert cannot be used")]
    Tls(#[from] rustls::Error),
}

impl Address {
    /// Parses an address, and reads the certificates that it names.
    pub(crate) fn parse(text: &str) -> Result<Self, AddressError> {
        // A password may hold a question mark, but no `@`.
        let (login, rest) = match text.split_once('@') {
            Some((login, rest)) => (format!("{login}@"), rest),
            None => (String::new(), text),
        };
        let (server, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut encrypted = false;
        let mut root_certificates = None;
        let mut options = form_urlencoded::Serializer::new(String::new());
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "sslmode" => {
                    encrypted = match &*value {
                        "disable" => false,
                        "require" | "verify-full" => true,
                        _ => return Err(AddressError::Mode),
                    }
                }
                "sslrootcert" => root_certificates = Some(value.into_owned()),
                _ => {
                    options.append_pair(&name, &value);
                }
            }
        }
        // The driver's parser takes `+` for itself.
        let options = options.finish().replace('+', "%20");
        let mut config: Config = format!("{login}{server}?{options}").parse()?;
        config.ssl_mode(if encrypted {
            SslMode::Require
        } else {
            SslMode::Disable
        });
        if config.get_application_name().is_none() {
            config.application_name(APPLICATION_NAME);
        }
        let tls = encrypted.then(|| tls(root_certificates.as_deref()));
        Ok(Self {
            config,
            tls: tls.transpose()?,
        })
    }
}

impl Address {
    /// Whether connections leave this machine unencrypted.
    pub(crate) fn leaves_unencrypted(&self) -> bool {
        let is_elsewhere = |host: &Host| match host {
            Host::Tcp(name) => {
                let address = name.parse::<IpAddr>();
                name != "localhost" && !address.is_ok_and(|address| address.is_loopback())
            }
            Host::Unix(_) => false,
        };
        self.tls.is_none() && self.config.get_hosts().iter().any(is_elsewhere)
    }
}

fn tls(root_certificates: Option<&str>) -> Result<MakeRustlsConnect, AddressError> {
    let mut roots = RootCertStore::empty();
    match root_certificates {
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(path) => {
            let unreadable = AddressError::RootCertificates;
            for certificate in CertificateDer::pem_file_iter(path).map_err(unreadable)? {
                roots.add(certificate.map_err(unreadable)?)?;
            }
        }
    }
    // Named, since a program in which several crates choose has no default.
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_connections_to_other_machines_leave_unencrypted() {
        for (address, expected) in [
            ("postgres://app@db/portal", true),
            ("postgres://app@127.0.0.1,db/portal", true),
            ("postgres://app@db/portal?sslmode=require", false),
            ("postgres://app@127.0.0.1/portal", false),
            ("postgres://app@localhost/portal", false),
            ("postgres://app@%2Frun%2Fpostgresql/portal", false),
        ] {
            let found = Address::parse(address).unwrap().leaves_unencrypted();
            assert_eq!(found, expected, "{address}");
        }
    }

    fn error(address: &str) -> AddressError {
        Address::parse(address).err().unwrap()
    }

    #[test]
    fn encryption_is_as_the_address_says() {
        for (options, encrypted) in [
            ("", false),
            ("?sslmode=disable", false),
            ("?sslmode=require", true),
            ("?connect_timeout=2&sslmode=verify-full", true),
        ] {
            let address = Address::parse(&format!("postgres://app@db/portal{options}")).unwrap();
            assert_eq!(address.tls.is_some(), encrypted, "{options}");
            let require = address.config.get_ssl_mode() == SslMode::Require;
            assert_eq!(require, encrypted, "{options}");
        }
        for mode in ["prefer", "allow", "verify-ca", ""] {
            let address = format!("postgres://app@db/portal?sslmode={mode}");
            assert!(matches!(error(&address), AddressError::Mode), "{mode}");
        }
    }

    #[test]
    fn other_options_reach_the_driver() {
        let address = "postgres://app@db/portal?options=-c%20geqo%3Doff&application_name=a+b";
        let config = Address::parse(address).unwrap().config;
        assert_eq!(config.get_options(), Some("-c geqo=off"));
        assert_eq!(config.get_application_name(), Some("a b"));
        assert!(matches!(
            error("postgres://app@db/portal?sslcompression=1"),
            AddressError::Invalid(_)
        ));
    }

    #[test]
    fn a_password_may_hold_what_begins_the_options() {
        let address = "postgres://app:is?it&true@db/portal?sslmode=require";
        let address = Address::parse(address).unwrap();
        assert_eq!(address.config.get_password(), Some(&b"is?it&true"[..]));
        assert!(address.tls.is_some());
    }

    #[test]
    fn a_file_of_certificates_has_to_be_there() {
        let address = "postgres://app@db/portal?sslmode=require&sslrootcert=/does/not/exist";
        assert!(matches!(error(address), AddressError::RootCertificates(_)));
    }
}
