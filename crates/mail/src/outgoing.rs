//! A rendered mail with its headers.

use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use data_encoding::BASE64;
use lettre::address::Envelope;
use lettre::message::header::{
    self, ContentTransferEncoding, ContentType, Header, HeaderName, HeaderValue, Subject,
};
use lettre::message::{Body, Mailbox, Mailboxes, MultiPart, SinglePart};
use lettre::{Address, Message};
use portal_domain::branding::Brand;
use portal_domain::ids::{OutboxMailId, TicketId};
use portal_domain::text::isolated;
use portal_domain::values::EmailAddress;
use url::Host;

use crate::render::Rendered;

/// Tells other programs not to answer (RFC 3834, section 5).
const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");

/// Tells Microsoft's programs the same, which do not go by `Auto-Submitted` (MS-OXCMAIL, section
/// 2.1.3.2.20).
const AUTO_RESPONSE_SUPPRESS: HeaderName =
    HeaderName::new_from_ascii_str("X-Auto-Response-Suppress");

/// How mails of this kind are switched off (RFC 2369, section 3.2).
const LIST_UNSUBSCRIBE: HeaderName = HeaderName::new_from_ascii_str("List-Unsubscribe");

/// That a POST to that address does it, without asking (RFC 8058, section 3.1).
const LIST_UNSUBSCRIBE_POST: HeaderName = HeaderName::new_from_ascii_str("List-Unsubscribe-Post");

/// Why a text is not the mailbox of a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSender {
    /// It is none.
    #[error("must be a mail address, alone or as in `Customer portal <portal@example.com>`")]
    Malformed,
    /// Many servers do not take such an address, which cannot be written otherwise (RFC 6531).
    #[error("must have only ASCII characters before the @, as many mail servers take no others")]
    LocalPart,
}

/// The configured mailbox that all mails come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderAddress(Mailbox);

impl SenderAddress {
    /// Its display name.
    pub fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// This mailbox, under the name of a brand if it has one.
    fn branded(&self, brand: &Brand) -> Mailbox {
        let name = brand.name.as_deref().or(self.0.name.as_deref());
        let name = name.map(|name| isolated(name).into_owned());
        Mailbox::new(name, self.0.email.clone())
    }
}

impl FromStr for SenderAddress {
    type Err = InvalidSender;

    fn from_str(text: &str) -> Result<Self, InvalidSender> {
        let mailbox: Mailbox = text.trim().parse().ok().ok_or(InvalidSender::Malformed)?;
        let Mailbox { name, email } = mailbox;
        if !email.user().is_ascii() {
            return Err(InvalidSender::LocalPart);
        }
        // a domain goes as its A-labels, which any server takes
        let domain = Host::parse(email.domain())
            .ok()
            .ok_or(InvalidSender::Malformed)?;
        let email = Address::new(email.user(), domain.to_string());
        let email = email.ok().ok_or(InvalidSender::Malformed)?;
        Ok(Self(Mailbox::new(name, email)))
    }
}

impl fmt::Display for SenderAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The recipient of a mail, or of the answers to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The address.
    pub address: EmailAddress,
    /// The display name.
    pub name: Option<String>,
}

