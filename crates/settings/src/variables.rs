//! Environment variables as a plain map, and how a setting is taken from them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{env, fmt, fs};

use secrecy::SecretString;

use crate::error::{InvalidValue, SettingsError};

/// What a variable's name ends in when it names a file with the secret rather than holding it.
const FILE_SUFFIX: &str = "_FILE";

/// The beginnings of the names of the portal's variables.
///
/// Other variables are none of our business, and may hold anything.
const PREFIXES: [&str; 7] = [
    "PORTAL_",
    "DATABASE_",
    "REDIS_",
    "SMTP_",
    "MAIL_",
    "TRUSTED_",
    "CORS_",
];

/// Environment variables by name. Values may be secret, so [`Debug`](fmt::Debug) prints names only.
#[derive(Clone, Default)]
pub struct Variables(BTreeMap<String, String>);

impl Variables {
    /// The portal's variables in the environment of this process.
    ///
    /// # Errors
    ///
    /// [`SettingsError::NotUnicode`].
    pub fn of_process() -> Result<Self, SettingsError> {
        Self::from_os(env::vars_os())
    }

    fn from_os(
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, SettingsError> {
        variables
            .into_iter()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
            .filter(|(name, _)| PREFIXES.iter().any(|prefix| name.starts_with(prefix)))
            .map(|(name, value)| match value.into_string() {
                Ok(value) => Ok((name, value)),
                Err(_) => Err(SettingsError::NotUnicode { name }),
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The variables in a `.env` file; none if there is no such file.
    ///
    /// # Errors
    ///
    /// [`SettingsError::UnreadableDotenv`] and [`SettingsError::MalformedDotenv`].
    pub fn of_dotenv(path: &Path) -> Result<Self, SettingsError> {
        let unreadable = |source| SettingsError::UnreadableDotenv {
            path: path.to_owned(),
            source,
        };
        let entries = match dotenvy::from_path_iter(path) {
            Ok(entries) => entries,
            Err(error) if error.not_found() => return Ok(Self::default()),
            Err(dotenvy::Error::Io(source)) => return Err(unreadable(source)),
            Err(_) => {
                return Err(SettingsError::MalformedDotenv {
                    path: path.to_owned(),
                    entry: 1,
                });
            }
        };
        entries
            .zip(1..)
            .map(|(variable, entry)| {
                variable.map_err(|error| match error {
                    dotenvy::Error::Io(source) => unreadable(source),
                    // dotenvy's own message quotes the line, and with it perhaps a secret.
                    _ => SettingsError::MalformedDotenv {
                        path: path.to_owned(),
                        entry,
                    },
                })
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Adds those of `others` that are not set here, be it as `NAME` or as `NAME_FILE`.
    #[must_use]
    pub fn or(mut self, others: Self) -> Self {
        for (name, value) in others.0 {
            let base = name.strip_suffix(FILE_SUFFIX).unwrap_or(&name);
            if self.get(base).is_none() && self.get(&format!("{base}{FILE_SUFFIX}")).is_none() {
                self.0.insert(name, value);
            }
        }
        self
    }

    /// The value of a variable; an empty one counts as unset.
    fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.trim().is_empty())
    }

    /// Reads a setting that is not secret, from its flag or else its variable.
    pub(crate) fn value<T>(
        &self,
        name: &'static str,
        flag: Option<&str>,
        parse: impl FnOnce(&str) -> Result<T, InvalidValue>,
    ) -> Result<Option<T>, SettingsError> {
        flag.or_else(|| self.get(name))
            .map(|text| parse(text.trim()))
            .transpose()
            .map_err(|reason| SettingsError::Invalid { name, reason })
    }

    /// Reads a secret setting, from its variable or the file that `<NAME>_FILE` names, less one
    /// line break at the file's end.
    pub(crate) fn secret<T>(
        &self,
        name: &'static str,
        parse: impl FnOnce(SecretString) -> Result<T, InvalidValue>,
    ) -> Result<Option<T>, SettingsError> {
        let file = self.get(&format!("{name}{FILE_SUFFIX}")).map(PathBuf::from);
        let secret = match (self.get(name), file) {
            (Some(_), Some(_)) => return Err(SettingsError::SetTwice { name }),
            (Some(value), None) => SecretString::from(value),
            (None, Some(path)) => read_secret(name, path)?,
            (None, None) => return Ok(None),
        };
        parse(secret)
            .map(Some)
            .map_err(|reason| SettingsError::Invalid { name, reason })
    }
}

fn read_secret(name: &'static str, path: PathBuf) -> Result<SecretString, SettingsError> {
    match fs::read_to_string(&path) {
        Ok(content) => {
            let line = content.strip_suffix('\n').unwrap_or(&content);
            let line = line.strip_suffix('\r').unwrap_or(line);
            if line.is_empty() {
                return Err(SettingsError::EmptySecret { name, path });
            }
            Ok(SecretString::from(line))
        }
        Err(source) => Err(SettingsError::UnreadableSecret { name, path, source }),
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Variables {
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
    use secrecy::ExposeSecret;

    use super::*;

    fn secret(variables: &Variables) -> Result<Option<String>, SettingsError> {
        variables.secret("REDIS_URL", |secret| Ok(secret.expose_secret().to_owned()))
    }

    #[test]
    fn a_flag_wins_over_its_variable_and_blank_is_unset() {
        let variables = Variables::from_iter([("PORTAL_LOG", " debug "), ("PORTAL_ENV", " ")]);
        let read = |name, flag| {
            variables
                .value(name, flag, |text| Ok(text.to_owned()))
                .unwrap()
        };
        assert_eq!(read("PORTAL_LOG", Some("warn")).as_deref(), Some("warn"));
        assert_eq!(read("PORTAL_LOG", None).as_deref(), Some("debug"));
        assert_eq!(read("PORTAL_ENV", None), None);
        assert_eq!(read("PORTAL_BIND", None), None);
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
    fn a_secret_file_must_be_readable_and_have_content() {
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
    fn a_secret_is_given_once() {
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
        assert_eq!(merged.get("PORTAL_LOG"), Some("warn"));
        assert_eq!(merged.get("REDIS_URL"), None);
        assert_eq!(merged.get("SMTP_URL_FILE"), None);
        assert_eq!(merged.get("MAIL_FROM"), Some("a@b.example"));
    }

    #[test]
    fn a_dotenv_file_is_optional_and_its_errors_quote_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(".env");
        assert_eq!(Variables::of_dotenv(&path).unwrap().get("PORTAL_LOG"), None);
        fs::write(
            &path,
            "# a comment\nPORTAL_LOG=debug\nMAIL_FROM='A <a@b.example>'\n",
        )
        .unwrap();
        let variables = Variables::of_dotenv(&path).unwrap();
        assert_eq!(variables.get("PORTAL_LOG"), Some("debug"));
        assert_eq!(variables.get("MAIL_FROM"), Some("A <a@b.example>"));
        fs::write(&path, "PORTAL_LOG=debug\n\nhunter2 hunter2\n").unwrap();
        let error = Variables::of_dotenv(&path).unwrap_err();
        assert!(
            matches!(error, SettingsError::MalformedDotenv { entry: 2, .. }),
            "{error:?}"
        );
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }

    #[test]
    fn only_the_portals_own_variables_must_be_unicode() {
        use std::os::unix::ffi::OsStringExt;

        let broken = || OsString::from_vec(vec![0xff]);
        let process = [
            ("PATH".into(), broken()),
            ("PORTAL_LOG".into(), "debug".into()),
        ];
        let variables = Variables::from_os(process).unwrap();
        assert_eq!(format!("{variables:?}"), r#"{"PORTAL_LOG"}"#);
        let error = Variables::from_os([("SMTP_URL".into(), broken())]).unwrap_err();
        assert_eq!(error.to_string(), "SMTP_URL must be valid UTF-8.");
    }
}
