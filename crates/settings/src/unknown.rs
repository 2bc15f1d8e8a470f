//! Variables that look like settings but are none: misspelt ones, mostly.

use std::collections::BTreeSet;
use std::fmt;

use strsim::normalized_damerau_levenshtein;

/// What the names of most settings begin with. Other variables are none of our business.
const PREFIXES: [&str; 2] = ["PORTAL_", "DATABASE_"];

/// How alike two names must be, from 0 to 1, for one to be suggested instead of the other.
const NEAR: f64 = 0.6;

/// A variable that begins like a setting but is none. Its value is not known here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownVariable {
    /// Its name.
    pub name: String,
    /// The name that was probably meant.
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

/// The known name that is most like this one, if it is like it at all. The beginning that many
/// names have in common does not make them alike.
fn nearest<'a>(name: &str, known: &'a BTreeSet<String>) -> Option<&'a String> {
    fn stem(name: &str) -> &str {
        name.strip_prefix("PORTAL_").unwrap_or(name)
    }
    known
        .iter()
        .map(|known| {
            let alike = normalized_damerau_levenshtein(stem(name), stem(known));
            (alike, known)
        })
        .filter(|(alike, _)| *alike >= NEAR)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known)
}

/// Whether Kubernetes sets this variable in every container beside a service, such as one called
/// `portal` or `database`: `{SVC}_SERVICE_HOST`, `{SVC}_SERVICE_PORT`, `{SVC}_SERVICE_PORT_{NAME}`,
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
    fn a_misspelt_name_is_told_from_what_has_nothing_to_do_with_the_portal() {
        for (name, said) in [
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
            assert_eq!(found(name).as_deref(), Some(said));
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
    fn what_kubernetes_sets_is_not_warned_of() {
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
