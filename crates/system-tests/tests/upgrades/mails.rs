//! The mails that servers wrote to files.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use mailparse::{MailHeaderMap as _, ParsedMail, parse_mail};

use crate::eventually;

/// Where the servers of one folder put their mails.
pub(crate) struct Mails {
    folder: PathBuf,
    seen: BTreeSet<PathBuf>,
}

impl Mails {
    /// Those of the servers that run in a folder.
    pub(crate) fn of_servers_in(folder: &Path) -> Self {
        Self {
            folder: folder.join("data/outbox"),
            seen: BTreeSet::new(),
        }
    }

    fn files(&self) -> BTreeSet<PathBuf> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten();
        let files = entries.map(|entry| entry.unwrap().path());
        files
            .filter(|file| file.extension().is_some_and(|ext| ext == "eml"))
            .collect()
    }

    /// Does something, and gives the token of the link, such as `reset-password`, in the mail to
    /// somebody that this leads to.
    pub(crate) fn token(&mut self, email: &str, link: &str, cause: impl FnOnce()) -> String {
        self.seen = self.files();
        cause();
        eventually("a mail with a link", || {
            let new = self.files();
            let mut new = new.difference(&self.seen);
            new.find_map(|file| token_in(&fs::read(file).unwrap(), email, link))
        })
    }
}

fn token_in(mail: &[u8], email: &str, link: &str) -> Option<String> {
    let mail = parse_mail(mail).unwrap();
    let text = plain_text(&mail)?;
    let (_, token) = text.split_once(&format!("/{link}?token="))?;
    let is_token = |c: &char| c.is_ascii_alphanumeric() || "-_".contains(*c);
    let to = mail.headers.get_first_value("To")?;
    to.contains(email)
        .then(|| token.chars().take_while(is_token).collect())
}

fn plain_text(mail: &ParsedMail<'_>) -> Option<String> {
    if mail.subparts.is_empty() {
        let is_plain = mail.ctype.mimetype == "text/plain";
        return is_plain.then(|| mail.get_body().unwrap());
    }
    mail.subparts.iter().find_map(plain_text)
}
