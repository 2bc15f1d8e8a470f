//! What a password hash costs.

use crate::args::SettingsArgs;
use crate::error::{InvalidValue, SettingsError};
use crate::parse::number;
use crate::variables::Variables;

/// The most memory for one hash: four GiB, far above what anybody means.
const MAX_MEMORY_KIB: u32 = 4 * 1024 * 1024;

/// The parameters of Argon2id, and how many hashes may wait for a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argon2Settings {
    /// Memory of one hash in KiB; at least 8 for each lane (RFC 9106, section 3.1).
    pub memory_kib: u32,
    /// Passes over the memory, at least 1.
    pub iterations: u32,
    /// Lanes, at least 1.
    pub parallelism: u32,
    /// Hashes that may wait, at least 1; more are refused at once.
    pub queue: usize,
}

impl Argon2Settings {
    pub(crate) fn resolve(
        args: &SettingsArgs,
        variables: &Variables,
    ) -> Result<Self, SettingsError> {
        let memory_kib = variables
            .value(
                "PORTAL_ARGON2_MEMORY_KIB",
                args.portal_argon2_memory_kib.as_deref(),
                number(8..=MAX_MEMORY_KIB),
            )?
            .unwrap_or(19_456);
        let iterations = variables
            .value(
                "PORTAL_ARGON2_ITERATIONS",
                args.portal_argon2_iterations.as_deref(),
                number(1..=1_000),
            )?
            .unwrap_or(2);
        let parallelism = variables
            .value(
                "PORTAL_ARGON2_PARALLELISM",
                args.portal_argon2_parallelism.as_deref(),
                number(1..=255),
            )?
            .unwrap_or(1);
        let queue = variables
            .value(
                "PORTAL_ARGON2_QUEUE",
                args.portal_argon2_queue.as_deref(),
                number(1..=100_000),
            )?
            .unwrap_or(64);
        if memory_kib < 8 * parallelism {
            return Err(SettingsError::Invalid {
                name: "PORTAL_ARGON2_MEMORY_KIB",
                reason: InvalidValue::Argon2Memory,
            });
        }
        Ok(Self {
            memory_kib,
            iterations,
            parallelism,
            queue,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(variables: &[(&str, &str)]) -> Result<Argon2Settings, String> {
        let variables = variables.iter().copied().collect();
        Argon2Settings::resolve(&SettingsArgs::default(), &variables)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn defaults() {
        let expected = Argon2Settings {
            memory_kib: 19_456,
            iterations: 2,
            parallelism: 1,
            queue: 64,
        };
        assert_eq!(resolve(&[]), Ok(expected));
    }

    #[test]
    fn every_lane_needs_eight_kib() {
        let lanes = ("PORTAL_ARGON2_PARALLELISM", "2");
        assert!(resolve(&[lanes, ("PORTAL_ARGON2_MEMORY_KIB", "16")]).is_ok());
        assert_eq!(
            resolve(&[lanes, ("PORTAL_ARGON2_MEMORY_KIB", "15")]).unwrap_err(),
            "PORTAL_ARGON2_MEMORY_KIB must be at least 8 times PORTAL_ARGON2_PARALLELISM."
        );
    }

    #[test]
    fn nothing_may_be_zero() {
        for name in [
            "PORTAL_ARGON2_MEMORY_KIB",
            "PORTAL_ARGON2_ITERATIONS",
            "PORTAL_ARGON2_PARALLELISM",
            "PORTAL_ARGON2_QUEUE",
        ] {
            assert!(
                resolve(&[(name, "0")]).unwrap_err().starts_with(name),
                "{name}"
            );
        }
    }
}
