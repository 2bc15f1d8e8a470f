//! E-mail addresses, normalized for storage and lookup.

use std::borrow::Cow;

use validator::ValidateEmail as _;

use super::domain_name;
use crate::text::{StoredText, text_value};

/// The text is not an e-mail address to which mail can be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a valid e-mail address")]
pub struct InvalidEmailAddress;

text_value! {
    /// An e-mail address: in lower case, its domain as A-labels (UTS 46), wholly ASCII.
    ///
    /// Parsing trims the text and normalizes it, so that two spellings of one mailbox are equal.
    /// Strictly the local part is for the receiving host to interpret (RFC 5321, section 2.4), but
    /// no provider in use tells mailboxes apart by case. Refused are quoted and non-ASCII local
    /// parts, domains of a single label, and IP addresses for a domain.
    pub struct EmailAddress(parse) -> InvalidEmailAddress;
}

impl EmailAddress {
    /// The longest address that SMTP can carry in a path of 256 octets (RFC 5321, section
    /// 4.5.3.1.3), in octets.
    pub const MAX_LENGTH: usize = 254;

    /// What follows the `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The address as people know it: its domain in U-labels (RFC 5890, section 2.3.2.1).
    pub fn for_people(&self) -> Cow<'_, str> {
        match self.0.rsplit_once('@') {
            Some((local, domain)) if domain.contains("xn--") => {
                Cow::Owned(format!("{local}@{}", domain_name::to_u_labels(domain)))
            }
            _ => Cow::Borrowed(&self.0),
        }
    }
}

/// What looks like a parsed address is taken for one, since the grammar of domains is costly. Anything
/// else may come from another program, and is parsed.
impl StoredText for EmailAddress {
    fn from_storage(text: String) -> Option<Self> {
        let is_legal = |byte: u8| byte.is_ascii_graphic() && !byte.is_ascii_uppercase();
        let has_both_parts = text
            .split_once('@')
            .is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'));
        if text.len() <= Self::MAX_LENGTH && has_both_parts && text.bytes().all(is_legal) {
            Some(Self(text))
        } else {
            text.parse().ok()
        }
    }
}

fn parse(text: &str) -> Result<String, InvalidEmailAddress> {
    let (local, domain) = text.trim().rsplit_once('@').ok_or(InvalidEmailAddress)?;
    let Ok(domain) = domain_name::to_a_labels(domain) else {
        return Err(InvalidEmailAddress);
    };
    let address = format!("{}@{domain}", local.to_ascii_lowercase());
    let is_valid =
        address.len() <= EmailAddress::MAX_LENGTH && is_dot_atom(local) && address.validate_email();
    is_valid.then_some(address).ok_or(InvalidEmailAddress)
}

/// Dots stand only between other characters (RFC 5322, section 3.2.3).
///
/// Browsers and `validator` follow HTML, which lets dots stand anywhere; mail servers do not.
fn is_dot_atom(local: &str) -> bool {
    local.split('.').all(|atom| !atom.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<EmailAddress, InvalidEmailAddress> {
        text.parse()
    }

    #[test]
    fn every_spelling_of_a_mailbox_becomes_one() {
        for (given, stored) in [
            ("ada@example.com", "ada@example.com"),
            (
                "  Ada.Lovelace+it@Example.COM\n",
                "ada.lovelace+it@example.com",
            ),
            ("ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
            ("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
            ("ada@bücher。example", "ada@xn--bcher-kva.example"),
            (
                "o'brien_1=x@mail.example.com",
                "o'brien_1=x@mail.example.com",
            ),
        ] {
            assert_eq!(parse(given).unwrap().as_str(), stored);
        }
    }

    #[test]
    fn people_see_the_letters_that_they_typed() {
        for (given, shown) in [
            ("ada@example.com", "ada@example.com"),
            ("ada@xn--mller-kva.example", "ada@müller.example"),
            ("xn--a@MÜLLER.example", "xn--a@müller.example"),
            ("ada@مثال.example", "ada@مثال.example"),
        ] {
            assert_eq!(parse(given).unwrap().for_people(), shown);
        }
    }

    #[test]
    fn what_no_mail_can_be_sent_to_is_refused() {
        for text in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@@example.com",
            "ada@example",
            "ada@localhost",
            "ada@127.0.0.1",
            "ada@[127.0.0.1]",
            "ada@[IPv6:::1]",
            "ada@0x7f.1",
            "ada@example.com.",
            "ada@-example.com",
            "ada@exam_ple.com",
            "ada@ example.com",
            "ada @example.com",
            "ada\0@example.com",
            "ada@example.com\0",
            "ada@exa\nmple.com",
            "a\r\nBcc: eve@example.com",
            "\"ada\"@example.com",
            "Ada <ada@example.com>",
            "ädä@example.com",
            ".ada@example.com",
            "ada.@example.com",
            "a..da@example.com",
            "ada@xn--a.example",
        ] {
            assert_eq!(parse(text), Err(InvalidEmailAddress), "{text:?}");
        }
    }

    #[test]
    fn lengths_are_those_of_smtp() {
        let label = "d".repeat(61);
        let local = "l".repeat(64);
        let longest = format!("{local}@{label}.{label}.{label}.com");
        assert_eq!(longest.len(), EmailAddress::MAX_LENGTH);
        assert!(parse(&longest).is_ok());
        assert!(parse(&longest.replace(".com", ".info")).is_err());
        assert!(parse(&format!("{local}@example.com")).is_ok());
        assert!(parse(&format!("l{local}@example.com")).is_err());
    }

    #[test]
    fn an_address_is_read_back_and_what_none_looks_like_is_not() {
        for text in ["ada@example.com", "o'brien_1=x@xn--bcher-kva.example"] {
            let read = EmailAddress::from_storage(text.to_owned());
            assert_eq!(read, Some(parse(text).unwrap()));
        }
        assert_eq!(
            EmailAddress::from_storage("Ada@Example.com".to_owned()),
            Some(parse("ada@example.com").unwrap())
        );
        let long = format!("{}@example.com", "l".repeat(EmailAddress::MAX_LENGTH));
        for text in [
            "",
            "ada",
            "@example.com",
            "ada@example",
            "ada@a b.example",
            "ädä@example.com",
            &long,
        ] {
            assert_eq!(EmailAddress::from_storage(text.to_owned()), None, "{text}");
        }
    }

    #[test]
    fn the_domain_is_what_follows_the_at() {
        assert_eq!(
            parse("ada@Mail.Example.com").unwrap().domain(),
            "mail.example.com"
        );
    }
}
