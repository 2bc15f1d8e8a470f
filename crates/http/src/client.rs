//! The client's address, scheme and host, from trusted headers.
//!
//! A proxy in front of the portal says who the client is and how it came; anybody else who says so
//! is ignored. `Forwarded` (RFC 7239) is not read: two headers that tell the same are two chances
//! to be fooled.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::header::{HeaderMap, USER_AGENT};
use actix_web::web::Data;
use ipnet::IpNet;
use portal_auth::accounts::Client;
use portal_domain::audit::ClientInfo;
use portal_domain::values::DomainName;

use crate::portal::Portal;

/// The longest `User-Agent` that is kept, in characters.
const MAX_USER_AGENT_CHARS: usize = 512;

/// Where a request came from, and where it was sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RequestInfo {
    /// The client's address.
    pub address: IpAddr,
    /// The host that it asked for, with the port if it named one, in lower case.
    pub host: String,
    /// Whether it came over HTTPS.
    pub is_https: bool,
    /// What it calls itself.
    pub user_agent: Option<String>,
}

impl RequestInfo {
    /// Reads a request.
    pub(crate) fn of(request: &HttpRequest, trusted_proxies: &[IpNet]) -> Self {
        let peer = request
            .peer_addr()
            .map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.ip());
        // HTTP/2 has the host there; `connection_info` would believe anybody's forwarding headers.
        let authority = request
            .uri()
            .authority()
            .map_or("", |authority| authority.as_str());
        Self::read(
            request.headers(),
            peer.to_canonical(),
            authority,
            trusted_proxies,
        )
    }

    fn read(headers: &HeaderMap, peer: IpAddr, authority: &str, trusted_proxies: &[IpNet]) -> Self {
        let is_trusted = |address: &IpAddr| trusted_proxies.iter().any(|net| net.contains(address));
        let mut info = Self {
            address: peer,
            host: last_host(headers, "host").unwrap_or_else(|| authority.to_ascii_lowercase()),
            is_https: false,
            user_agent: headers
                .get(USER_AGENT)
                .map(|agent| String::from_utf8_lossy(agent.as_bytes()))
                .map(|agent| agent.chars().take(MAX_USER_AGENT_CHARS).collect()),
        };
        if !is_trusted(&peer) {
            return info;
        }
        if let Some(host) = last_host(headers, "x-forwarded-host") {
            info.host = host;
        }
        let proto = forwarded(headers, "x-forwarded-proto").next_back();
        info.is_https = proto.is_some_and(|proto| proto.eq_ignore_ascii_case("https"));
        for hop in forwarded(headers, "x-forwarded-for").rev() {
            // What a trusted proxy wrote is an address; anything else ends what can be believed.
            let Ok(address) = hop.parse::<IpAddr>() else {
                break;
            };
            info.address = address.to_canonical();
            if !is_trusted(&info.address) {
                break;
            }
        }
        info
    }

    /// The host as a domain that an organization may own: `None` for the portal's own.
    pub(crate) fn custom_domain(&self, public_host: Option<&str>) -> Option<DomainName> {
        DomainName::from_host(&self.host).filter(|domain| Some(domain.as_str()) != public_host)
    }

    /// Where the request came from, for the audit log.
    pub(crate) fn client_info(&self) -> ClientInfo {
        ClientInfo {
            ip_address: Some(self.address),
            user_agent: self.user_agent.clone(),
        }
    }

    /// The client, for whom attempts are counted.
    pub(crate) fn client(&self) -> Client {
        Client {
            address: self.address,
            info: self.client_info(),
        }
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

fn last_host(headers: &HeaderMap, name: &'static str) -> Option<String> {
    forwarded(headers, name)
        .next_back()
        .map(str::to_ascii_lowercase)
}

impl actix_web::FromRequest for RequestInfo {
    type Error = actix_web::Error;
    type Future = std::future::Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let trusted = request
            .app_data::<Data<Portal>>()
            .map_or(&[][..], |portal| &portal.config.trusted_proxies);
        std::future::ready(Ok(Self::of(request, trusted)))
    }
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
        let trusted = [
            "10.0.0.0/8".parse().unwrap(),
            "2001:db8::/32".parse().unwrap(),
        ];
        RequestInfo::read(&map, peer.parse().unwrap(), "portal.example", &trusted)
    }

    #[test]
    fn a_stranger_is_not_believed() {
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
        assert_eq!(info.address.to_string(), "203.0.113.9");
        assert_eq!(
            (info.host.as_str(), info.is_https),
            ("portal.example", false)
        );
    }

    #[test]
    fn the_rightmost_untrusted_hop_is_the_client() {
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
                read("10.0.0.1", &headers).address.to_string(),
                client,
                "{chain:?}"
            );
        }
    }

    #[test]
    fn a_trusted_proxy_tells_host_and_scheme() {
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
        assert_eq!(
            info.custom_domain(None).unwrap().as_str(),
            "support.acme.example"
        );
        assert_eq!(info.custom_domain(Some("support.acme.example")), None);
    }
}
