//! The portal's mails, from the outbox to the transport.
//!
//! A use case adds a row to the outbox in the transaction of the change that the mail reports
//! ([`portal_domain::notifications`]). The [`MailSender`] claims rows that are due, composes each
//! mail from the present state, hands it to a [`MailTransport`] and records the outcome. A mail is
//! sent at least once: its `Message-ID` is that of its row, so that a second copy can be recognized
//! as one, and the links of both copies work. Only reminders follow from no request: the [`ReminderScheduler`] enqueues them.
//!
//! | module | holds |
//! |---|---|
//! | [`sender`] | the work on the outbox: order, parallel deliveries, retries, dead letters |
//! | [`reminders`] | enqueues reminders of loans when they are due |
//! | `compose` | composes a mail, or finds that it is not to be sent |
//! | [`links`] | the links in mails |
//! | [`render`] | subject, text and HTML of each kind of mail, branded, in the recipient's language |
//! | [`outgoing`] | the finished mail with its headers |
//! | [`transport`] | where mails go: a server, files, memory |
//!
//! The crate depends on `portal-domain` for its ports, on `portal-auth` for one-time tokens and on
//! `portal-i18n` for languages; no other crate uses `lettre`.
//!
//! # Adding a kind of mail
//!
//! Add the variant to [`portal_domain::notifications::MailKind`]. The compiler then asks for a
//! method in `compose`, which decides whether the mail is still to be sent and reads what it is
//! about; write its body as a method of [`render::Templates`], with translations in `locales/` for
//! every language. Text and HTML follow from the same body.
//!
//! # Adding a transport
//!
//! Implement [`MailTransport`] in a module beside [`transport::FileTransport`]. Its failures become
//! variants of [`DeliveryError`], whose documentation says what they may reveal.

pub mod links;
pub mod outgoing;
pub mod reminders;
pub mod render;
pub mod sender;
pub mod transport;

mod backoff;
mod compose;

pub use outgoing::{InvalidSender, Letter, OutgoingMail, Recipient, SenderAddress};
pub use reminders::ReminderScheduler;
pub use sender::{MailConfig, MailSender, SendReport};
pub use transport::smtp::{HelloName, SmtpConfig, SmtpServer, SmtpTimeouts};
pub use transport::{
    DeliveryError, Failing, FileTransport, MailTransport, MemoryTransport, SmtpTransport,
};

/// Keeps the example in the README compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExample;
