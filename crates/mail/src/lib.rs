//! The portal's mails, from the outbox to the transport.
//!
//! A use case writes a row of the outbox in the transaction of what the mail tells of
//! ([`portal_domain::notifications`]). The [`MailSender`] claims rows that are due, reads what they
//! are about, mints the tokens of their links, renders text and HTML, hands the mail to a
//! [`MailTransport`], and notes how that went. A mail is sent at least once: its `Message-ID` is
//! that of its row, so that a second copy can be told for what it is. The one kind of mail that
//! nobody's request brings about is the [`ReminderScheduler`]'s.
//!
//! | module | holds |
//! |---|---|
//! | [`sender`] | the loop over the outbox, retries, dead letters |
//! | [`reminders`] | putting reminders of loans into the outbox in time |
//! | [`content`] | what each kind of mail says, as values |
//! | [`links`] | the addresses that mails send people to |
//! | [`render`] | subject, text and HTML of a mail, branded, in the reader's language |
//! | [`outgoing`] | the finished mail with its headers |
//! | [`transport`] | where mails go: a server, files, memory |
//!
//! The crate depends on `portal-domain` for its ports, on `portal-auth` for one-time tokens and on
//! `portal-i18n` for languages; no other crate uses `lettre`.
//!
//! # One more kind of mail
//!
//! Add the variant to [`portal_domain::notifications::MailKind`] and to [`content::Content`]; the
//! compiler then asks for its row in `draft`, which also decides whether the mail is still wanted,
//! and for its letter in `render::letters`, whose words are in `locales/`, in every language. Text and
//! HTML follow from the same letter.
//!
//! # One more transport
//!
//! Implement [`MailTransport`] in a module beside [`transport::FileTransport`]. Its failures become
//! variants of [`DeliveryError`], which says what they may tell.

pub mod content;
pub mod links;
pub mod outgoing;
pub mod reminders;
pub mod render;
pub mod sender;
pub mod transport;

mod backoff;
mod draft;

pub use outgoing::{InvalidSender, OutgoingMail, SenderAddress};
pub use reminders::ReminderScheduler;
pub use sender::{MailConfig, MailSender, SendReport};
pub use transport::smtp::{SmtpConfig, SmtpServer};
pub use transport::{DeliveryError, FileTransport, MailTransport, MemoryTransport, SmtpTransport};

/// Keeps the example in the README compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExample;
