//! Safe redirect targets.

use std::fmt;
use std::str::FromStr;

use url::Url;

/// Stands for the portal's host.
const BASE: &str = "https://portal.invalid";

/// A path of the portal with its query, never a URL of another site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LocalPath(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotLocal;

impl LocalPath {
    /// In bytes.
    const MAX_LENGTH: usize = 1024;

    pub(crate) fn home() -> Self {
        Self("/".to_owned())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The sign-in page that leads back to this path.
    pub(crate) fn sign_in(&self) -> String {
        if *self == Self::home() {
            return "/sign-in".to_owned();
        }
        let next: String = url::form_urlencoded::byte_serialize(self.0.as_bytes()).collect();
        format!("/sign-in?next={next}")
    }
}

/// Resolves the text as browsers do.
impl FromStr for LocalPath {
    type Err = NotLocal;

    fn from_str(text: &str) -> Result<Self, NotLocal> {
        let base = Url::parse(BASE).ok().ok_or(NotLocal)?;
        let plain = text.starts_with('/')
            && text.len() <= Self::MAX_LENGTH
            && !text.contains(|c: char| c == '\\' || c.is_control());
        if !plain {
            return Err(NotLocal);
        }
        let url = base.join(text).ok().ok_or(NotLocal)?;
        if url.origin() != base.origin() || url.path().starts_with("//") {
            return Err(NotLocal);
        }
        let query = url.query().map(|query| format!("?{query}"));
        Ok(Self(format!("{}{}", url.path(), query.unwrap_or_default())))
    }
}

impl fmt::Display for LocalPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_paths_are_accepted() {
        for (text, kept) in [
            ("/", "/"),
            (
                "/tickets?status=open&q=a%20b",
                "/tickets?status=open&q=a%20b",
            ),
            ("/tickets/../devices", "/devices"),
            ("/a#b", "/a"),
            ("/@evil.example", "/@evil.example"),
        ] {
            assert_eq!(text.parse::<LocalPath>().unwrap().as_str(), kept);
        }
    }

    #[test]
    fn urls_of_other_sites_are_rejected() {
        for text in [
            "",
            "tickets",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "https://evil.example",
            "https:evil.example",
            "javascript:alert(1)",
            "/..//evil.example",
            "/.//evil.example",
            " //evil.example",
        ] {
            assert_eq!(text.parse::<LocalPath>(), Err(NotLocal), "{text:?}");
        }
    }

    #[test]
    fn sign_in_url_has_the_path_to_return_to() {
        let path: LocalPath = "/tickets?q=a&b".parse().unwrap();
        assert_eq!(path.sign_in(), "/sign-in?next=%2Ftickets%3Fq%3Da%26b");
        assert_eq!(LocalPath::home().sign_in(), "/sign-in");
    }
}