/// Why the parts do not make a mail. It names no address.
#[derive(Debug, thiserror::Error)]
pub enum InvalidMail {
    /// The address of the recipient, or of who gets the answers, is not one that mail can carry.
    #[error("an address cannot be used in a mail")]
    Address(#[source] lettre::address::AddressError),
    /// A header is missing or contradicts another.
    #[error("the mail could not be put together")]
    Message(#[source] lettre::error::Error),
}

/// A mail before its headers are added.
#[derive(Clone)]
pub struct Letter {
    /// Whom it goes to.
    pub to: Recipient,
    /// The brand that it goes by.
    pub brand: Brand,
    /// Its subject and parts.
    pub rendered: Rendered,
    /// Where answers go; without one, to the sender's address.
    pub reply_to: Option<Recipient>,
    /// The ticket with whose other mails mail programs show it.
    pub ticket: Option<TicketId>,
    /// The address by which its reader switches off mails of its kind (RFC 8058).
    pub unsubscribe: Option<String>,
}

/// A mail that is ready to be delivered.
///
/// Its text may carry tokens, so its `Debug` form shows the id alone.
#[derive(Clone)]
pub struct OutgoingMail {
    id: OutboxMailId,
    recipient: EmailAddress,
    rendered: Rendered,
    message: Message,
}

impl OutgoingMail {
    /// Adds the headers to a letter.
    ///
    /// Every header is encoded by the mail library, so no value can end one and begin another.
    ///
    /// # Errors
    ///
    /// See [`InvalidMail`].
    pub fn new(
        id: OutboxMailId,
        date: DateTime<Utc>,
        from: &SenderAddress,
        letter: Letter,
    ) -> Result<Self, InvalidMail> {
        let Letter {
            to,
            brand,
            rendered,
            reply_to,
            ticket,
            unsubscribe,
        } = letter;
        let host = from.0.email.domain();
        let mut builder = Message::builder()
            .message_id(Some(format!("<{id}@{host}>")))
            .date(SystemTime::from(date))
            .raw_header(mailbox::<header::From>(from.branded(&brand)))
            .raw_header(mailbox::<header::To>(named(&to)?))
            .raw_header(subject(&rendered.subject))
            .raw_header(raw(AUTO_SUBMITTED, "auto-generated"))
            .raw_header(raw(AUTO_RESPONSE_SUPPRESS, "All"));
        if let Some(reply_to) = &reply_to {
            builder = builder.raw_header(mailbox::<header::ReplyTo>(named(reply_to)?));
        }
        if let Some(ticket) = ticket {
            // No mail has this id. Programs put together what refers to the same one all the same
            // (RFC 5256, section 3, "REFERENCES"), whoever got the first mail about the ticket.
            let root = format!("<ticket.{ticket}@{host}>");
            builder = builder.in_reply_to(root.clone()).references(root);
        }
        if let Some(address) = unsubscribe {
            builder = builder
                .raw_header(raw(LIST_UNSUBSCRIBE, &format!("<{address}>")))
                .raw_header(raw(LIST_UNSUBSCRIBE_POST, "List-Unsubscribe=One-Click"));
        }
        let parts = MultiPart::alternative()
            .singlepart(plain(&rendered.text))
            .singlepart(SinglePart::html(rendered.html.clone()));
        let message = builder.multipart(parts).map_err(InvalidMail::Message)?;
        Ok(Self {
            id,
            recipient: to.address,
            rendered,
            message,
        })
    }

    /// The id of its row in the outbox.
    pub const fn id(&self) -> OutboxMailId {
        self.id
    }

    /// The recipient's address.
    pub const fn recipient(&self) -> &EmailAddress {
        &self.recipient
    }

    /// The subject.
    pub fn subject(&self) -> &str {
        &self.rendered.subject
    }

    /// The plain-text part.
    pub fn text(&self) -> &str {
        &self.rendered.text
    }

    /// The HTML part.
    pub fn html(&self) -> &str {
        &self.rendered.html
    }

    /// Sender and recipient as SMTP has them.
    pub(crate) fn envelope(&self) -> &Envelope {
        self.message.envelope()
    }

    /// The mail in the format of RFC 5322.
    pub fn formatted(&self) -> Vec<u8> {
        self.message.formatted()
    }
}

impl fmt::Debug for OutgoingMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingMail")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// The most octets of a line, without its end (RFC 5322, section 2.1.1).
const MAX_LINE: usize = 998;

/// The plain-text part, encoded only if it has to be.
///
/// The library would also encode ASCII with lines of more than 76 characters, such as links with
/// tokens, which could then not be copied from a mail's file.
fn plain(text: &str) -> SinglePart {
    let is_plain = |byte: u8| matches!(byte, b'\t' | b'\n' | b' '..=b'~');
    let fits = text.bytes().all(is_plain) && text.lines().all(|line| line.len() <= MAX_LINE);
    let body = if fits {
        let lines = text.replace('\n', "\r\n").into_bytes();
        Body::dangerous_pre_encoded(lines, ContentTransferEncoding::SevenBit)
    } else {
        Body::new(text.to_owned())
    };
    SinglePart::builder()
        .header(ContentType::TEXT_PLAIN)
        .body(body)
}

/// A mailbox of the domain's values.
fn named(recipient: &Recipient) -> Result<Mailbox, InvalidMail> {
    let address = recipient.address.as_str().parse();
    let address: Address = address.map_err(InvalidMail::Address)?;
    let name = recipient.name.as_deref();
    Ok(Mailbox::new(
        name.map(|name| isolated(name).into_owned()),
        address,
    ))
}

/// A header whose value is ASCII as it stands.
fn raw(name: HeaderName, value: &str) -> HeaderValue {
    HeaderValue::new(name, value.to_owned())
}

/// The header of one mailbox.
fn mailbox<H: Header + From<Mailboxes>>(mailbox: Mailbox) -> HeaderValue {
    match &mailbox.name {
        Some(name) if looks_encoded(name) => {
            let address = mailbox.email.to_string();
            let encoded = format!("{}\r\n <{address}>", encoded_words(name));
            HeaderValue::dangerous_new_pre_encoded(H::name(), address, encoded)
        }
        _ => H::from(mailbox.into()).display(),
    }
}

fn subject(text: &str) -> HeaderValue {
    if looks_encoded(text) {
        let encoded = encoded_words(text);
        HeaderValue::dangerous_new_pre_encoded(Subject::name(), text.to_owned(), encoded)
    } else {
        Subject::from(text.to_owned()).display()
    }
}

/// Whether a text has what begins an encoded-word (RFC 2047). The library sends ASCII as it is, in
/// names as a quoted string, and many programs decode what looks encoded there.
fn looks_encoded(text: &str) -> bool {
    text.contains("=?")
}

/// A text as encoded-words, one a line. Whoever decodes them reads the text as it is.
fn encoded_words(text: &str) -> String {
    /// In 64 characters, so that the longest header's name fits before it in 76.
    const MAX_BYTES: usize = 39;
    let mut words = vec![String::new()];
    for c in text.chars() {
        match words.last_mut() {
            Some(word) if word.len() + c.len_utf8() <= MAX_BYTES => word.push(c),
            _ => words.push(c.to_string()),
        }
    }
    let encoded = words.iter().map(|word| {
        let base64 = BASE64.encode(word.as_bytes());
        format!("=?utf-8?B?{base64}?=")
    });
    encoded.collect::<Vec<_>>().join("\r\n ")
}

#[cfg(test)]
mod tests {
    use mailparse::{MailHeaderMap as _, ParsedMail, parse_mail};
    use portal_domain::environment::SystemEnvironment;

    use super::*;

    fn brand() -> Brand {
        Brand {
            name: Some("Acme & Sons".to_owned()),
            support_email: "help@acme.example".parse().ok(),
            ..Brand::default()
        }
    }

    fn rendered(subject: &str) -> Rendered {
        Rendered {
            subject: subject.to_owned(),
            text: "Grüße\n".to_owned(),
            html: "<p>Grüße</p>\n".to_owned(),
        }
    }

    fn letter(brand: &Brand, subject: &str, name: &str) -> Letter {
        Letter {
            to: Recipient {
                address: "ada@acme.example".parse().unwrap(),
                name: Some(name.to_owned()),
            },
            reply_to: brand.support_email.clone().map(|address| Recipient {
                address,
                name: brand.name.clone(),
            }),
            brand: brand.clone(),
            rendered: rendered(subject),
            ticket: None,
            unsubscribe: None,
        }
    }

    fn send(from: &str, letter: Letter) -> (OutboxMailId, Vec<u8>) {
        let id = OutboxMailId::generate(&SystemEnvironment);
        let date = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let from = from.parse().unwrap();
        let mail = OutgoingMail::new(id, date, &from, letter).unwrap();
        (id, mail.formatted())
    }

    fn compose(from: &str, brand: &Brand, subject: &str, name: &str) -> (OutboxMailId, Vec<u8>) {
        send(from, letter(brand, subject, name))
    }

    fn header(mail: &ParsedMail<'_>, name: &str) -> Option<String> {
        mail.headers.get_first_value(name)
    }

    #[test]
    fn the_headers_say_whose_mail_it_is() {
        let brand = brand();
        let (id, raw) = compose(
            "Portal <portal@mail.example>",
            &brand,
            "Über alles",
            "Ada Ö",
        );
        let mail = parse_mail(&raw).unwrap();
        for (name, value) in [
            ("From", "Acme & Sons <portal@mail.example>"),
            ("To", "Ada Ö <ada@acme.example>"),
            ("Reply-To", "Acme & Sons <help@acme.example>"),
            ("Subject", "Über alles"),
            ("Auto-Submitted", "auto-generated"),
            ("X-Auto-Response-Suppress", "All"),
            ("Message-ID", &format!("<{id}@mail.example>")),
            ("Date", "Fri, 15 Jan 2027 08:00:00 +0000"),
        ] {
            assert_eq!(
                header(&mail, name).unwrap().replace('"', ""),
                value,
                "{name}"
            );
        }
        assert_eq!(mail.ctype.mimetype, "multipart/alternative");
        let [text, html] = mail.subparts.as_slice() else {
            panic!("two parts")
        };
        assert_eq!(text.ctype.mimetype, "text/plain");
        assert_eq!(text.get_body().unwrap().replace('\r', ""), "Grüße\n");
        assert_eq!(html.ctype.mimetype, "text/html");
        assert_eq!(html.get_body().unwrap().replace('\r', ""), "<p>Grüße</p>\n");
    }

    #[test]
    fn the_mails_of_a_ticket_refer_to_it() {
        let ticket = TicketId::generate(&SystemEnvironment);
        let about = |ticket| Letter {
            ticket,
            ..letter(&brand(), "Hello", "Ada")
        };
        let root = format!("<ticket.{ticket}@mail.example>");
        for (about, root) in [(about(Some(ticket)), Some(root)), (about(None), None)] {
            let (_, raw) = send("portal@mail.example", about);
            let mail = parse_mail(&raw).unwrap();
            for name in ["References", "In-Reply-To"] {
                assert_eq!(header(&mail, name), root, "{name}");
            }
        }
    }

    #[test]
    fn a_neutral_brand_keeps_the_configured_name_and_asks_for_no_reply() {
        let (_, raw) = compose(
            "Portal <portal@localhost>",
            &Brand::default(),
            "Hello",
            "Ada",
        );
        let mail = parse_mail(&raw).unwrap();
        assert_eq!(header(&mail, "From").unwrap(), "Portal <portal@localhost>");
        assert_eq!(header(&mail, "Reply-To"), None);
    }

    #[test]
    fn a_link_can_be_copied_from_the_raw_mail_and_anything_arrives() {
        let link = format!(
            "https://portal.example/reset-password?token={}",
            "a".repeat(64)
        );
        for (text, is_raw) in [
            (format!("Choose:\n{link}\n"), true),
            (format!("Wähle:\n{link}\n"), false),
            (format!("{link}{}\n", "b".repeat(MAX_LINE)), false),
            (format!("{link}\u{7f}\n"), false),
        ] {
            let part = plain(&text).formatted();
            assert_eq!(
                String::from_utf8_lossy(&part).contains(&link),
                is_raw,
                "{text}"
            );
            let body = parse_mail(&part).unwrap().get_body().unwrap();
            assert_eq!(body.replace("\r\n", "\n").trim_end(), text.trim_end());
        }
    }

    #[test]
    fn what_looks_encoded_arrives_as_it_was_typed() {
        for text in [
            "=?utf-8?Q?Invoice=0D=0ABcc:_x@y.test?= and =?utf-8?B?8J+YgA==?=",
            "Grüße =?utf-8?q?=41?=",
            "=?",
            "a=?iso-8859-1?Q?=41?=b",
            &format!("=?utf-8?Q?{}👩‍🚀ö", "ä".repeat(240)),
        ] {
            let brand = Brand {
                name: Some(text.to_owned()),
                ..brand()
            };
            let (_, raw) = compose("portal@localhost", &brand, text, text);
            let raw = String::from_utf8(raw).unwrap();
            let head = raw.split("\r\n\r\n").next().unwrap();
            assert!(
                head.is_ascii() && head.lines().all(|line| line.len() <= 78),
                "{head}"
            );
            let mail = parse_mail(raw.as_bytes()).unwrap();
            for (name, value) in [
                ("Subject", text.to_owned()),
                ("From", format!("{text} <portal@localhost>")),
                ("To", format!("{text} <ada@acme.example>")),
                ("Reply-To", format!("{text} <help@acme.example>")),
            ] {
                assert_eq!(header(&mail, name).unwrap(), value, "{name}");
                assert!(!head.contains("=?utf-8?Q?"), "{head}");
            }
        }
    }

    #[test]
    fn a_name_changes_nothing_of_the_text_around_it() {
        let brand = Brand {
            name: Some("\u{202e}emcA\u{2069}".to_owned()),
            ..brand()
        };
        let (_, raw) = compose("portal@localhost", &brand, "Hello", "\u{202e}עדה");
        let mail = parse_mail(&raw).unwrap();
        for (name, value) in [
            ("From", "emcA <portal@localhost>"),
            ("Reply-To", "emcA <help@acme.example>"),
            ("To", "\u{2068}עדה\u{2069} <ada@acme.example>"),
        ] {
            assert_eq!(
                header(&mail, name).unwrap().replace('"', ""),
                value,
                "{name}"
            );
        }
    }

    #[test]
    fn no_value_makes_a_header_of_its_own() {
        let evil = "Hello\r\nBcc: eve@example.com\r\n\r\n<p>mine</p>";
        let (_, raw) = compose("portal@localhost", &brand(), evil, "Ada");
        let mail = parse_mail(&raw).unwrap();
        assert_eq!(header(&mail, "Bcc"), None);
        assert_eq!(mail.subparts.len(), 2);
    }

    #[test]
    fn senders_are_mailboxes() {
        for (text, name) in [
            ("portal@localhost", None),
            (
                "Customer portal <portal@localhost>",
                Some("Customer portal"),
            ),
            ("\"Acme, Inc.\" <help@acme.example>", Some("Acme, Inc.")),
            ("<help@acme.example>", None),
        ] {
            assert_eq!(
                text.parse::<SenderAddress>().unwrap().name(),
                name,
                "{text}"
            );
        }
        for text in [
            "",
            "portal",
            "a@b.example, c@d.example",
            "A\r\nBcc: x@y.example <a@b.example>",
            "portal@-x",
            "a..b@example.org",
            "portal@exa_mple..org",
            "portal@exa mple.org",
        ] {
            let parsed = text.parse::<SenderAddress>();
            assert_eq!(parsed, Err(InvalidSender::Malformed), "{text}");
        }
    }

    #[test]
    fn a_sender_is_written_in_ascii() {
        let brand = Brand::default();
        let (id, raw) = compose("Müller <portal@müller.example>", &brand, "Hello", "Ada");
        assert!(raw.is_ascii());
        let mail = parse_mail(&raw).unwrap();
        for (name, value) in [
            ("From", "Müller <portal@xn--mller-kva.example>".to_owned()),
            ("Message-ID", format!("<{id}@xn--mller-kva.example>")),
        ] {
            assert_eq!(header(&mail, name).unwrap(), value, "{name}");
        }
        let parsed = "pörtal@example.org".parse::<SenderAddress>();
        assert_eq!(parsed, Err(InvalidSender::LocalPart));
    }
}
