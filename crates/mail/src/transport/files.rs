//! Writes mails as files, for development.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use tokio::fs::{self, File};
use tokio::io::AsyncWriteExt as _;

use super::{DeliveryError, MailTransport};
use crate::outgoing::OutgoingMail;

/// Writes each mail to `<id>.eml` in a directory, which it creates if it is missing.
///
/// A file appears whole or not at all, and a mail that is delivered again replaces its own file.
#[derive(Debug, Clone)]
pub struct FileTransport {
    directory: PathBuf,
}

impl FileTransport {
    /// Writes to a directory.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
        }
    }

    async fn write(&self, mail: &OutgoingMail) -> std::io::Result<()> {
        fs::create_dir_all(&self.directory).await?;
        let target = self.directory.join(format!("{}.eml", mail.id()));
        let unfinished = target.with_extension("eml.part");
        write_and_sync(&unfinished, &mail.formatted()).await?;
        fs::rename(&unfinished, &target).await
    }
}

async fn write_and_sync(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::create(path).await?;
    file.write_all(bytes).await?;
    file.sync_all().await
}

#[async_trait]
impl MailTransport for FileTransport {
    async fn deliver(&self, mail: &OutgoingMail) -> Result<(), DeliveryError> {
        self.write(mail).await.map_err(DeliveryError::File)
    }
}

#[cfg(test)]
mod tests {
    use mailparse::{MailHeaderMap as _, parse_mail};
    use portal_domain::branding::Brand;
    use portal_domain::environment::SystemEnvironment;
    use portal_domain::ids::OutboxMailId;

    use super::*;
    use crate::outgoing::{Letter, Recipient};
    use crate::render::Rendered;

    fn mail(id: OutboxMailId, text: &str) -> OutgoingMail {
        let rendered = Rendered {
            subject: "Hello".to_owned(),
            text: text.to_owned(),
            html: format!("<p>{text}</p>"),
        };
        let to = Recipient {
            address: "ada@acme.example".parse().unwrap(),
            name: None,
        };
        let from = "portal@localhost".parse().unwrap();
        let date = chrono::DateTime::UNIX_EPOCH;
        let letter = Letter {
            to,
            brand: Brand::default(),
            rendered,
            reply_to: None,
            ticket: None,
            unsubscribe: None,
        };
        OutgoingMail::new(id, date, &from, letter).unwrap()
    }

    #[tokio::test]
    async fn a_mail_is_one_readable_file_however_often_it_comes() {
        let directory = tempfile::tempdir().unwrap();
        let outbox = directory.path().join("deep/outbox");
        let transport = FileTransport::new(&outbox);
        let id = OutboxMailId::generate(&SystemEnvironment);
        for text in ["a first text that is longer", "the second"] {
            transport.deliver(&mail(id, text)).await.unwrap();
        }
        let files: Vec<_> = std::fs::read_dir(&outbox)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(files, [format!("{id}.eml").as_str()]);
        let raw = std::fs::read(outbox.join(format!("{id}.eml"))).unwrap();
        let parsed = parse_mail(&raw).unwrap();
        assert_eq!(parsed.headers.get_first_value("Subject").unwrap(), "Hello");
        assert_eq!(
            parsed.subparts[0].get_body().unwrap().trim_end(),
            "the second"
        );
    }

    #[tokio::test]
    async fn a_failure_names_neither_path_nor_address() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let transport = FileTransport::new(file.path().join("outbox"));
        let id = OutboxMailId::generate(&SystemEnvironment);
        let error = transport.deliver(&mail(id, "text")).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the mail could not be written to a file: not a directory"
        );
    }
}
