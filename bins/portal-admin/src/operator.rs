//! The operator's name.

use std::env;
use std::process::Command;

use portal_domain::actors::Operator;
use portal_domain::values::PersonName;

/// The name if no other is known.
const UNKNOWN: &str = "unknown";

/// The operator of this name, or else of the system's user name.
pub(crate) fn identify(name: Option<PersonName>) -> anyhow::Result<Operator> {
    let name = name.or_else(from_environment).or_else(from_id);
    Ok(Operator::named(name.map_or_else(|| UNKNOWN.parse(), Ok)?))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the system sets these, not whoever configures the portal"
)]
fn from_environment() -> Option<PersonName> {
    ["USER", "LOGNAME", "USERNAME"]
        .into_iter()
        .find_map(|variable| env::var(variable).ok()?.parse().ok())
}

/// The output of `id -un`, for when no login has set the variables.
fn from_id() -> Option<PersonName> {
    let output = Command::new("id").arg("-un").output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
