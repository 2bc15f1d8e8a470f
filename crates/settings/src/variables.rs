//! Environment variables as a map.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::{env, fmt, fs};

use crate::error::SettingsError;

/// The variable that names a file with a secret.
pub(crate) fn file_variable(secret: &str) -> String {
    format!("{secret}{FILE_SUFFIX}")
}

const FILE_SUFFIX: &str = "_FILE";

/// Environment variables by name. Values may be secret, so [`Debug`](fmt::Debug) prints names only.
#[derive(Clone, Default)]
pub struct Variables(BTreeMap<String, OsString>);

impl Variables {
    /// The variables in the environment of this process.
    pub(crate) fn of_process() -> Self {
        // No setting has a name that is not Unicode.
        env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
            .collect()
    }

    /// The variables in a `.env` file; none if there is no such file.
    pub(crate) fn of_dotenv(path: &Path) -> Result<Self, SettingsError> {
        let unreadable = |reason| SettingsError::UnreadableDotenv {
            path: path.to_owned(),
            reason,
        };
        let file = match fs::File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(reason) => return Err(unreadable(reason)),
        };
        dotenvy::Iter::new(file)
            .zip(1..)
            .map(|(variable, entry)| {
                variable.map_err(|error| match error {
                    dotenvy::Error::Io(reason) => unreadable(reason),
                    // dotenvy's own message quotes the line, which may hold a secret.
                    _ => SettingsError::MalformedDotenv {
                        path: path.to_owned(),
                        entry,
                    },
                })
            })
            .collect()
    }

    /// Adds those of `others` that are set here neither as `NAME` nor as `NAME_FILE`.
    pub(crate) fn or(mut self, others: Self) -> Self {
        let is_missing = |name: &str| {
            let base = name.strip_suffix(FILE_SUFFIX).unwrap_or(name);
            !self.has(base)
        };
        let mut missing = others.0;
        missing.retain(|name, _| is_missing(name));
        self.0.extend(missing);
        self
    }

    /// The names of the variables that are set.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let set = self.0.iter().filter(|(_, value)| is_set(value));
        set.map(|(name, _)| name.as_str())
    }

    /// Whether a setting has a value here: in its variable, or in the file that `<NAME>_FILE` names.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some() || self.get(&file_variable(name)).is_some()
    }

    fn get(&self, name: &str) -> Option<&OsStr> {
        let value = self.0.get(name).filter(|value| is_set(value));
        value.map(OsString::as_os_str)
    }

    /// The value of a variable.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, SettingsError> {
        let not_unicode = || SettingsError::invalid(name, "must be valid UTF-8");
        self.get(name)
            .map(|value| value.to_str().ok_or_else(not_unicode))
            .transpose()
    }

    /// The value of a secret, from its variable or the file that `<NAME>_FILE` names, without one line
    /// break at the end.
    pub(crate) fn secret(&self, name: &str) -> Result<Option<String>, SettingsError> {
        let file = self.get(&file_variable(name)).map(PathBuf::from);
        match (self.text(name)?, file) {
            (Some(_), Some(_)) => Err(SettingsError::invalid(
                name,
                format!("and {name}_FILE are both set, but only one of them may be"),
            )),
            (Some(value), None) => Ok(Some(value.to_owned())),
            (None, Some(path)) => read_secret(name.to_owned(), path).map(Some),
            (None, None) => Ok(None),
        }
    }
}

/// An empty variable counts as unset.
fn is_set(value: &OsStr) -> bool {
    value.to_str().is_none_or(|text| !text.trim().is_empty())
}

fn read_secret(name: String, path: PathBuf) -> Result<String, SettingsError> {
    match fs::read_to_string(&path) {
        Ok(content) => {
            let line = content.strip_suffix('\n').unwrap_or(&content);
            let line = line.strip_suffix('\r').unwrap_or(line);
            if line.is_empty() {
                return Err(SettingsError::EmptySecret { name, path });
            }
            Ok(line.to_owned())
        }
        Err(reason) => Err(SettingsError::UnreadableSecret { name, path, reason }),
    }
}

impl<N: Into<String>, V: Into<OsString>> FromIterator<(N, V)> for Variables {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        Self(
            variables
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(variables: &Variables) -> Result<Option<String>, SettingsError> {
        variables.secret("REDIS_URL")
    }

    #[test]
    fn a_secret_file_loses_one_line_break() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret");
        for (content, expected) in [
            ("abc", "abc"),
            ("abc\n", "abc"),
            ("abc\r\n", "abc"),
            (" abc\n\n", " abc\n"),
        ] {
            fs::write(&path, content).unwrap();
            let variables = Variables::from_iter([("REDIS_URL_FILE", path.to_str().unwrap())]);
            assert_eq!(
                secret(&variables).unwrap().as_deref(),
                Some(expected),
                "{content:?}"
            );
        }
    }

