//! Password hashes: Argon2id (RFC 9106), computed on blocking threads.
//!
//! By design, a hash takes about 20 MiB and tens of milliseconds of a core. At most one per core is
//! computed at a time, a bounded number waits, and the rest fail at once, so that a flood of
//! sign-ins does not starve other requests.
//!
//! One client's address, and one account, hold only a small share of these places
//! ([`PasswordHasher::on_behalf_of`]): who asks for more waits for their own earlier jobs first, while
//! the places stay free for others.

mod memory;
mod pace;
mod places;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use argon2::{Algorithm, Params, Version};
use data_encoding::BASE64_NOPAD;
use password_hash::phc::{PasswordHash, Salt};
use password_hash::{CustomizedPasswordHasher as _, PasswordVerifier as _};
use portal_domain::profiles::password::opaque_string;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::task::spawn_blocking;
use tracing::{Span, warn};

use self::memory::{Memory, Spare};
use self::pace::Pace;
use self::places::Places;
use crate::random;
use crate::rate_limits::Subject;

/// The cost of hashing a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argon2Params {
    /// Memory for one hash, in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub iterations: u32,
    /// Lanes. They are computed sequentially, so more of them do not make a hash faster.
    pub parallelism: u32,
    /// How many jobs may wait for a core; more fail with [`PasswordHashError::Busy`].
    pub queue: usize,
}

/// The minimum that OWASP's Password Storage Cheat Sheet recommends for Argon2id.
impl Default for Argon2Params {
    fn default() -> Self {
        Self {
            memory_kib: 19_456,
            iterations: 2,
            parallelism: 1,
            queue: 64,
        }
    }
}

/// The parameters are outside what Argon2 allows.
#[derive(Debug, thiserror::Error)]
#[error("Argon2 does not allow these parameters")]
pub struct InvalidArgon2Params(#[source] argon2::Error);

/// Why a password could not be hashed or verified.
#[derive(Debug, thiserror::Error)]
pub enum PasswordHashError {
    /// Too many jobs are waiting. A later try may succeed.
    #[error("too many passwords are waiting to be hashed")]
    Busy,
    /// The system is out of memory or shutting down.
    #[error("hashing a password failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Whether a hash is of a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// It is of another one.
    No,
    /// It is of the password as it was typed, by an earlier release: [`PasswordHasher::hash`] makes one
    /// that does not depend on how it is typed.
    AsTyped,
    /// It is of the password.
    Yes,
}

impl Match {
    const fn of(as_typed: bool, as_opaque: bool) -> Self {
        match (as_typed, as_opaque) {
            (_, true) => Self::Yes,
            (true, false) => Self::AsTyped,
            (false, false) => Self::No,
        }
    }

    /// Whether the password is right.
    pub const fn is_right(self) -> bool {
        !matches!(self, Self::No)
    }
}

/// Hashes and verifies passwords. Clones share the bounds.
#[derive(Clone)]
pub struct PasswordHasher {
    inner: Arc<Inner>,
    /// Who asks; nobody for the portal's own work.
    holders: Option<[Subject; 2]>,
}

struct Inner {
    params: Params,
    /// A hash of the current parameters that no password matches, verified in place of a missing
    /// one.
    dummy: String,
    /// Where jobs wait and run.
    places: Places,
    /// Memory kept for waiting jobs; freed when none waits.
    spare: Spare,
    /// How long one hash takes.
    pace: Pace,
}

impl PasswordHasher {
    /// A hasher that runs at most one job per core.
    pub fn new(params: Argon2Params) -> Result<Self, InvalidArgon2Params> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::on_cores(params, cores)
    }

    fn on_cores(params: Argon2Params, cores: usize) -> Result<Self, InvalidArgon2Params> {
        let Argon2Params {
            memory_kib,
            iterations,
            parallelism,
            queue,
        } = params;
        let params =
            Params::new(memory_kib, iterations, parallelism, None).map_err(InvalidArgon2Params)?;
        let dummy = dummy(&params);
        let inner = Inner {
            pace: Pace::new(time_of(&dummy)),
            dummy,
            params,
            places: Places::new(cores, queue),
            spare: Spare::default(),
        };
        Ok(Self {
            inner: Arc::new(inner),
            holders: None,
        })
    }

    /// The same hasher, whose jobs take from the shares of a client's address and of an account,
    /// given any stable name of it.
    #[must_use]
    pub fn on_behalf_of(&self, client: IpAddr, account: &str) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            holders: Some([Subject::client(client), Subject::account(account)]),
        }
    }

    /// How long it takes to verify a password against this number of hashes, as things have gone of
    /// late. The number of forms in which it is verified depends on the password alone.
    pub fn time_to_verify(&self, password: &SecretString, hashes: u32) -> Duration {
        let typed = password.expose_secret();
        let forms = if *typed == **opaque_string(typed) {
            1
        } else {
            2
        };
        self.inner.pace.lately() * hashes * forms
    }

    /// How long a hash takes, as things have gone of late.
    pub fn time_of_one(&self) -> Duration {
        self.inner.pace.lately()
    }

    /// Hashes a password, as an [`opaque_string`], with a new salt, as a PHC string.
    pub async fn hash(&self, password: &SecretString) -> Result<String, PasswordHashError> {
        let password = opaque_string(password.expose_secret());
        self.run(move |inner, memory| {
            let salt = random::bytes::<{ Salt::RECOMMENDED_LENGTH }>();
            let password = password.as_bytes();
            memory
                .hash_password_with_params(password, &salt, inner.params.clone())
                .map(|hash| hash.to_string())
                .map_err(|error| PasswordHashError::Failed(error.into()))
        })
        .await?
    }

    /// Whether each hash is of this password, all verified in one job. A missing hash never is.
    ///
    /// If all are missing, a dummy is verified, so that an address without an account takes as long
    /// as one with an account (OWASP, Authentication Cheat Sheet). An unreadable hash counts as
    /// missing; it is logged, but not its value.
    ///
    /// The password is verified as it was typed, for the sake of hashes that earlier releases made, and
    /// as an [`opaque_string`] if that differs. Hardly any password does, so most are verified once. Those
    /// that do are always verified in both forms, whether or not the first matches and whether or not
    /// there are hashes: the time depends on what the client has sent, and tells nothing else.
    pub async fn verify_each(
        &self,
        password: &SecretString,
        hashes: Vec<Option<String>>,
    ) -> Result<Vec<Match>, PasswordHashError> {
        let (matches, _) = self.verify_each_timed(password, hashes).await?;
        Ok(matches)
    }

    /// [`verify_each`](Self::verify_each), and when the job got its core. How long it waited for that
    /// tells nothing of the hashes, unlike how long it took from then on.
    pub async fn verify_each_timed(
        &self,
        password: &SecretString,
        hashes: Vec<Option<String>>,
    ) -> Result<(Vec<Match>, Instant), PasswordHashError> {
        let typed = password.clone();
        self.run(move |inner, memory| {
            let began = Instant::now();
            let verify_each = |password: &str| {
                verify_each(&hashes, &inner.dummy, |hash| {
                    let began = Instant::now();
                    let matches = verify(memory, password, hash);
                    inner.pace.note(began.elapsed());
                    matches
                })
            };
            let both = |matches: Vec<Match>| (matches, began);
            let typed = typed.expose_secret();
            let opaque = opaque_string(typed);
            let as_typed = verify_each(typed);
            if *typed == **opaque {
                let verified = as_typed.into_iter();
                let verified = verified.map(|is_match| Match::of(is_match, is_match));
                return both(verified.collect());
            }
            let as_opaque = verify_each(&opaque);
            let verified = as_typed.into_iter().zip(as_opaque);
            let verified = verified.map(|(as_typed, as_opaque)| Match::of(as_typed, as_opaque));
            both(verified.collect())
        })
        .await
    }

    /// Whether a hash is weaker than a new one: another algorithm or version, less memory, fewer
    /// passes, or a shorter output. Lanes add no strength.
    pub fn needs_rehash(&self, hash: &str) -> bool {
        let Ok(hash) = PasswordHash::new(hash) else {
            return true;
        };
        let Ok(params) = Params::try_from(&hash) else {
            return true;
        };
        let current = &self.inner.params;
        hash.algorithm != Algorithm::Argon2id.ident()
            || hash.version != Some(Version::V0x13.into())
            || params.m_cost() < current.m_cost()
            || params.t_cost() < current.t_cost()
            || params.output_len().unwrap_or_default() < Params::DEFAULT_OUTPUT_LEN
    }

    /// Runs a job on a blocking thread once a core is free. The job holds the permits, as it
    /// continues when its caller is cancelled.
    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Inner, &Memory) -> T + Send + 'static,
    ) -> Result<T, PasswordHashError> {
        let permits = self.inner.places.take(self.holders.as_ref()).await?;
        let inner = Arc::clone(&self.inner);
        let span = Span::current();
        let job = move || {
            let _permits = permits;
            let memory = inner.spare.take();
            let result = span.in_scope(|| job(&inner, &memory));
            if inner.places.has_waiting() {
                inner.spare.keep(memory);
            }
            result
        };
        spawn_blocking(job)
            .await
            .map_err(|error| PasswordHashError::Failed(error.into()))
    }
}

