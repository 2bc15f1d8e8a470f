//! URLs that an operator enters and pages link to.

use url::{Host, Url};
use validator::ValidateLength as _;

use crate::text::text_value;

/// The longest URL accepted, in Unicode scalar values. Browsers and proxies carry at least this
/// much.
pub const MAX_URL_CHARS: u64 = 2048;

/// Why a text is not a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Not an absolute URL with one of the schemes `http` and `https`.
    #[error("must be an absolute http or https URL")]
    NotHttp,
    /// Not an absolute URL with the scheme `https`.
    #[error("must be an absolute https URL")]
    NotHttps,
    /// Longer than [`MAX_URL_CHARS`].
    #[error("must be at most {} characters", MAX_URL_CHARS)]
    TooLong,
    /// With a user name or a password, which every reader of the page would see.
    #[error("must not contain a user name or password")]
    Credentials,
}

text_value! {
    /// An absolute `http` or `https` URL, kept as it was written but for white space around it.
    pub struct HttpUrl(parse_http) -> LinkError;
}

text_value! {
    /// An absolute `https` URL, kept as it was written but for white space around it.
    pub struct HttpsUrl(parse_https) -> LinkError;
}

impl HttpsUrl {
    /// The origin in its ASCII serialization (WHATWG HTML), such as `https://cdn.example.com`:
    /// what a `Content-Security-Policy` names to allow this URL. It never holds a wildcard, or a
    /// character that could end the directive.
    pub fn origin(&self) -> String {
        Url::parse(&self.0)
            .map(|url| url.origin().ascii_serialization())
            .unwrap_or_default()
    }
}

fn parse_http(text: &str) -> Result<String, LinkError> {
    parse(text, &["http", "https"], LinkError::NotHttp)
}

fn parse_https(text: &str) -> Result<String, LinkError> {
    parse(text, &["https"], LinkError::NotHttps)
}

fn parse(text: &str, schemes: &[&str], wrong: LinkError) -> Result<String, LinkError> {
    let text = text.trim();
    if !text.validate_length(None, Some(MAX_URL_CHARS), None) {
        return Err(LinkError::TooLong);
    }
    // The URL parser drops tabs and newlines and reads `https:host` as `https://host`; neither is
    // accepted here.
    let (scheme, _) = text.split_once("://").ok_or(wrong)?;
    let known = schemes
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known));
    if !known || text.contains(|c: char| c.is_control() || c.is_whitespace()) {
        return Err(wrong);
    }
    let Ok(url) = Url::parse(text) else {
        return Err(wrong);
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(LinkError::Credentials);
    }
    if has_ordinary_host(&url) {
        Ok(text.to_owned())
    } else {
        Err(wrong)
    }
}

/// Whether the host is an IP address or a name of letters, digits, hyphens and underscores.
///
/// The URL standard also lets names hold characters such as `*`, `;` and `'`, which no host has
/// and which mean something in a `Content-Security-Policy`.
fn has_ordinary_host(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte)),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_kept_as_written() {
        for text in [
            "https://example.com",
            "http://example.com:8080/a%20b?c=d#e",
            "HTTPS://Example.COM/Logo.PNG",
            "https://bücher.example/ü",
            "http://127.0.0.1/",
            "http://[::1]:3000/",
            "http://intranet/ticket/7",
        ] {
            assert_eq!(text.parse::<HttpUrl>().unwrap().as_str(), text);
        }
        assert_eq!(
            " https://example.com\n"
                .parse::<HttpUrl>()
                .unwrap()
                .as_str(),
            "https://example.com"
        );
    }

    #[test]
    fn what_is_not_a_web_address_is_refused() {
        for text in [
            "",
            "example.com",
            "//example.com",
            "/path",
            "https:example.com",
            "https:/example.com",
            "https:\\\\example.com",
            "https://",
            "https://?x",
            "ftp://example.com",
            "javascript://example.com/%0aalert(1)",
            "data:text/html,x",
            "https://exa\nmple.com",
            "ht\ttps://example.com",
            "https://example.com/\0",
            "https://example.com/a b",
            "https://exa mple.com",
            "https://example.com:99999",
            "https://[::1",
            "https://*.example.com/",
            "https://a;script-src'.example.com/",
        ] {
            assert_eq!(text.parse::<HttpUrl>(), Err(LinkError::NotHttp), "{text:?}");
            assert_eq!(
                text.parse::<HttpsUrl>(),
                Err(LinkError::NotHttps),
                "{text:?}"
            );
        }
    }

    #[test]
    fn only_https_is_good_enough_for_what_pages_load() {
        assert_eq!(
            "http://example.com/a.png".parse::<HttpsUrl>(),
            Err(LinkError::NotHttps)
        );
        assert!("http://example.com/a.png".parse::<HttpUrl>().is_ok());
    }

    #[test]
    fn credentials_are_refused() {
        for text in [
            "https://user@example.com",
            "https://user:word@example.com",
            "https://:w@example.com",
        ] {
            assert_eq!(
                text.parse::<HttpUrl>(),
                Err(LinkError::Credentials),
                "{text}"
            );
        }
    }

    #[test]
    fn length_is_limited() {
        let longest = format!("https://example.com/{}", "ü".repeat(2028));
        assert!(longest.parse::<HttpUrl>().is_ok());
        assert_eq!(
            format!("{longest}x").parse::<HttpUrl>(),
            Err(LinkError::TooLong)
        );
        assert_eq!(
            LinkError::TooLong.to_string(),
            "must be at most 2048 characters"
        );
    }

    #[test]
    fn the_origin_is_scheme_host_and_unusual_port() {
        for (text, origin) in [
            (
                "https://CDN.example.com/logo.png?v=1",
                "https://cdn.example.com",
            ),
            ("https://cdn.example.com:443/", "https://cdn.example.com"),
            (
                "https://cdn.example.com:8443/",
                "https://cdn.example.com:8443",
            ),
            ("https://bücher.example/", "https://xn--bcher-kva.example"),
            ("https://[2001:db8::1]/", "https://[2001:db8::1]"),
        ] {
            assert_eq!(text.parse::<HttpsUrl>().unwrap().origin(), origin);
        }
    }
}
