//! The name by which the portal greets a mail server.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

use lettre::transport::smtp::extension::ClientId;
use url::{Host, Url};

/// A fully-qualified domain name or an address literal, which are what servers accept in `EHLO`
/// (RFC 5321, section 4.1.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelloName(ClientId);

/// The text is neither a domain name with a dot nor an IP address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be a domain name with a dot, such as portal.example.com, or an IP address in brackets, \
     such as [192.0.2.1]"
)]
pub struct InvalidHelloName;

impl HelloName {
    /// The name for a portal at an address: its host. One without a dot, such as `localhost`, means
    /// nothing to others; the literal of the loopback address takes its place.
    pub fn of(public_url: &Url) -> Self {
        let host = public_url.host_str().and_then(|host| host.parse().ok());
        host.unwrap_or(Self::literal(IpAddr::V4(Ipv4Addr::LOCALHOST)))
    }

    const fn literal(address: IpAddr) -> Self {
        Self(match address {
            IpAddr::V4(address) => ClientId::Ipv4(address),
            IpAddr::V6(address) => ClientId::Ipv6(address),
        })
    }

    pub(super) const fn client_id(&self) -> &ClientId {
        &self.0
    }
}

impl FromStr for HelloName {
    type Err = InvalidHelloName;

    fn from_str(text: &str) -> Result<Self, InvalidHelloName> {
        let text = text.trim();
        let inner = text
            .strip_prefix('[')
            .and_then(|text| text.strip_suffix(']'));
        if let Some(literal) = inner {
            let address = literal.strip_prefix("IPv6:").unwrap_or(literal);
            let address = address.parse().ok().map(Self::literal);
            return address.ok_or(InvalidHelloName);
        }
        match Host::parse(text.trim_end_matches('.')) {
            Ok(Host::Domain(name)) if is_qualified(&name) => Ok(Self(ClientId::Domain(name))),
            Ok(Host::Ipv4(address)) => Ok(Self::literal(address.into())),
            Ok(Host::Ipv6(address)) => Ok(Self::literal(address.into())),
            Ok(Host::Domain(_)) | Err(_) => Err(InvalidHelloName),
        }
    }
}

/// Whether a name is one of two labels or more, each of letters, digits and hyphens.
fn is_qualified(name: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    name.contains('.') && name.split('.').all(is_label)
}

impl fmt::Display for HelloName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_portal_greets_by_its_host() {
        for (url, name) in [
            ("https://portal.example.com/app", "portal.example.com"),
            ("https://bücher.example:8443", "xn--bcher-kva.example"),
            ("https://portal.example.com.", "portal.example.com"),
            ("http://192.0.2.1:8080", "[192.0.2.1]"),
            ("http://[2001:db8::1]", "[IPv6:2001:db8::1]"),
            ("http://localhost:8080", "[127.0.0.1]"),
            ("http://portal", "[127.0.0.1]"),
            ("http://portal_1.example", "[127.0.0.1]"),
        ] {
            assert_eq!(HelloName::of(&url.parse().unwrap()).to_string(), name);
        }
    }

    #[test]
    fn a_name_without_a_dot_is_refused() {
        for (text, name) in [
            ("mail.example.com", "mail.example.com"),
            (" Mail.MÜLLER.example. ", "mail.xn--mller-kva.example"),
            ("[192.0.2.1]", "[192.0.2.1]"),
            ("192.0.2.1", "[192.0.2.1]"),
            ("[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]"),
            ("[2001:db8::1]", "[IPv6:2001:db8::1]"),
        ] {
            assert_eq!(text.parse::<HelloName>().unwrap().to_string(), name);
        }
        for text in [
            "",
            "portal",
            "localhost",
            "a b.example",
            "a.example\r\nMAIL FROM:<x>",
            "mail_1.example",
            "-a.example",
            "a..example",
            "[portal.example]",
            "mail.example:25",
            "https://mail.example",
        ] {
            assert_eq!(text.parse::<HelloName>(), Err(InvalidHelloName), "{text:?}");
        }
    }
}
