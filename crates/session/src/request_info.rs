//! The client's address, host and scheme.
//!
//! `X-Forwarded-*` headers count only from a trusted proxy. `Forwarded` (RFC 7239) is ignored: two
//! headers with the same meaning can contradict each other.

use std::future::{Ready, ready};
use std::net::IpAddr;

use actix_web::dev::Payload;
use actix_web::error::ErrorInternalServerError;
use actix_web::http::header::{HOST, HeaderMap, USER_AGENT};
use actix_web::{FromRequest, HttpRequest};
use portal_auth::accounts::Client;
use portal_domain::audit::ClientInfo;
use portal_domain::values::DomainName;

use crate::portal::{HttpConfig, Portal};

/// Longer `User-Agent` headers are cut, in characters.
const MAX_USER_AGENT_CHARS: usize = 512;

/// Where a request came from, and where it was sent to.
#[derive(Debug, Clone)]
pub struct RequestInfo {
    /// Who sent it.
    pub client: Client,
    /// The requested host in lower case, with its port if one was given.
    pub host: String,
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
        let authority = request
            .uri()
            .authority()
            .map_or("", |authority| authority.as_str());
        Self::read(request.headers(), peer.to_canonical(), authority, config)
    }

    fn read(headers: &HeaderMap, peer: IpAddr, authority: &str, config: &HttpConfig) -> Self {
        let is_trusted = |address: &IpAddr| {
            let proxies = &config.trusted_proxies;
            proxies.iter().any(|proxy| proxy.contains(address))
        };
        let mut address = peer;
        let mut host = last(headers, HOST.as_str());
        let mut is_https = false;
        if is_trusted(&peer) {
            host = last(headers, "x-forwarded-host").or(host);
            let scheme = last(headers, "x-forwarded-proto");
            is_https = scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"));
            for hop in forwarded(headers, "x-forwarded-for").rev() {
                // A trusted proxy writes addresses; what is left of anything else is not trusted.
                let Ok(hop) = hop.parse::<IpAddr>() else {
                    break;
                };
                address = hop.to_canonical();
                if !is_trusted(&address) {
                    break;
                }
            }
        }
        let host = host.unwrap_or(authority).to_ascii_lowercase();
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
            },
            custom_domain: DomainName::from_host(&host)
                .filter(|domain| Some(domain.as_str()) != public_host),
            host,
            is_https,
            is_secure: config.force_secure_cookies
                || config.public_url.scheme() == "https"
                || is_https,
        }
    }
}

impl FromRequest for RequestInfo {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let portal = Portal::of(request).map_err(ErrorInternalServerError);
        ready(portal.map(|portal| Self::of(request, &portal.config)))
    }
}

/// The parts of a comma-separated header, over all its lines in their order.
fn forwarded<'h>(
    headers: &'h HeaderMap,
    name: &'static str,
) -> impl DoubleEndedIterator<Item = &'h str> {
    let parts: Vec<_> = headers
        .get_all(name)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    parts.into_iter()
}

fn last<'h>(headers: &'h HeaderMap, name: &'static str) -> Option<&'h str> {
    forwarded(headers, name).next_back()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

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
        RequestInfo::read(&map, peer.parse().unwrap(), "portal.example", &config)
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
    fn client_is_the_rightmost_untrusted_hop() {
        for (chain, client) in [
            (&["198.51.100.1"][..], "198.51.100.1"),
            (&["6.6.6.6, 198.51.100.1, 10.0.0.7"], "198.51.100.1"),
            (&["6.6.6.6, 198.51.100.1", "10.0.0.7"], "198.51.100.1"),
            (&["::ffff:198.51.100.1"], "198.51.100.1"),
            (&["10.0.0.8, 10.0.0.7"], "10.0.0.8"),
            (&["6.6.6.6, unknown, 10.0.0.7"], "10.0.0.7"),
            (&["nonsense"], "10.0.0.1"),
            (&[], "10.0.0.1"),
        ] {
            let headers: Vec<_> = chain
                .iter()
                .map(|hops| ("x-forwarded-for", *hops))
                .collect();
            assert_eq!(
                read("10.0.0.1", &headers).client.address.to_string(),
                client,
                "{chain:?}"
            );
        }
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
        assert_eq!(info.custom_domain.unwrap().as_str(), "support.acme.example");
    }

    #[test]
    fn public_host_is_no_custom_domain() {
        let info = read("203.0.113.9", &[("host", "portal.example:8080")]);
        assert_eq!(info.custom_domain, None);
    }
}
