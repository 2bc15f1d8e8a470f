//! Who operates.

use std::env;
use std::process::Command;

use portal_domain::actors::Operator;
use portal_domain::values::PersonName;

/// The name in the audit log where nothing tells a better one.
const UNKNOWN: &str = "unknown";

/// The operator of this name, or else of the name under which they are known to the system.
pub(crate) fn identify(name: Option<PersonName>) -> anyhow::Result<Operator> {
    let of_the_system = || from_environment().or_else(from_id);
    let name = match name.or_else(of_the_system) {
        Some(name) => name,
        None => UNKNOWN.parse()?,
    };
    Ok(Operator::named(name))
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

/// What `id -un` prints, for where no login has set the variables.
fn from_id() -> Option<PersonName> {
    let output = Command::new("id").arg("-un").output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
