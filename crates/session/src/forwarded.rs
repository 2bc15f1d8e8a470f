//! Headers that a proxy adds: `X-Forwarded-For`, `-Host` and `-Proto`.
//!
//! A client may send any bytes in them, and proxies append. So elements are read one by one from the
//! right, and one that cannot be read hides none to its right.

use std::net::IpAddr;
use std::sync::Once;

use actix_web::http::header::HeaderMap;

use crate::csrf::is_loopback;
use crate::portal::HttpConfig;

pub(crate) const FOR: &str = "x-forwarded-for";
pub(crate) const HOST: &str = "x-forwarded-host";
pub(crate) const PROTO: &str = "x-forwarded-proto";

/// The elements of a comma-separated header, over all its lines in their order, without blanks and
/// quotes. Empty ones do not count (RFC 9110, section 5.6.1).
pub(crate) fn elements<'h>(
    headers: &'h HeaderMap,
    name: &'static str,
) -> impl DoubleEndedIterator<Item = &'h [u8]> {
    let elements: Vec<_> = headers
        .get_all(name)
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .map(without_quotes)
        .filter(|element| !element.is_empty())
        .collect();
    elements.into_iter()
}

fn without_quotes(element: &[u8]) -> &[u8] {
    let element = element.trim_ascii();
    let element = element.strip_prefix(b"\"").unwrap_or(element);
    let element = element.strip_suffix(b"\"").unwrap_or(element);
    element.trim_ascii()
}

/// The address in an element, with or without a port or a zone: `203.0.113.9:51234`,
/// `[2001:db8::1]:443`, `fe80::1%eth0`.
pub(crate) fn address(element: &[u8]) -> Option<IpAddr> {
    let text = String::from_utf8_lossy(element);
    let without_port = match text.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next()?,
        None => match text.split_once(':') {
            Some((ipv4, port)) if !port.contains(':') => ipv4,
            _ => &*text,
        },
    };
    let without_zone = without_port.split('%').next()?.trim();
    let address: IpAddr = without_zone.parse().ok()?;
    Some(address.to_canonical())
}

/// Who sent a request: the right-most address of `X-Forwarded-For` that is not a trusted proxy's. A
/// trusted proxy writes addresses, so what is left of anything else is not trusted.
pub(crate) fn client(
    headers: &HeaderMap,
    peer: IpAddr,
    is_trusted: impl Fn(&IpAddr) -> bool,
) -> IpAddr {
    let mut client = peer;
    for hop in elements(headers, FOR).rev().map_while(address) {
        if !is_trusted(&client) {
            break;
        }
        client = hop;
    }
    client
}

