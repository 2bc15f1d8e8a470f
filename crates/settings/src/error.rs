//! What can be wrong with a setting. No message ever contains a value, because it may be a secret.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why the settings were refused. Each message is one sentence that names the variable.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// The variable's value cannot be used, or is missing where it is needed.
    #[error("{name} {reason}.")]
    Invalid {
        /// The environment variable, also where the value came by the flag of the same name.
        name: &'static str,
        /// What is wrong with it.
        reason: InvalidValue,
    },
    /// A variable of the process's environment is not Unicode.
    #[error("{name} must be valid UTF-8.")]
    NotUnicode {
        /// The environment variable.
        name: String,
    },
    /// A secret is given twice, so that it is unclear which one is meant.
    #[error("{name} and {name}_FILE are both set, but only one of them may be.")]
    SetTwice {
        /// The environment variable without `_FILE`.
        name: &'static str,
    },
    /// The file with a secret cannot be read.
    #[error("The file {} that {name}_FILE names cannot be read: {source}.", path.display())]
    UnreadableSecret {
        /// The environment variable without `_FILE`.
        name: &'static str,
        /// The file it names.
        path: PathBuf,
        /// Why it cannot be read.
        source: io::Error,
    },
    /// The file with a secret has nothing in it.
    #[error("The file {} that {name}_FILE names is empty.", path.display())]
    EmptySecret {
        /// The environment variable without `_FILE`.
        name: &'static str,
        /// The file it names.
        path: PathBuf,
    },
    /// The `.env` file exists but cannot be read.
    #[error("The file {} cannot be read: {source}.", path.display())]
    UnreadableDotenv {
        /// The file.
        path: PathBuf,
        /// Why it cannot be read.
        source: io::Error,
    },
    /// An entry of the `.env` file is not of the form `NAME=value`.
    #[error("Entry {entry} of the file {} must have the form NAME=value.", path.display())]
    MalformedDotenv {
        /// The file.
        path: PathBuf,
        /// The number of the entry, from 1, not counting blank lines and comments.
        entry: usize,
    },
    /// The `.env` file asks for production, where it would not be read.
    #[error(
        "PORTAL_ENV must be set in the environment for production, because `.env` is read in \
         development only."
    )]
    ProductionInDotenv,
}

/// What is wrong with one value; reads on from the name of its variable.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidValue {
    /// Not one of the known words.
    #[error("must be one of {allowed}")]
    Choice {
        /// The known words, separated by commas.
        allowed: String,
    },
    /// Not a truth value.
    #[error("must be true, false, 1 or 0")]
    Boolean,
    /// Not a whole number, or outside its range.
    #[error("must be a whole number from {min} to {max}")]
    Number {
        /// The smallest number allowed.
        min: u64,
        /// The largest number allowed.
        max: u64,
    },
    /// Not an address to listen on.
    #[error("must be an IP address or a known host name with a port, such as 127.0.0.1:8080")]
    SocketAddress,
    /// Not an origin.
    #[error(
        "must be an absolute http or https address without credentials, path, query or fragment, \
         such as https://portal.example.com"
    )]
    Origin,
    /// Not a list of networks.
    #[error("must be a comma-separated list of networks, such as 10.0.0.0/8,fd00::/8")]
    Networks,
    /// Not an address of a database.
    #[error("must start with sqlite:// or postgres:// and go on with a path or a server")]
    DatabaseUrl,
    /// An SQLite database that is not a plain file.
    #[error("must name a plain SQLite file, not one in memory and without parameters")]
    SqlitePath,
    /// A further login that belongs to another kind of database, or another SQLite file.
    #[error("must be unset, or the same as DATABASE_URL, with SQLite")]
    SqliteLogin,
    /// An SQLite address beside a PostgreSQL one.
    #[error("must be a postgres:// address, as DATABASE_URL is")]
    PostgresLogin,
    /// Not an address of a Redis server.
    #[error("must be a redis:// or rediss:// address with a host")]
    RedisUrl,
    /// Not an address of a mail server.
    #[error("must be an smtp://, smtps:// or smtp+starttls:// address with a host")]
    SmtpUrl,
    /// Not a mail address.
    #[error(
        "must be a mail address, alone or as in Customer portal <portal@example.com>, on one line"
    )]
    MailAddress,
    /// A sender is needed as soon as mails really leave.
    #[error("must be set where SMTP_URL is")]
    MissingSender,
    /// Too short to derive keys from.
    #[error("must be at least {min} bytes long")]
    TooShort {
        /// The fewest bytes allowed.
        min: usize,
    },
    /// Argon2 needs eight blocks of one KiB for each lane.
    #[error("must be at least 8 times PORTAL_ARGON2_PARALLELISM")]
    Argon2Memory,
    /// Browsers drop such a cookie.
    #[error(
        "may be none only with Secure cookies: set PORTAL_COOKIE_FORCE_SECURE to true or \
         PORTAL_PUBLIC_URL to an https address"
    )]
    SameSiteNoneInsecure,
    /// Production needs state that survives a restart and is shared by all instances.
    #[error("must be redis in production")]
    MemoryInProduction,
    /// Production has no default for it.
    #[error("must be set in production")]
    MissingInProduction,
}
