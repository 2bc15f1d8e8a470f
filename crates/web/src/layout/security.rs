//! Security headers of pages.

use actix_web::http::header::{
    CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_FRAME_OPTIONS,
};

/// Left on an answer whose address has a token in it, which no other site may learn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NoReferrer;

/// Adds what every answer has, and what it has unless it says something else.
pub(crate) fn default_headers(headers: &mut HeaderMap, is_secure: bool, no_referrer: bool) {
    let referrer_policy = if no_referrer {
        "no-referrer"
    } else {
        "same-origin"
    };
    let always = [
        (REFERRER_POLICY, referrer_policy),
        (X_FRAME_OPTIONS, "DENY"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
    ];
    for (name, value) in always {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if is_secure {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(STRICT_TRANSPORT_SECURITY, year);
    }
    if !headers.contains_key(CONTENT_SECURITY_POLICY) {
        let nothing = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'";
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(nothing));
    }
}
