//! How mails leave.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::args::SettingsArgs;
use crate::environment::Environment;
use crate::error::{InvalidValue, SettingsError};
use crate::variables::Variables;

/// Where mails go while no server is configured, relative to the working directory.
const OUTBOX_DIRECTORY: &str = "data/outbox";

/// Who sends the mails while they go to files only.
const LOCAL_SENDER: &str = "Customer portal <portal@localhost>";

/// The sender and the way of the portal's mails.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// The `From` of every mail.
    pub from: MailAddress,
    /// How mails are delivered.
    pub transport: MailTransport,
}

/// How mails are delivered.
#[derive(Debug, Clone)]
pub enum MailTransport {
    /// Each mail becomes an `.eml` file in this directory; never in production.
    Files(PathBuf),
    /// An `smtp://`, `smtps://` or `smtp+starttls://` server, the address of which may hold a
    /// password.
    Smtp(SecretString),
}

/// A mail address, alone or with a display name: `Customer portal <portal@example.com>`.
///
/// Checked for its shape only; what a mail may carry is for the mail library to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailAddress(String);

impl MailAddress {
    /// The address as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for MailAddress {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let address = match text.split_once('<') {
            Some((_, rest)) => rest.strip_suffix('>').ok_or(InvalidValue::MailAddress)?,
            None => text,
        };
        let (local, domain) = address.rsplit_once('@').ok_or(InvalidValue::MailAddress)?;
        let odd = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | ',' | ';' | '@');
        // A line break would let the value add headers of its own.
        let broken = text.contains(char::is_control)
            || [local, domain]
                .iter()
                .any(|part| part.is_empty() || part.contains(odd));
        if broken {
            Err(InvalidValue::MailAddress)
        } else {
            Ok(Self(text.to_owned()))
        }
    }
}

impl MailSettings {
    pub(crate) fn resolve(
        environment: Environment,
        args: &SettingsArgs,
        variables: &Variables,
    ) -> Result<Self, SettingsError> {
        let from = variables.value(
            "MAIL_FROM",
            args.mail_from.as_deref(),
            MailAddress::from_str,
        )?;
        let smtp = variables.secret("SMTP_URL", smtp_url)?;
        match (smtp, from, environment) {
            (Some(url), Some(from), _) => Ok(Self {
                from,
                transport: MailTransport::Smtp(url),
            }),
            (Some(_), None, _) => Err(SettingsError::Invalid {
                name: "MAIL_FROM",
                reason: InvalidValue::MissingSender,
            }),
            (None, _, Environment::Production) => Err(SettingsError::Invalid {
                name: "SMTP_URL",
                reason: InvalidValue::MissingInProduction,
            }),
            (None, from, Environment::Development) => Ok(Self {
                from: from.unwrap_or_else(|| MailAddress(LOCAL_SENDER.to_owned())),
                transport: MailTransport::Files(PathBuf::from(OUTBOX_DIRECTORY)),
            }),
        }
    }
}

fn smtp_url(secret: SecretString) -> Result<SecretString, InvalidValue> {
    match Url::parse(secret.expose_secret()) {
        Ok(url) if matches!(url.scheme(), "smtp" | "smtps" | "smtp+starttls") && url.has_host() => {
            Ok(secret)
        }
        _ => Err(InvalidValue::SmtpUrl),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(
        environment: Environment,
        variables: &[(&str, &str)],
    ) -> Result<MailSettings, String> {
        let variables = variables.iter().copied().collect();
        MailSettings::resolve(environment, &SettingsArgs::default(), &variables)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn development_writes_files() {
        let mail = resolve(Environment::Development, &[]).unwrap();
        assert_eq!(mail.from.as_str(), "Customer portal <portal@localhost>");
        assert_eq!(mail.from.as_str().parse(), Ok(mail.from.clone()));
        let MailTransport::Files(directory) = mail.transport else {
            panic!("{mail:?}")
        };
        assert_eq!(directory, PathBuf::from("data/outbox"));
    }

    #[test]
    fn a_server_needs_a_sender() {
        let smtp = (
            "SMTP_URL",
            "smtp+starttls://portal:hunter2@mail.example.com:587",
        );
        assert_eq!(
            resolve(Environment::Development, &[smtp]).unwrap_err(),
            "MAIL_FROM must be set where SMTP_URL is."
        );
        for environment in Environment::ALL {
            let mail = resolve(environment, &[smtp, ("MAIL_FROM", "a@b.example")]).unwrap();
            assert_eq!(mail.from.as_str(), "a@b.example");
            assert!(!format!("{mail:?}").contains("hunter2"));
            let MailTransport::Smtp(url) = mail.transport else {
                panic!("{mail:?}")
            };
            assert_eq!(url.expose_secret(), smtp.1);
        }
    }

    #[test]
    fn production_needs_a_server() {
        assert_eq!(
            resolve(Environment::Production, &[("MAIL_FROM", "a@b.example")]).unwrap_err(),
            "SMTP_URL must be set in production."
        );
    }

    #[test]
    fn servers_have_a_known_scheme_and_a_host() {
        for url in [
            "smtp://",
            "http://hunter2",
            "mail.example.com",
            "smtp:hunter2",
        ] {
            let error = resolve(Environment::Development, &[("SMTP_URL", url)]).unwrap_err();
            assert!(error.starts_with("SMTP_URL must be an smtp://"), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn addresses_have_their_shape() {
        for text in [
            "a@b.example",
            "A B <a@b.example>",
            "<a@b.example>",
            "\"A, B\" <a@b.example>",
        ] {
            assert!(text.parse::<MailAddress>().is_ok(), "{text}");
        }
        for text in [
            "a",
            "@b.example",
            "a@",
            "a b@c.example",
            "A <a@b.example",
            "A <a@b.example> B",
            "a@b.example, c@d.example",
            "A\r\nBcc: x@y.example <a@b.example>",
        ] {
            assert_eq!(
                text.parse::<MailAddress>(),
                Err(InvalidValue::MailAddress),
                "{text:?}"
            );
        }
    }
}
