//! The parameters of password hashing.

use clap::Args;

use crate::error::SettingsError;
use crate::parse::number;

/// The limit of `PORTAL_ARGON2_MEMORY_KIB`: four GiB.
const MAX_MEMORY_KIB: u32 = 4 * 1024 * 1024;

/// The parameters of Argon2id, and the length of the queue of hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
#[command(next_help_heading = "Passwords")]
pub struct Argon2Settings {
    /// Memory of one hash, at least 8 KiB per lane
    // The minimum is that of RFC 9106, section 3.1.
    #[arg(env = "PORTAL_ARGON2_MEMORY_KIB", value_name = "KIB")]
    #[arg(default_value = "19456", value_parser = number::<u32>(8..=MAX_MEMORY_KIB))]
    pub memory_kib: u32,

    /// Passes of one hash over its memory
    #[arg(env = "PORTAL_ARGON2_ITERATIONS")]
    #[arg(value_name = "COUNT", default_value = "2", value_parser = number::<u32>(1..=1_000))]
    pub iterations: u32,

    /// Lanes of one hash
    #[arg(env = "PORTAL_ARGON2_PARALLELISM")]
    #[arg(value_name = "COUNT", default_value = "1", value_parser = number::<u32>(1..=255))]
    pub parallelism: u32,

    /// Hashes that may wait; more are answered with 503
    #[arg(env = "PORTAL_ARGON2_QUEUE", value_name = "COUNT")]
    #[arg(default_value = "64", value_parser = number::<usize>(1..=100_000))]
    pub queue: usize,
}

impl Argon2Settings {
    /// Checks the rules that span several settings.
    pub fn check(&self) -> Result<(), SettingsError> {
        if self.memory_kib < 8 * self.parallelism {
            return Err(SettingsError::invalid(
                "PORTAL_ARGON2_MEMORY_KIB",
                "must be at least 8 times PORTAL_ARGON2_PARALLELISM",
            ));
        }
        Ok(())
    }
}

#[cfg(feature = "auth")]
impl From<Argon2Settings> for portal_auth::Argon2Params {
    fn from(settings: Argon2Settings) -> Self {
        let Argon2Settings {
            memory_kib,
            iterations,
            parallelism,
            queue,
        } = settings;
        Self {
            memory_kib,
            iterations,
            parallelism,
            queue,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declared::read;

    fn resolve(variables: &[(&str, &str)]) -> Result<Argon2Settings, String> {
        let variables = variables.iter().copied().collect();
        read(&variables)
            .and_then(|settings: Argon2Settings| settings.check().map(|()| settings))
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
    fn memory_below_eight_kib_per_lane_is_refused() {
        let lanes = ("PORTAL_ARGON2_PARALLELISM", "2");
        assert!(resolve(&[lanes, ("PORTAL_ARGON2_MEMORY_KIB", "16")]).is_ok());
        assert_eq!(
            resolve(&[lanes, ("PORTAL_ARGON2_MEMORY_KIB", "15")]).unwrap_err(),
            "PORTAL_ARGON2_MEMORY_KIB must be at least 8 times PORTAL_ARGON2_PARALLELISM."
        );
    }

    #[test]
    fn zero_is_refused() {
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
