//! The client's address, host and scheme.
//!
//! `X-Forwarded-*` headers count only from a trusted proxy. `Forwarded` (RFC 7239) is ignored: two
//! headers with the same meaning can contradict each other, and proxies that pass on a client's
//! `Forwarded` are common.

use std::future::{Ready, ready};
use std::net::IpAddr;

use actix_web::dev::Payload;
use actix_web::error::ErrorInternalServerError;
use actix_web::http::header::{HOST, HeaderMap, HeaderValue, ORIGIN, USER_AGENT};
use actix_web::http::uri::Authority;
use actix_web::{FromRequest, HttpRequest};
use portal_auth::accounts::Client;
use portal_domain::audit::ClientInfo;
use portal_domain::values::DomainName;

use crate::devices;
use crate::forwarded;
use crate::portal::{HttpConfig, Portal};

/// The header in which browsers say what site a request comes from.
const FETCH_SITE: &str = "sec-fetch-site";

/// Longer `User-Agent` headers are cut, in characters.
const MAX_USER_AGENT_CHARS: usize = 512;

/// Where a request came from, and where it was sent to.
#[derive(Debug, Clone)]
pub struct RequestInfo {
    /// Who sent it.
    pub client: Client,
    /// The requested host in lower case, with its port if one was given.
    pub host: String,
    /// Whether a trusted proxy names another host than the request itself does. A cache in front of
    /// the proxy may not know which.
    pub is_host_forwarded: bool,
    /// The host, unless it is the portal's own.
    pub custom_domain: Option<DomainName>,
    /// Whether the request came over HTTPS.
    pub is_https: bool,
    /// Whether cookies of the response are `Secure`.
    pub is_secure: bool,
}

impl RequestInfo {
    /// Reads a request.
    pub fn of(request: &HttpRequest, config: &HttpConfig) -> Self {
        let peer = request
            .peer_addr()
            .map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.ip());
        // Not `connection_info`, which trusts forwarding headers from anywhere.
        let target = request.uri().authority().map(Authority::as_str);
        Self::read(request.headers(), peer.to_canonical(), target, config)
    }

    /// `target` is the host in the request's target, which is more than the header's
    /// (RFC 9112, section 3.2.2).
    fn read(headers: &HeaderMap, peer: IpAddr, target: Option<&str>, config: &HttpConfig) -> Self {
        let named = headers.get(HOST).map(HeaderValue::as_bytes);
        let named = lower(target.map(str::as_bytes).or(named).unwrap_or_default());
        let last = |name| forwarded::elements(headers, name).next_back();
        let (mut address, mut host, mut is_https) = (peer, named.clone(), false);
        if config.trusts(&peer) {
            address = forwarded::client(headers, peer, |address| config.trusts(address));
            host = last(forwarded::HOST).map_or(host, lower);
            is_https =
                last(forwarded::PROTO).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"https"));
        }
        forwarded::warn_of_shared_address(headers, peer, address, config);
        let user_agent = headers.get(USER_AGENT).map(|agent| {
            let agent = String::from_utf8_lossy(agent.as_bytes());
            agent.chars().take(MAX_USER_AGENT_CHARS).collect()
        });
        let public_host = config.public_url.host_str();
        Self {
            client: Client {
                address,
                info: ClientInfo {
                    ip_address: Some(address),
                    user_agent,
                },
                // Every browser sends one of them with what signs in: a POST has an `Origin` (Fetch
                // Standard, "append a request `Origin` header").
                is_browser: headers.contains_key(ORIGIN) || headers.contains_key(FETCH_SITE),
                devices: devices::presented(headers),
            },
            custom_domain: DomainName::from_host(&host)
                .filter(|domain| Some(domain.as_str()) != public_host),
            is_host_forwarded: host != named,
            host,
            is_https,
            is_secure: config.force_secure_cookies
                || config.public_url.scheme() == "https"
                || is_https,
        }
    }
}

fn lower(host: &[u8]) -> String {
    String::from_utf8_lossy(host).to_ascii_lowercase()
}

