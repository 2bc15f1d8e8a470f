//! Errors. No message contains a value, because it may be secret.

use std::borrow::Cow;
use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why the settings were refused. Each message is one sentence that names the variable.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// The variable's value is invalid, or missing where it is required.
    #[error("{name} {reason}.")]
    Invalid {
        /// The environment variable, even if the value came from its flag.
        name: String,
        /// What is wrong with it.
        reason: InvalidValue,
    },
    /// The file with a secret cannot be read.
    #[error("The file {} that {name}_FILE names cannot be read: {reason}.", path.display())]
    UnreadableSecret {
        /// The environment variable without `_FILE`.
        name: String,
        /// The file it names.
        path: PathBuf,
        /// Why it cannot be read.
        reason: io::Error,
    },
    /// The file with a secret is empty.
    #[error("The file {} that {name}_FILE names is empty.", path.display())]
    EmptySecret {
        /// The environment variable without `_FILE`.
        name: String,
        /// The file it names.
        path: PathBuf,
    },
    /// The `.env` file exists but cannot be read.
    #[error("The file {} cannot be read: {reason}.", path.display())]
    UnreadableDotenv {
        /// The file.
        path: PathBuf,
        /// Why it cannot be read.
        reason: io::Error,
    },
    /// An entry of the `.env` file is not of the form `NAME=value`.
    #[error("Entry {entry} of the file {} must have the form NAME=value.", path.display())]
    MalformedDotenv {
        /// The file.
        path: PathBuf,
        /// The number of the entry, from 1, not counting blank lines and comments.
        entry: usize,
    },
    /// The `.env` file sets production mode, in which it would not be read.
    #[error(
        "PORTAL_ENV must be set in the environment for production, because `.env` is read in \
         development only."
    )]
    ProductionInDotenv,
}

impl SettingsError {
    pub(crate) fn invalid(name: &str, reason: impl Into<Cow<'static, str>>) -> Self {
        Self::Invalid {
            name: name.to_owned(),
            reason: InvalidValue::new(reason),
        }
    }
}

/// What is wrong with a value, without quoting it. Reads on from the name of the variable.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct InvalidValue(Cow<'static, str>);

impl InvalidValue {
    pub(crate) fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self(reason.into())
    }
}
