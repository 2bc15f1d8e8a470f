//! Cache headers, entity tags and conditional requests.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, ETAG, HeaderName, HeaderValue, IF_NONE_MATCH, VARY};
use actix_web::{HttpRequest, HttpResponse, Responder};
use data_encoding::BASE64URL_NOPAD;
use highway::{HighwayHash as _, HighwayHasher, Key};
use portal_domain::ids::{OrganizationId, UserId};
use portal_domain::profiles::Account;
use portal_session::{Fault, Portal};
use secrecy::ExposeSecret as _;
use serde::Serialize;
use uuid::Uuid;

use crate::error::ApiError;

/// Who may cache a response, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CachePolicy {
    /// Shared caches: the response depends on the host only.
    Branding,
    /// The client's own cache: the response depends on a host that a proxy has named instead of the
    /// request's, and that a client may have named to the proxy. A shared cache would keep it for
    /// the request's host.
    ForwardedBranding,
    /// The user's own client, for devices, tickets and assets.
    List,
    /// The user's own client, for the profile.
    Profile,
}

impl CachePolicy {
    const fn cache_control(self) -> &'static str {
        match self {
            Self::Branding => "public, max-age=300, s-maxage=3600, stale-while-revalidate=86400",
            Self::ForwardedBranding => "private, max-age=300",
            Self::List => "private, max-age=15, stale-while-revalidate=90",
            Self::Profile => "private, max-age=15, stale-while-revalidate=60",
        }
    }

    /// For content delivery networks, not all of which obey `s-maxage`
    /// ([RFC 9213](https://www.rfc-editor.org/rfc/rfc9213)).
    const fn cdn_cache_control(self) -> Option<&'static str> {
        match self {
            Self::Branding => Some("public, max-age=3600, stale-while-revalidate=86400"),
            Self::ForwardedBranding | Self::List | Self::Profile => None,
        }
    }

    const fn vary(self) -> &'static str {
        match self {
            Self::Branding => "Host",
            Self::ForwardedBranding => "Host, X-Forwarded-Host",
            Self::List | Self::Profile => "Authorization, Cookie",
        }
    }
}

/// A JSON response with an entity tag, or 304 for a client that has it.
pub(crate) struct Cached<T> {
    policy: CachePolicy,
    /// Whom the response is for; part of the entity tag.
    audience: Option<(UserId, OrganizationId)>,
    body: T,
}

impl<T> Cached<T> {
    pub(crate) fn public(policy: CachePolicy, body: T) -> Self {
        Self {
            policy,
            audience: None,
            body,
        }
    }

    pub(crate) fn private(policy: CachePolicy, account: &Account, body: T) -> Self {
        Self {
            policy,
            audience: Some((account.user.id, account.organization.id)),
            body,
        }
    }
}

impl<T: Serialize> Responder for Cached<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        self.response(request)
            .unwrap_or_else(|fault| HttpResponse::from_error(ApiError::from(fault)))
    }
}

impl<T: Serialize> Cached<T> {
    fn response(&self, request: &HttpRequest) -> Result<HttpResponse, Fault> {
        let body = serde_json::to_vec(&self.body).map_err(Fault::internal)?;
        let tag = self.entity_tag(request, &body)?;
        let mut response = if is_known(request, &tag) {
            HttpResponse::new(StatusCode::NOT_MODIFIED)
        } else {
            HttpResponse::Ok()
                .content_type("application/json")
                .body(body)
        };
        let headers = response.headers_mut();
        headers.insert(
            CACHE_CONTROL,
            HeaderValue::from_static(self.policy.cache_control()),
        );
        headers.insert(VARY, HeaderValue::from_static(self.policy.vary()));
        if let Some(value) = self.policy.cdn_cache_control() {
            let name = HeaderName::from_static("cdn-cache-control");
            headers.insert(name, HeaderValue::from_static(value));
        }
        if let Ok(tag) = HeaderValue::from_str(&format!("W/{tag}")) {
            headers.insert(ETAG, tag);
        }
        Ok(response)
    }
}

impl<T> Cached<T> {
    /// The opaque part of the tag, in quotes. It covers the version, the request, the user and the
    /// body. The hash has a secret key, so that nobody can write texts for which two bodies have the
    /// same tag.
    fn entity_tag(&self, request: &HttpRequest, body: &[u8]) -> Result<String, Fault> {
        let target = request
            .uri()
            .path_and_query()
            .map_or("", |target| target.as_str());
        let audience = self.audience.map(|(user, organization)| {
            let ids = [Uuid::from(user), Uuid::from(organization)];
            ids.map(Uuid::into_bytes)
        });
        let mut hash = HighwayHasher::new(key(Portal::of(request)?.entity_tag_key.expose_secret()));
        for part in [env!("CARGO_PKG_VERSION"), target] {
            hash.append(part.as_bytes());
            hash.append(&[0]);
        }
        hash.append(audience.as_ref().map_or(&[], |ids| ids.as_flattened()));
        hash.append(&[0]);
        hash.append(body);
        let hash = hash.finalize128().map(u64::to_le_bytes);
        Ok(format!(
            "\"{}\"",
            BASE64URL_NOPAD.encode(hash.as_flattened())
        ))
    }
}

fn key(bytes: &[u8; 32]) -> Key {
    let (words, _) = bytes.as_chunks();
    let mut key = Key::default();
    for (word, bytes) in key.0.iter_mut().zip(words) {
        *word = u64::from_le_bytes(*bytes);
    }
    key
}

/// Whether `If-None-Match` has the tag (weak comparison, RFC 9110, section 13.1.2). Our tags have
/// no comma, so the header can be split at commas.
pub(crate) fn is_known(request: &HttpRequest, tag: &str) -> bool {
    request
        .headers()
        .get_all(IF_NONE_MATCH)
        .filter_map(|value| value.to_str().ok())
        .any(|value| {
            value.split(',').map(str::trim).any(|candidate| {
                candidate == "*" || candidate.strip_prefix("W/").unwrap_or(candidate) == tag
            })
        })
}
