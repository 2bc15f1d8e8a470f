//! The settings of the portal's programs: read once at the start, checked in full, then passed on
//! as plain values.
//!
//! A program flattens [`SettingsArgs`] into its own command line and calls
//! [`SettingsArgs::load`]. What comes back is a [`Settings`] in which nothing is left to parse:
//! addresses are addresses, durations are durations, and what contradicts itself has been refused.
//!
//! Where a value comes from, first match wins:
//!
//! 1. a flag, for what is not secret (`PORTAL_BIND` is `--portal-bind`);
//! 2. an environment variable, or, for a secret, the file that `<NAME>_FILE` names;
//! 3. in development, the file `.env` in the working directory;
//! 4. the default.
//!
//! An empty variable counts as unset.
//!
//! This crate depends on none of the portal's other crates, so that each of them can be configured
//! by somebody else's program as well.
//!
//! # Adding a setting
//!
//! Add the flag to [`SettingsArgs`] (not for a secret), the field to the struct of its group,
//! the line that reads it to that group's `resolve`, and the row to the README's table.

mod argon2;
mod args;
mod cookies;
mod database;
mod environment;
mod error;
mod logging;
mod mail;
mod network;
mod parse;
mod settings;
mod state;
mod variables;

pub use self::argon2::Argon2Settings;
pub use self::args::SettingsArgs;
pub use self::cookies::CookieSameSite;
pub use self::database::{DatabaseSettings, DatabaseUrl};
pub use self::environment::Environment;
pub use self::error::{InvalidValue, SettingsError};
pub use self::logging::LogFormat;
pub use self::mail::{MailAddress, MailSettings, MailTransport};
pub use self::network::Origin;
pub use self::settings::Settings;
pub use self::state::StateBackend;
pub use self::variables::Variables;