impl FromRequest for RequestInfo {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let portal = Portal::of(request).map_err(ErrorInternalServerError);
        ready(portal.map(|portal| Self::of(request, &portal.config)))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};
    use portal_test_support::properties::{for_all, header_with};

    use super::*;

    fn read(peer: &str, headers: &[(&'static str, &'static str)]) -> RequestInfo {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        let config = HttpConfig {
            trusted_proxies: vec![
                "10.0.0.0/8".parse().unwrap(),
                "2001:db8::/32".parse().unwrap(),
            ],
            ..HttpConfig::new("http://portal.example".parse().unwrap())
        };
        RequestInfo::read(&map, peer.parse().unwrap(), None, &config)
    }

    #[test]
    fn whatever_a_client_writes_before_the_proxy_it_is_who_the_proxy_saw() {
        let mut config = HttpConfig::new("http://portal.example".parse().unwrap());
        config.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
        let noise = || {
            header_with(&[
                ",",
                ", ",
                "6.6.6.6",
                "10.0.0.9",
                "[2001:db8::1]:443",
                "\"",
                "for=",
                "unknown",
                "::",
                "fe80::1%eth0",
                ":80",
                "https",
                "evil.example",
                "127.0.0.1",
            ])
        };
        for_all(1_000, (noise(), noise()), |(forged, host)| {
            let mut headers = HeaderMap::new();
            let value = |bytes: &[u8]| HeaderValue::from_bytes(bytes).unwrap();
            headers.insert(HOST, HeaderValue::from_static("portal.example"));
            for name in ["x-forwarded-for", "x-forwarded-proto", "forwarded"] {
                headers.append(HeaderName::from_static(name), value(&forged));
            }
            headers.append(HeaderName::from_static("x-forwarded-host"), value(&host));
            // Straight from a client nothing counts.
            let client: IpAddr = "203.0.113.9".parse().unwrap();
            let info = RequestInfo::read(&headers, client, None, &config);
            assert_eq!(info.client.address, client);
            assert_eq!(
                (info.host.as_str(), info.is_https),
                ("portal.example", false)
            );
            // A proxy appends whom it saw, and what it was asked for.
            let proxy: IpAddr = "10.0.0.1".parse().unwrap();
            let appended = [&forged[..], b", 203.0.113.9"].concat();
            headers.insert(HeaderName::from_static("x-forwarded-for"), value(&appended));
            let appended = [&host[..], b", support.acme.example"].concat();
            headers.insert(
                HeaderName::from_static("x-forwarded-host"),
                value(&appended),
            );
            let info = RequestInfo::read(&headers, proxy, None, &config);
            assert_eq!(info.client.address, client);
            assert_eq!(info.host, "support.acme.example");
        });
    }

    #[test]
    fn forwarded_headers_of_an_untrusted_peer_are_ignored() {
        let info = read(
            "203.0.113.9",
            &[
                ("host", "portal.example"),
                ("x-forwarded-for", "198.51.100.1"),
                ("x-forwarded-proto", "https"),
                ("x-forwarded-host", "evil.example"),
                ("forwarded", "for=198.51.100.1;proto=https"),
            ],
        );
        assert_eq!(info.client.address.to_string(), "203.0.113.9");
        assert_eq!(
            (info.host.as_str(), info.is_https),
            ("portal.example", false)
        );
    }

    #[test]
    fn trusted_proxy_sets_host_and_scheme() {
        let info = read(
            "10.0.0.1",
            &[
                ("host", "internal:8080"),
                ("x-forwarded-host", "Support.Acme.Example"),
                ("x-forwarded-proto", "https"),
            ],
        );
        assert_eq!(
            (info.host.as_str(), info.is_https),
            ("support.acme.example", true)
        );
        assert!(info.is_host_forwarded);
        assert_eq!(info.custom_domain.unwrap().as_str(), "support.acme.example");
    }

    #[test]
    fn host_in_the_target_is_more_than_the_headers() {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("evil.example"));
        let config = HttpConfig::new("http://portal.example".parse().unwrap());
        let peer = "203.0.113.9".parse().unwrap();
        let info = RequestInfo::read(&headers, peer, Some("Support.Acme.Example"), &config);
        assert_eq!(info.host, "support.acme.example");
        assert!(!info.is_host_forwarded);
    }

    #[test]
    fn public_host_is_no_custom_domain() {
        let info = read("203.0.113.9", &[("host", "portal.example:8080")]);
        assert_eq!(info.custom_domain, None);
    }
}
