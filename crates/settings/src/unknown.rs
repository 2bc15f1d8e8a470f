//! Unknown variables that look like settings, mostly misspelt ones.

use std::collections::BTreeSet;
use std::fmt;

use strsim::normalized_damerau_levenshtein;

/// The prefixes of settings; variables without one are ignored.
const PREFIXES: [&str; 2] = ["PORTAL_", "DATABASE_"];

/// The similarity of two names, from 0 to 1, from which one is suggested for the other.
const MIN_SIMILARITY: f64 = 0.6;

/// A variable that begins like a setting but is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownVariable {
    /// Its name.
    pub name: String,
    /// The most similar setting.
    pub nearest: Option<String>,
}

impl fmt::Display for UnknownVariable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not a setting", self.name)?;
        match &self.nearest {
            Some(nearest) => write!(f, "; did you mean {nearest}?"),
            None => Ok(()),
        }
    }
}

/// Finds the unknown variables among `names`.
pub(crate) fn among<'a>(
    names: impl Iterator<Item = &'a str>,
    known: &BTreeSet<String>,
) -> Vec<UnknownVariable> {
    names
        .filter(|name| PREFIXES.iter().any(|prefix| name.starts_with(prefix)))
        .filter(|name| !known.contains(*name) && !is_service_link(name))
        .map(|name| UnknownVariable {
            name: name.to_owned(),
            nearest: nearest(name, known).cloned(),
        })
        .collect()
}

/// The most similar known name, if any is similar enough. The common prefix does not count.
fn nearest<'a>(name: &str, known: &'a BTreeSet<String>) -> Option<&'a String> {
    fn stem(name: &str) -> &str {
        name.strip_prefix("PORTAL_").unwrap_or(name)
    }
    known
        .iter()
        .map(|known| {
            let similarity = normalized_damerau_levenshtein(stem(name), stem(known));
            (similarity, known)
        })
        .filter(|(similarity, _)| *similarity >= MIN_SIMILARITY)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known)
}

/// Whether Kubernetes sets this variable in containers for a service such as `portal` or `database`: `{SVC}_SERVICE_HOST`, `{SVC}_SERVICE_PORT`, `{SVC}_SERVICE_PORT_{NAME}`,
/// `{SVC}_PORT`, and `{SVC}_PORT_{NUMBER}_{PROTOCOL}` alone or with `_PROTO`, `_PORT` or `_ADDR`.
fn is_service_link(name: &str) -> bool {
    let is_number = |rest: &str| rest.starts_with(|first: char| first.is_ascii_digit());
    name.ends_with("_SERVICE_HOST")
        || name.ends_with("_PORT")
        || name.contains("_SERVICE_PORT_")
        || name.split("_PORT_").skip(1).any(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str) -> Option<String> {
        let known = ["PORTAL_BIND", "PORTAL_LOG", "PORTAL_SECRET_KEY_FILE"];
        let known = known.into_iter().chain(["DATABASE_URL", "REDIS_URL"]);
        let known = known.map(str::to_owned).collect();
        let unknown = among([name].into_iter(), &known);
        unknown.first().map(ToString::to_string)
    }

    #[test]
    fn misspelt_settings_are_found_among_unrelated_variables() {
        for (name, message) in [
            (
                "PORTAL_BNID",
                "PORTAL_BNID is not a setting; did you mean PORTAL_BIND?",
            ),
            (
                "PORTAL_SECRETKEY_FILE",
                "PORTAL_SECRETKEY_FILE is not a setting; did you mean PORTAL_SECRET_KEY_FILE?",
            ),
            (
                "DATABASE_ULR",
                "DATABASE_ULR is not a setting; did you mean DATABASE_URL?",
            ),
            (
                "PORTAL_REDIS_URL",
                "PORTAL_REDIS_URL is not a setting; did you mean REDIS_URL?",
            ),
            (
                "PORTAL_DATABASE_URL",
                "PORTAL_DATABASE_URL is not a setting; did you mean DATABASE_URL?",
            ),
            ("PORTAL_FOO", "PORTAL_FOO is not a setting"),
            ("PORTAL_LOG_FILE", "PORTAL_LOG_FILE is not a setting"),
            ("DATABASE_PASSWORD", "DATABASE_PASSWORD is not a setting"),
        ] {
            assert_eq!(found(name).as_deref(), Some(message));
        }
        for name in [
            "PORTAL_BIND",
            "PORTAL_SECRET_KEY_FILE",
            "REDIS_ULR",
            "PATH",
            "MY_PORTAL_BNID",
        ] {
            assert_eq!(found(name), None, "{name}");
        }
    }

    #[test]
    fn kubernetes_service_variables_are_ignored() {
        for name in [
            "PORTAL_SERVICE_HOST",
            "PORTAL_SERVICE_PORT",
            "PORTAL_SERVICE_PORT_HTTP",
            "DATABASE_SERVICE_PORT_POSTGRES_TLS",
            "PORTAL_PORT",
            "PORTAL_PORT_8080_TCP",
            "PORTAL_PORT_8080_TCP_PROTO",
            "PORTAL_PORT_8080_TCP_PORT",
            "PORTAL_SERVER_PORT_8080_TCP_ADDR",
            "DATABASE_PORT_53_UDP_ADDR",
        ] {
            assert_eq!(found(name), None, "{name}");
        }
        for name in [
            "PORTAL_PORT_HTTP",
            "PORTAL_PORT_",
            "PORTAL_SERVICE_HOSTS",
            "PORTAL_PORTS",
            "DATABASE_SERVICE",
        ] {
            assert!(found(name).is_some(), "{name}");
        }
    }
}
