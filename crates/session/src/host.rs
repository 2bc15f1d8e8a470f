//! The host that a request names.

use std::net::Ipv6Addr;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::ErrorBadRequest;
use actix_web::http::Version;
use actix_web::http::header::{HOST, HeaderMap};
use actix_web::http::uri::Authority;
use actix_web::middleware::Next;

use crate::forwarded;
use crate::portal::Portal;

/// Middleware that answers 400 to a request that names no host, several, or one that cannot be
/// (RFC 9112, section 3.2). Without it such a request would be taken for one to the portal's own
/// host.
///
/// # Errors
///
/// 400, and those of the service.
pub async fn require_valid_host<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let headers = request.headers();
    let target = request.uri().authority().map(Authority::as_str);
    let mut named = headers.get_all(HOST);
    let is_valid = match (named.next(), named.next()) {
        (Some(host), None) => is_host(host.as_bytes()),
        (None, _) => target.is_some() || request.version() < Version::HTTP_11,
        (Some(_), Some(_)) => false,
    };
    let is_valid = is_valid
        && target.is_none_or(|host| is_host(host.as_bytes()))
        && forwarded_host(&request, headers).is_none_or(is_host);
    if is_valid {
        next.call(request).await
    } else {
        Err(ErrorBadRequest("the request names no valid host"))
    }
}

/// The host that a trusted proxy says the request was sent to.
fn forwarded_host<'r>(request: &ServiceRequest, headers: &'r HeaderMap) -> Option<&'r [u8]> {
    let peer = request.peer_addr()?.ip().to_canonical();
    let portal = Portal::of(request.request()).ok()?;
    let is_trusted = portal.config.trusts(&peer);
    let host = forwarded::elements(headers, forwarded::HOST).next_back();
    host.filter(|_| is_trusted)
}

/// Whether this is a host with an optional port (RFC 3986, section 3.2), without user information.
fn is_host(text: &[u8]) -> bool {
    let Ok(authority) = Authority::try_from(text) else {
        return false;
    };
    let host = authority.host();
    let Some(rest) = authority.as_str().strip_prefix(host) else {
        return false; // user information
    };
    let is_port = |port: &str| {
        let is_number = port.bytes().all(|digit| digit.is_ascii_digit());
        is_number && (port.is_empty() || port.parse::<u16>().is_ok())
    };
    let is_literal = |literal: &str| {
        let address = literal.strip_suffix(']');
        address.is_some_and(|address| address.parse::<Ipv6Addr>().is_ok())
    };
    !host.is_empty()
        && host.strip_prefix('[').is_none_or(is_literal)
        && (rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port))
}

#[cfg(test)]
mod tests {
    use portal_domain::values::DomainName;
    use portal_test_support::properties::{for_all, header_with};

    use super::*;

    #[test]
    fn what_is_a_host_can_end_no_header_and_stands_in_a_link_as_it_is() {
        let bytes = header_with(&[
            "portal", ".", "example", ":", "80", "[", "]", "::1", "@", "/", "?", "#", "%00", " ",
            "<",
        ]);
        for_all(3_000, bytes, |bytes| {
            if is_host(&bytes) {
                let host = String::from_utf8(bytes).unwrap();
                assert!(
                    !host.contains(['/', '?', '#', '@', ' ', '<', '\\']),
                    "{host:?}"
                );
                let link = url::Url::parse(&format!("http://{host}/"));
                assert!(
                    link.is_ok_and(|link| link.path() == "/")
                        || DomainName::from_host(&host).is_none()
                );
            }
        });
    }

    #[test]
    fn a_host_has_a_name_or_an_address_and_perhaps_a_port() {
        for host in [
            "portal.example",
            "PORTAL.example.",
            "portal.example:8080",
            "portal.example:",
            "my_host",
            "127.0.0.1:80",
            "[::1]",
            "[2001:db8::1]:443",
        ] {
            assert!(is_host(host.as_bytes()), "{host}");
        }
        for host in [
            &b""[..],
            b":80",
            b"a b",
            b"user@portal.example",
            b"portal.example:http",
            b"portal.example:65536",
            b"portal.example:+80",
            b"portal.example/",
            b"portal.example?a",
            b"portal.example#a",
            b"a:1:2",
            b"::1",
            b"[::1",
            b"[::1]8080",
            b"[portal.example]",
            b"m\xfcller.example",
            b"<portal>",
            b"\"portal.example\"",
        ] {
            assert!(!is_host(host), "{:?}", String::from_utf8_lossy(host));
        }
    }
}
