//! Mail.

use std::path::PathBuf;

use clap::Args;
use clap::builder::ArgPredicate;
use secrecy::SecretString;

use crate::error::{InvalidValue, SettingsError};
use crate::general::DeploymentMode;
use crate::network::base_path;
use crate::parse::{number, server};

/// The mail server and the sender.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Mail")]
pub struct MailSettings {
    /// `smtp://`, `smtps://` or `smtp+starttls://`; without one, mails become files
    #[arg(env = "SMTP_URL", hide_env_values = true, value_parser = smtp_url)]
    pub smtp_url: Option<SecretString>,

    /// The sender, alone or as in the default; required with `SMTP_URL`
    // With a server, the default is empty, which is refused.
    #[arg(env = "MAIL_FROM", value_name = "ADDRESS", value_parser = mail_address)]
    #[arg(default_value = "Customer portal <portal@localhost>")]
    #[arg(default_value_if("smtp_url", ArgPredicate::IsPresent, ""))]
    pub from: String,

    /// Name to greet the mail server by; else the host of `PORTAL_PUBLIC_URL`
    #[arg(env = "SMTP_HELO", value_name = "NAME")]
    pub hello_name: Option<String>,

    /// PEM file of authorities that the mail server's certificate may be of
    #[arg(env = "SMTP_CA_FILE", value_name = "FILE")]
    pub ca_file: Option<PathBuf>,

    /// Mails handed to the mail server at a time, while it is prompt
    #[arg(env = "SMTP_CONNECTIONS", value_name = "NUMBER", default_value = "8")]
    #[arg(value_parser = number::<usize>(1..=100))]
    pub connections: usize,

    /// Path of a client of its own on custom domains, for links in mails
    #[arg(env = "PORTAL_CUSTOM_DOMAIN_PATH", value_name = "PATH", value_parser = base_path)]
    pub custom_domain_path: Option<String>,
}

impl MailSettings {
    /// The directory for mails if there is no mail server.
    pub const OUTBOX_DIRECTORY: &str = "data/outbox";

    /// Checks the rules that span several settings.
    pub fn check(&self, mode: DeploymentMode) -> Result<(), SettingsError> {
        if self.smtp_url.is_none() && mode.is_production() {
            return Err(SettingsError::invalid(
                "SMTP_URL",
                "must be set in production",
            ));
        }
        Ok(())
    }
}

fn smtp_url(text: &str) -> Result<SecretString, InvalidValue> {
    server(text, &["smtp", "smtps", "smtp+starttls"]).ok_or(InvalidValue::new(
        "must be an smtp://, smtps:// or smtp+starttls:// address with a host",
    ))
}

/// Checks the shape of a mail address with or without a display name. The mail library parses it
/// later.
fn mail_address(text: &str) -> Result<String, InvalidValue> {
    if text.is_empty() {
        return Err(InvalidValue::new("must be set where SMTP_URL is"));
    }
    let address = match text.split_once('<') {
        Some((_, rest)) => rest.strip_suffix('>'),
        None => Some(text),
    };
    let odd = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | ',' | ';' | '@');
    let good = |part: &str| !part.is_empty() && !part.contains(odd);
    match address.and_then(|address| address.rsplit_once('@')) {
        // A line break would let the value inject headers.
        Some((local, domain))
            if good(local) && good(domain) && !text.contains(char::is_control) =>
        {
            Ok(text.to_owned())
        }
        _ => Err(InvalidValue::new(
            "must be a mail address, alone or as in Customer portal <portal@example.com>, on one \
             line",
        )),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;
    use crate::declared::read;

    fn resolve(mode: DeploymentMode, variables: &[(&str, &str)]) -> Result<MailSettings, String> {
        let variables = variables.iter().copied().collect();
        read(&variables)
            .and_then(|settings: MailSettings| settings.check(mode).map(|()| settings))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn development_needs_no_mail_server() {
        let mail = resolve(DeploymentMode::Development, &[]).unwrap();
        assert!(mail.smtp_url.is_none());
        assert_eq!(mail.from, "Customer portal <portal@localhost>");
        assert_eq!(MailSettings::OUTBOX_DIRECTORY, "data/outbox");
    }

    #[test]
    fn a_mail_server_requires_a_sender() {
        let smtp = (
            "SMTP_URL",
            "smtp+starttls://portal:hunter2@mail.example.com:587",
        );
        assert_eq!(
            resolve(DeploymentMode::Development, &[smtp]).unwrap_err(),
            "MAIL_FROM must be set where SMTP_URL is."
        );
        for mode in [DeploymentMode::Development, DeploymentMode::Production] {
            let mail = resolve(mode, &[smtp, ("MAIL_FROM", "a@b.example")]).unwrap();
            assert!(!format!("{mail:?}").contains("hunter2"));
            assert_eq!(mail.from, "a@b.example");
            assert_eq!(mail.smtp_url.unwrap().expose_secret(), smtp.1);
        }
    }

    #[test]
    fn production_requires_a_mail_server() {
        assert_eq!(
            resolve(DeploymentMode::Production, &[("MAIL_FROM", "a@b.example")]).unwrap_err(),
            "SMTP_URL must be set in production."
        );
    }

    #[test]
    fn mail_servers_need_a_known_scheme_and_a_host() {
        for url in [
            "smtp://",
            "http://hunter2",
            "mail.example.com",
            "smtp:hunter2",
        ] {
            let error = resolve(DeploymentMode::Development, &[("SMTP_URL", url)]).unwrap_err();
            assert!(error.starts_with("SMTP_URL must be an smtp://"), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn invalid_sender_addresses_are_refused() {
        for text in [
            "a@b.example",
            "A B <a@b.example>",
            "<a@b.example>",
            "\"A, B\" <a@b.example>",
        ] {
            assert_eq!(mail_address(text).as_deref(), Ok(text));
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
            let error = mail_address(text).unwrap_err().to_string();
            assert!(error.starts_with("must be a mail address, "), "{text:?}");
        }
    }
}
