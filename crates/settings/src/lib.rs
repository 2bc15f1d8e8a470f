//! The settings of the portal's programs: read once at the start, checked in full, then passed on
//! as plain values.
//!
//! A program flattens [`SettingsArgs`] into its own command line and calls
//! [`SettingsArgs::load`]. What comes back is a [`ServerSettings`], an [`AdminSettings`] or a
//! struct of one's own made of the same groups, in which nothing is left to parse: addresses are
//! addresses, durations are durations, and what contradicts itself has been refused.
//!
//! Where a value comes from, first match wins:
//!
//! 1. a flag, for what is not secret (`PORTAL_BIND` is `--portal-bind`);
//! 2. an environment variable, or, for a secret, the file that `<NAME>_FILE` names;
//! 3. in development, the file `.env` in the working directory;
//! 4. the default.
//!
//! An empty flag or variable counts as unset.
//!
//! This crate depends on none of the portal's other crates, so that each of them can be configured
//! by somebody else's program as well.
//!
//! # Adding a setting
//!
//! Add a field to the struct of its group, with its variable, default and parser in `#[arg(…)]` and
//! its help as the comment, and the row to the README's table. The flag follows from the variable; a
//! secret, marked by `hide_env_values`, has none. A rule that spans several settings goes into the
//! `check` of their group.

mod argon2;
mod args;
mod database;
mod declared;
mod error;
mod general;
mod http;
mod logging;
mod mail;
mod network;
mod parse;
mod programs;
mod state;
mod unknown;
mod variables;

pub use self::argon2::Argon2Settings;
pub use self::args::{Loaded, SettingsArgs};
pub use self::database::{DatabaseSettings, DatabaseUrl};
pub use self::error::{InvalidValue, SettingsError};
pub use self::general::{DeploymentMode, GeneralSettings};
pub use self::http::{CookieSameSite, HttpSettings};
pub use self::logging::{LogFormat, LogSettings};
pub use self::mail::MailSettings;
pub use self::programs::{AdminSettings, ServerSettings, Settings};
pub use self::state::{StateBackend, StateSettings};
pub use self::unknown::UnknownVariable;
pub use self::variables::Variables;
