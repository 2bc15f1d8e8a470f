//! Parsers of listen addresses, origins and networks.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};

use ipnet::IpNet;
use url::Url;

use crate::error::InvalidValue;

/// Parses a listen address; a host name is resolved.
pub(crate) fn socket_address(text: &str) -> Result<SocketAddr, InvalidValue> {
    // For an IP address, this asks no resolver.
    let addresses = text.to_socket_addrs().ok();
    addresses
        .and_then(|mut addresses| addresses.next())
        .ok_or(InvalidValue::new(
            "must be an IP address or a known host name with a port, such as 127.0.0.1:8080",
        ))
}

/// Parses a network, or a single address as a network of one.
pub(crate) fn network(text: &str) -> Result<IpNet, InvalidValue> {
    let network = text.parse().ok().map(|network: IpNet| network.trunc());
    let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
    network.or_else(address).ok_or(InvalidValue::new(
        "must be a comma-separated list of networks, such as 10.0.0.0/8,fd00::/8",
    ))
}

/// Parses an http or https URL to which paths can be appended.
pub(crate) fn base_url(text: &str) -> Result<Url, InvalidValue> {
    let is_base = |url: &Url| {
        matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    };
    let url = Url::parse(text).ok();
    url.filter(is_base).ok_or(InvalidValue::new(
        "must be an absolute http or https address without credentials, query or fragment, such as \
         https://portal.example.com",
    ))
}

/// Parses the path below which something is served: `/portal`, without a slash at its end; `/` is
/// none.
pub(crate) fn base_path(text: &str) -> Result<String, InvalidValue> {
    let url = Url::parse("https://portal.invalid").and_then(|base| base.join(text));
    url.ok()
        .filter(|url| text.starts_with('/') && url.path() == text && !text.contains("//"))
        .map(|url| url.path().trim_end_matches('/').to_owned())
        .ok_or(InvalidValue::new("must be a path, such as /portal"))
}

/// Parses an origin into the form of the `Origin` header (RFC 6454, section 6.2).
pub(crate) fn origin(text: &str) -> Result<String, InvalidValue> {
    let url = base_url(text).ok().filter(|url| url.path() == "/");
    url.map(|url| url.origin().ascii_serialization())
        .ok_or(InvalidValue::new(
            "must be an absolute http or https address without credentials, path, query or \
             fragment, such as https://portal.example.com",
        ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listen_addresses_are_ip_addresses_or_known_names() {
        for (text, expected) in [
            ("127.0.0.1:8080", "127.0.0.1:8080"),
            ("[::1]:0", "[::1]:0"),
            ("0.0.0.0:80", "0.0.0.0:80"),
        ] {
            assert_eq!(
                socket_address(text),
                Ok(expected.parse().unwrap()),
                "{text}"
            );
        }
        assert!(socket_address("localhost:8080").unwrap().ip().is_loopback());
        for text in ["127.0.0.1", "8080", "127.0.0.1:99999", "127.0.0.1:http"] {
            assert!(socket_address(text).is_err(), "{text}");
        }
    }

    #[test]
    fn origins_are_normalized() {
        for (text, expected) in [
            ("https://Portal.Example.COM", "https://portal.example.com"),
            (
                "https://portal.example.com:443/",
                "https://portal.example.com",
            ),
            (
                "http://portal.example.com:8080",
                "http://portal.example.com:8080",
            ),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
            ("http://[::1]:3000", "http://[::1]:3000"),
        ] {
            assert_eq!(origin(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn urls_that_are_no_origin_are_refused() {
        for text in [
            "*",
            "null",
            "portal.example.com",
            "ftp://portal.example.com",
            "https://",
            "https://portal.example.com/app",
            "https://portal.example.com/?a",
            "https://portal.example.com/#a",
            "https://user@portal.example.com",
            "https://:password@portal.example.com",
        ] {
            assert!(origin(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_base_url_may_have_a_path() {
        for text in [
            "https://portal.example.com",
            "https://example.com/portal",
            "https://example.com/portal/",
        ] {
            assert!(base_url(text).is_ok(), "{text}");
        }
        for text in [
            "https://example.com/portal?a",
            "https://example.com/#a",
            "https://user@example.com/portal",
            "/portal",
        ] {
            assert!(base_url(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_base_path_begins_with_a_slash() {
        for (text, path) in [("/portal", "/portal"), ("/a/b/", "/a/b"), ("/", "")] {
            assert_eq!(base_path(text).as_deref(), Ok(path), "{text}");
        }
        for text in [
            "portal",
            "//evil.example",
            "/a//b",
            "/a?b",
            "/a b",
            "/../a",
            "https://a",
        ] {
            assert!(base_path(text).is_err(), "{text}");
        }
    }

    #[test]
    fn networks_may_be_single_addresses_and_lose_their_host_bits() {
        for (text, expected) in [
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("192.0.2.1", "192.0.2.1/32"),
            ("fd00::/8", "fd00::/8"),
            ("::1", "::1/128"),
        ] {
            assert_eq!(network(text).unwrap().to_string(), expected, "{text}");
        }
        for text in ["10.0.0.0/33", "proxy", "10.0.0"] {
            assert!(network(text).is_err(), "{text}");
        }
    }
}