    #[test]
    fn an_unreadable_or_empty_secret_file_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret");
        let variables = Variables::from_iter([("REDIS_URL_FILE", path.to_str().unwrap())]);
        let missing = secret(&variables).unwrap_err();
        assert!(
            matches!(missing, SettingsError::UnreadableSecret { .. }),
            "{missing:?}"
        );
        assert!(missing.to_string().contains("REDIS_URL_FILE"));
        fs::write(&path, "\n").unwrap();
        let empty = secret(&variables).unwrap_err();
        assert!(
            matches!(empty, SettingsError::EmptySecret { .. }),
            "{empty:?}"
        );
    }

    #[test]
    fn a_secret_in_both_variable_and_file_is_refused() {
        let variables = Variables::from_iter([("REDIS_URL", "a"), ("REDIS_URL_FILE", "b")]);
        assert_eq!(
            secret(&variables).unwrap_err().to_string(),
            "REDIS_URL and REDIS_URL_FILE are both set, but only one of them may be."
        );
        let blank = Variables::from_iter([("REDIS_URL", "a"), ("REDIS_URL_FILE", "")]);
        assert_eq!(secret(&blank).unwrap().as_deref(), Some("a"));
        assert_eq!(secret(&Variables::default()).unwrap(), None);
    }

    #[test]
    fn the_process_wins_over_the_file_in_either_form_of_a_secret() {
        let process = Variables::from_iter([
            ("PORTAL_LOG", "warn"),
            ("REDIS_URL_FILE", "/run/redis"),
            ("SMTP_URL", "smtp://a"),
            ("MAIL_FROM", ""),
        ]);
        let file = Variables::from_iter([
            ("PORTAL_LOG", "debug"),
            ("REDIS_URL", "redis://b"),
            ("SMTP_URL_FILE", "/run/smtp"),
            ("MAIL_FROM", "a@b.example"),
        ]);
        let merged = process.or(file);
        assert_eq!(merged.text("PORTAL_LOG").unwrap(), Some("warn"));
        assert_eq!(merged.get("REDIS_URL"), None);
        assert_eq!(merged.get("SMTP_URL_FILE"), None);
        assert_eq!(merged.text("MAIL_FROM").unwrap(), Some("a@b.example"));
        let twice = Variables::from_iter([("REDIS_URL", "a"), ("REDIS_URL_FILE", "b")]);
        assert!(secret(&Variables::default().or(twice)).is_err());
    }

    #[test]
    fn a_dotenv_file_is_optional_and_its_errors_do_not_quote_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(".env");
        assert_eq!(Variables::of_dotenv(&path).unwrap().names().count(), 0);
        fs::write(
            &path,
            "# a comment\nPORTAL_LOG=debug\nMAIL_FROM='A <a@b.example>'\n",
        )
        .unwrap();
        let variables = Variables::of_dotenv(&path).unwrap();
        assert_eq!(variables.text("PORTAL_LOG").unwrap(), Some("debug"));
        assert_eq!(
            variables.text("MAIL_FROM").unwrap(),
            Some("A <a@b.example>")
        );
        fs::write(&path, "PORTAL_LOG=debug\n\nhunter2 hunter2\n").unwrap();
        let error = Variables::of_dotenv(&path).unwrap_err();
        assert!(
            matches!(error, SettingsError::MalformedDotenv { entry: 2, .. }),
            "{error:?}"
        );
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }

    #[test]
    fn values_that_are_not_utf_8_are_refused_when_read() {
        use std::os::unix::ffi::OsStringExt;

        let broken = || OsString::from_vec(vec![0xff]);
        let variables = Variables::from_iter([
            ("PATH", broken()),
            ("PORTAL_LOG", "hunter2".into()),
            ("SMTP_URL", broken()),
        ]);
        assert_eq!(variables.text("PORTAL_LOG").unwrap(), Some("hunter2"));
        let error = variables.secret("SMTP_URL").unwrap_err();
        assert_eq!(error.to_string(), "SMTP_URL must be valid UTF-8.");
        let printed = format!("{variables:?}");
        assert_eq!(printed, r#"{"PATH", "PORTAL_LOG", "SMTP_URL"}"#);
    }
}