/// Warns, once for each reason, where clients cannot be told apart: rate limits would count them as
/// one.
pub(crate) fn warn_of_shared_address(
    headers: &HeaderMap,
    peer: IpAddr,
    client: IpAddr,
    config: &HttpConfig,
) {
    static UNTRUSTED: Once = Once::new();
    static LOCAL: Once = Once::new();
    static NO_CLIENT: Once = Once::new();

    if config.trusts(&peer) {
        if config.trusts(&client) {
            NO_CLIENT.call_once(|| {
                tracing::warn!(
                    "X-Forwarded-For of a trusted proxy names no address outside \
                     TRUSTED_PROXY_CIDRS, so clients cannot be told apart and share their rate \
                     limits; the proxy has to send the client's address, and TRUSTED_PROXY_CIDRS to \
                     hold the addresses of proxies only"
                );
            });
        }
    } else if [FOR, HOST, PROTO, "forwarded"]
        .iter()
        .any(|name| headers.contains_key(*name))
    {
        UNTRUSTED.call_once(|| {
            tracing::warn!(
                peer_is_loopback = peer.is_loopback(),
                "X-Forwarded headers come from outside TRUSTED_PROXY_CIDRS and are ignored; if a \
                 proxy sends them, all its clients share one address and its rate limits until \
                 TRUSTED_PROXY_CIDRS names the proxy"
            );
        });
    } else if peer.is_loopback()
        && config.trusted_proxies.is_empty()
        && !is_loopback(&config.public_url)
    {
        LOCAL.call_once(|| {
            tracing::warn!(
                "requests come from this machine and PORTAL_PUBLIC_URL is elsewhere; if a proxy \
                 sends them, all its clients share one address and its rate limits until it sends \
                 X-Forwarded-For and TRUSTED_PROXY_CIDRS names the proxy"
            );
        });
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn client_of(lines: &[&[u8]]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            let value = HeaderValue::from_bytes(line).unwrap();
            headers.append(HeaderName::from_static(FOR), value);
        }
        let config = HttpConfig {
            trusted_proxies: vec![
                "10.0.0.0/8".parse().unwrap(),
                "2001:db8:ffff::/48".parse().unwrap(),
            ],
            ..HttpConfig::new("http://portal.example".parse().unwrap())
        };
        let peer = "10.0.0.1".parse().unwrap();
        client(&headers, peer, |address| config.trusts(address)).to_string()
    }

    #[test]
    fn client_is_the_rightmost_untrusted_hop() {
        for (lines, expected) in [
            (&["198.51.100.1"][..], "198.51.100.1"),
            (&["6.6.6.6, 198.51.100.1, 10.0.0.7"], "198.51.100.1"),
            (&["6.6.6.6, 198.51.100.1", "10.0.0.7"], "198.51.100.1"),
            (&["6.6.6.6", "198.51.100.1", ""], "198.51.100.1"),
            (&["::ffff:198.51.100.1"], "198.51.100.1"),
            (&["198.51.100.1, 2001:db8:ffff::7"], "198.51.100.1"),
            (&["10.0.0.8, 10.0.0.7"], "10.0.0.8"),
            (&["6.6.6.6, unknown, 10.0.0.7"], "10.0.0.7"),
            (&["6.6.6.6, _hidden"], "10.0.0.1"),
            (&["nonsense"], "10.0.0.1"),
            (&[", ,"], "10.0.0.1"),
            (&[], "10.0.0.1"),
        ] {
            let lines: Vec<_> = lines.iter().map(|line| line.as_bytes()).collect();
            assert_eq!(client_of(&lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn an_address_is_read_however_a_proxy_writes_it() {
        for (hop, expected) in [
            ("203.0.113.9:51234", "203.0.113.9"),
            ("203.0.113.9:", "203.0.113.9"),
            ("\"203.0.113.9\"", "203.0.113.9"),
            ("\" 203.0.113.9:1 \"", "203.0.113.9"),
            ("\t203.0.113.9\t", "203.0.113.9"),
            ("203.0.113.9,", "203.0.113.9"),
            ("203.0.113.9 , ,", "203.0.113.9"),
            ("2001:db8::1", "2001:db8::1"),
            ("2001:DB8:0::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("\"[2001:db8::1]:443\"", "2001:db8::1"),
            ("fe80::1%eth0", "fe80::1"),
            ("[fe80::1%25eth0]:443", "fe80::1"),
            ("[::ffff:203.0.113.9]:443", "203.0.113.9"),
        ] {
            assert_eq!(client_of(&[hop.as_bytes()]), expected, "{hop}");
            let behind = format!("6.6.6.6, {hop}, 10.0.0.7:443");
            assert_eq!(client_of(&[behind.as_bytes()]), expected, "{hop}");
        }
    }

    #[test]
    fn what_a_client_sends_hides_nothing_that_the_proxy_appends() {
        for sent in [
            &b"\xff\xfe"[..],
            b"\"",
            b"\"a, b",
            b"[",
            b"]:1",
            b"[[::1",
            b"%",
            b"1.2.3.4:5:6",
            b"\xe4\xf6, \"\\",
            b"for=6.6.6.6;by=1",
            b",,,",
        ] {
            let appended = [sent, b", 198.51.100.1"].concat();
            for lines in [&[&appended[..]][..], &[sent, b"198.51.100.1"]] {
                assert_eq!(client_of(lines), "198.51.100.1", "{lines:?}");
            }
        }
    }
}
