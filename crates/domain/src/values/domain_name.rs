//! Domain names, normalized for storage and lookup.

use std::borrow::Cow;

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};
use url::Host;

use crate::text::text_value;

/// The characters that UTS 46 (section 2.3) accepts as the dot between labels.
const DOTS: [char; 4] = ['.', '\u{3002}', '\u{ff0e}', '\u{ff61}'];

/// Why a text is not a domain name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DomainNameError {
    /// Not a name that the DNS could hold, or more than a name.
    #[error("must be a domain name like portal.example.com, without scheme, port or path")]
    Malformed,
    /// An IP address in one of the spellings that browsers accept.
    #[error("must be a domain name, not an IP address")]
    IpAddress,
    /// A name like `localhost`, which means something else on every network.
    #[error("must be a domain name with at least two labels, like portal.example.com")]
    SingleLabel,
}

text_value! {
    /// A domain name of at least two labels: lower-case A-labels, without port or trailing dot.
    ///
    /// Parsing trims the text, accepts any case, U-labels (`bücher.example`) and a trailing dot,
    /// and normalizes by UTS 46 (non-transitional, STD3 rules). A port is refused.
    pub struct DomainName(parse) -> DomainNameError;
}

impl DomainName {
    /// The name, if any, in a `Host` header: a port and a trailing dot are dropped, and whatever
    /// cannot be a domain name is `None`.
    pub fn from_host(host: &str) -> Option<Self> {
        let name = match host.rsplit_once(':') {
            // RFC 3986, section 3.2.3: the port after the colon may be empty
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        };
        normalize(name).ok().map(Self)
    }
}

fn parse(text: &str) -> Result<String, DomainNameError> {
    normalize(text.trim())
}

fn normalize(name: &str) -> Result<String, DomainNameError> {
    to_a_labels(name.strip_suffix(DOTS).unwrap_or(name))
}

/// The name in lower-case A-labels, if it is one of two labels or more without a trailing dot.
///
/// A label may have hyphens in third and fourth place: UTS 46 could forbid them, but names in use
/// have them.
pub(super) fn to_a_labels(name: &str) -> Result<String, DomainNameError> {
    let Ok(ascii) = Uts46::new().to_ascii(
        name.as_bytes(),
        AsciiDenyList::STD3,
        Hyphens::CheckFirstLast,
        DnsLength::Verify,
    ) else {
        return Err(DomainNameError::Malformed);
    };
    // Browsers take every host that ends in a number, such as 0x7f.1, for an IPv4 address (WHATWG
    // URL, section 3.5), so their algorithm decides what they would connect to.
    match Host::parse(&ascii) {
        Ok(Host::Domain(_)) if ascii.contains('.') => Ok(ascii.into_owned()),
        Ok(Host::Domain(_)) => Err(DomainNameError::SingleLabel),
        Ok(Host::Ipv4(_) | Host::Ipv6(_)) => Err(DomainNameError::IpAddress),
        Err(_) => Err(DomainNameError::Malformed),
    }
}

/// A name of [`to_a_labels`] in U-labels, for people to read.
pub(super) fn to_u_labels(name: &str) -> Cow<'_, str> {
    let (unicode, _) = Uts46::new().to_unicode(
        name.as_bytes(),
        AsciiDenyList::STD3,
        Hyphens::CheckFirstLast,
    );
    unicode
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<String, DomainNameError> {
        text.parse().map(|DomainName(name)| name)
    }

    #[test]
    fn every_spelling_of_a_name_becomes_one() {
        for (given, stored) in [
            ("portal.example.com", "portal.example.com"),
            (" Portal.EXAMPLE.com. ", "portal.example.com"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("BÜCHER.example", "xn--bcher-kva.example"),
            ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
            ("bu\u{308}cher。example。", "xn--bcher-kva.example"),
            ("straße.example", "xn--strae-oqa.example"),
            ("r3---sn-x.example.com", "r3---sn-x.example.com"),
            ("4.example.com", "4.example.com"),
        ] {
            assert_eq!(parse(given).as_deref(), Ok(stored), "{given}");
        }
    }

    #[test]
    fn what_is_not_a_domain_name_is_refused() {
        use DomainNameError::{IpAddress, Malformed, SingleLabel};

        let long_label = format!("{}.example", "a".repeat(64));
        let long_name = format!("{}example", "a.".repeat(124));
        for (text, reason) in [
            ("", Malformed),
            (".", Malformed),
            ("example.com..", Malformed),
            (".example.com", Malformed),
            ("a..example.com", Malformed),
            ("example.com:443", Malformed),
            ("https://example.com", Malformed),
            ("example.com/path", Malformed),
            ("user@example.com", Malformed),
            ("*.example.com", Malformed),
            ("exam ple.com", Malformed),
            ("exam\0ple.com", Malformed),
            ("exam_ple.com", Malformed),
            ("-a.example.com", Malformed),
            ("a-.example.com", Malformed),
            ("xn--a.example", Malformed),
            ("example%2ecom", Malformed),
            ("[::1]", Malformed),
            ("::1", Malformed),
            ("example.1", Malformed),
            ("256.256.256.256", Malformed),
            ("127.0.0.1", IpAddress),
            ("127.0.0.1.", IpAddress),
            ("１２７.0.0.1", IpAddress),
            ("1.2", IpAddress),
            ("0x7f.1", IpAddress),
            ("2130706433", IpAddress),
            ("localhost", SingleLabel),
            ("com.", SingleLabel),
            (long_label.as_str(), Malformed),
            (long_name.as_str(), Malformed),
        ] {
            assert_eq!(parse(text), Err(reason), "{text:?}");
        }
    }

    #[test]
    fn the_longest_names_pass() {
        let label = format!("{}.example", "a".repeat(63));
        let name = format!("{}example", "a.".repeat(123));
        assert_eq!(name.len(), 253);
        assert_eq!(parse(&label), Ok(label.clone()));
        assert_eq!(parse(&name), Ok(name.clone()));
    }

    #[test]
    fn a_host_header_loses_its_port() {
        for (host, name) in [
            ("portal.example.com", Some("portal.example.com")),
            ("Portal.Example.com.:8443", Some("portal.example.com")),
            ("portal.example.com:", Some("portal.example.com")),
            ("portal.example.com:http", None),
            ("portal.example.com:1:2", None),
            (" portal.example.com", None),
            ("", None),
            (":80", None),
            ("localhost:8080", None),
            ("127.0.0.1:8080", None),
            ("[::1]:8080", None),
            ("[::1]", None),
            ("portal.example.com/x", None),
        ] {
            assert_eq!(
                DomainName::from_host(host).as_ref().map(DomainName::as_str),
                name,
                "{host}"
            );
        }
    }
}