/// How long it takes to verify a password against a hash: the shorter of two tries, as the first
/// may be held up by whatever else starts.
fn time_of(hash: &str) -> Duration {
    let tries = [(); 2].map(|()| {
        let begun = Instant::now();
        verify(&Memory::default(), "", hash);
        begun.elapsed()
    });
    tries.into_iter().min().unwrap_or_default()
}

/// Whether the hash is of the password; `None` if the hash is unreadable.
fn verify(memory: &Memory, password: &str, hash: &str) -> Option<bool> {
    let hash = PasswordHash::new(hash).map_err(password_hash::Error::from);
    let matches = hash.and_then(|hash| memory.verify_password(password.as_bytes(), &hash));
    match matches {
        Ok(()) => Some(true),
        Err(password_hash::Error::PasswordInvalid) => Some(false),
        Err(error) => {
            warn!(%error, "a stored password hash is unusable");
            None
        }
    }
}

/// Which hashes match. The dummy is verified if all of them are missing or unreadable.
fn verify_each(
    hashes: &[Option<String>],
    dummy: &str,
    mut verify: impl FnMut(&str) -> Option<bool>,
) -> Vec<bool> {
    let results: Vec<Option<bool>> = hashes
        .iter()
        .map(|hash| hash.as_deref().and_then(&mut verify))
        .collect();
    if results.iter().all(Option::is_none) {
        verify(dummy);
    }
    results
        .into_iter()
        .map(|matches| matches == Some(true))
        .collect()
}

/// A hash with random output, which takes as long to verify as any other.
fn dummy(params: &Params) -> String {
    format!(
        "$argon2id$v=19$m={},t={},p={}${}${}",
        params.m_cost(),
        params.t_cost(),
        params.p_cost(),
        BASE64_NOPAD.encode(&random::bytes::<16>()),
        BASE64_NOPAD.encode(&random::bytes::<{ Params::DEFAULT_OUTPUT_LEN }>()),
    )
}

#[cfg(test)]
mod tests;
