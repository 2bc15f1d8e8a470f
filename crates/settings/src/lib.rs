//! The settings of the portal's programs, read and checked once at the start.
//!
//! A program flattens [`SettingsArgs`] into its own command line and calls
//! [`SettingsArgs::load`]. The result is a [`ServerSettings`], an [`AdminSettings`] or a struct of
//! its own made of the same groups. All values are parsed and consistent.
//!
//! Sources of a value, first match wins:
//!
//! 1. a flag, unless it is secret (`PORTAL_BIND` is `--portal-bind`);
//! 2. an environment variable, or, for a secret, the file that `<NAME>_FILE` names;
//! 3. in development, the file `.env` in the working directory;
//! 4. the default.
//!
//! An empty flag or variable counts as unset.
//!
//! By default, this crate depends on none of the portal's other crates, so that other programs can
//! use it too. The feature `auth` converts [`Argon2Settings`] into the parameters of `portal-auth`,
//! and `files` opens the place of [`FileSettings`].
//!
//! # Adding a setting
//!
//! Add a field to the struct of its group, with its variable, default and parser in `#[arg(…)]` and
//! its help as the doc comment, and a row to the README's table. The flag follows from the variable;
//! a secret, marked by `hide_env_values`, has none. A rule that spans several settings goes into its
//! group's `check`.

mod argon2;
mod args;
mod database;
mod declared;
mod error;
mod files;
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
#[cfg(feature = "files")]
pub use self::files::OpenDepotError;
pub use self::files::{FilePlace, FileSettings};
pub use self::general::{DeploymentMode, GeneralSettings};
pub use self::http::{CookieSameSite, HttpSettings};
pub use self::logging::{LogFormat, LogSettings};
pub use self::mail::MailSettings;
pub use self::programs::{AdminSettings, ServerSettings, Settings};
pub use self::state::{StateBackend, StateSettings};
pub use self::unknown::UnknownVariable;
pub use self::variables::Variables;
