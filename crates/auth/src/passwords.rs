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
mod shares;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use argon2::{Algorithm, Params, Version};
use data_encoding::BASE64_NOPAD;
use password_hash::phc::{PasswordHash, Salt};
use password_hash::{CustomizedPasswordHasher as _, PasswordVerifier as _};
use portal_domain::profiles::password::opaque_string;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;
use tracing::{Span, warn};

use self::memory::{Memory, Spare};
use self::shares::{Share, Shares};
use crate::random;
use crate::rate_limits::Subject;

/// The gauge of jobs waiting for a core.
const QUEUE_DEPTH: &str = "argon2_queue_depth";
/// The counter of jobs rejected because too many waited.
const REJECTED: &str = "argon2_refused_total";

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

/// Of how many places one holder has one.
const SHARE: usize = 8;

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
    /// Permits for running and waiting jobs.
    places: Arc<Semaphore>,
    max_jobs: usize,
    /// Permits for running jobs.
    cores: Arc<Semaphore>,
    max_running: usize,
    /// Memory kept for waiting jobs; freed when none waits.
    spare: Spare,
    /// What each address and account has of the places.
    shares: Arc<Shares>,
    /// How long one hash takes.
    pace: Pace,
}

/// How long one hash takes: on a core of its own, and of late, as others work too.
struct Pace {
    alone: Duration,
    /// In nanoseconds.
    lately: AtomicU64,
}

impl Pace {
    /// By how much the machine may be slower than it was at the start before it is no longer followed.
    const SLOWEST: u32 = 4;

    fn new(alone: Duration) -> Self {
        Self {
            alone,
            lately: AtomicU64::new(nanoseconds(alone)),
        }
    }

    /// Notes what a hash has just taken. Follows a slower machine at once, and a faster one slowly.
    fn note(&self, one_hash: Duration) {
        let slowest = nanoseconds(self.alone * Self::SLOWEST);
        let new = nanoseconds(one_hash).clamp(nanoseconds(self.alone), slowest);
        // What another job notes at the same moment may be lost.
        let old = self.lately.load(Ordering::Relaxed);
        let next = new.max(old - old.saturating_sub(new) / 16);
        self.lately.store(next, Ordering::Relaxed);
    }

    fn lately(&self) -> Duration {
        Duration::from_nanos(self.lately.load(Ordering::Relaxed))
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// The permits of a running job. The shares and the place are dropped first, so that they are free
/// once the core is.
struct Permits {
    _shares: Vec<Share>,
    _place: OwnedSemaphorePermit,
    _core: OwnedSemaphorePermit,
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
        let max_jobs = cores.saturating_add(queue);
        let dummy = dummy(&params);
        let inner = Inner {
            pace: Pace::new(time_of(&dummy)),
            dummy,
            params,
            shares: Arc::new(Shares::new((max_jobs / SHARE).max(1), max_jobs)),
            places: Arc::new(Semaphore::new(max_jobs)),
            max_jobs,
            cores: Arc::new(Semaphore::new(cores)),
            max_running: cores,
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
        let permits = self.inner.permits(self.holders.as_ref()).await?;
        let inner = Arc::clone(&self.inner);
        let span = Span::current();
        let job = move || {
            let _permits = permits;
            let memory = inner.spare.take();
            let result = span.in_scope(|| job(&inner, &memory));
            if inner.has_waiting() {
                inner.spare.keep(memory);
            }
            result
        };
        spawn_blocking(job)
            .await
            .map_err(|error| PasswordHashError::Failed(error.into()))
    }
}

impl Inner {
    /// Waits for a core, unless too many jobs are waiting. Whose own jobs have their share of the
    /// places waits for these before.
    async fn permits(&self, holders: Option<&[Subject; 2]>) -> Result<Permits, PasswordHashError> {
        let mut shares = Vec::new();
        // Always the address first: an address that waits for an account keeps nobody who has one.
        for holder in holders.into_iter().flatten() {
            let Some(share) = self.shares.take(*holder).await else {
                metrics::counter!(REJECTED).increment(1);
                return Err(PasswordHashError::Busy);
            };
            shares.push(share);
        }
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            metrics::counter!(REJECTED).increment(1);
            return Err(PasswordHashError::Busy);
        };
        let _waiting = Waiting::begin();
        let core = Arc::clone(&self.cores).acquire_owned().await;
        let core = core.map_err(|error| PasswordHashError::Failed(error.into()))?;
        Ok(Permits {
            _shares: shares,
            _place: place,
            _core: core,
        })
    }

    /// Whether a job is waiting for a core.
    fn has_waiting(&self) -> bool {
        self.max_jobs - self.places.available_permits() > self.max_running
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

/// A waiting job, in the gauge until it is dropped, also by a cancelled caller.
struct Waiting;

impl Waiting {
    fn begin() -> Self {
        metrics::gauge!(QUEUE_DEPTH).increment(1.0);
        Self
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        metrics::gauge!(QUEUE_DEPTH).decrement(1.0);
    }
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
mod tests {
    use std::pin::{Pin, pin};
    use std::sync::Barrier;
    use std::sync::atomic::AtomicUsize;
    use std::sync::mpsc;
    use std::task::{Context, Poll, Waker};

    use futures_util::future::join_all;
    use tokio::sync::oneshot;

    use super::*;

    const CHEAP: Argon2Params = Argon2Params {
        memory_kib: 64,
        iterations: 2,
        parallelism: 1,
        queue: 8,
    };

    fn hasher(cores: usize, queue: usize) -> PasswordHasher {
        PasswordHasher::on_cores(Argon2Params { queue, ..CHEAP }, cores).unwrap()
    }

    fn password() -> SecretString {
        "Correct-Horse-7".into()
    }

    fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[tokio::test]
    async fn a_hash_is_an_argon2id_phc_string_that_only_its_password_matches() {
        let hasher = hasher(1, 8);
        let hash = hasher.hash(&password()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=64,t=2,p=1$"), "{hash}");
        assert_ne!(hash, hasher.hash(&password()).await.unwrap(), "salted");

        let right = hasher
            .verify_each(&password(), vec![Some(hash.clone())])
            .await
            .unwrap();
        assert_eq!(right, [Match::Yes]);
        let wrong = hasher
            .verify_each(&"correct-horse-7".into(), vec![Some(hash)])
            .await
            .unwrap();
        assert_eq!(wrong, [Match::No]);
    }

    #[test]
    fn a_slower_machine_is_followed_at_once_and_a_faster_one_slowly() {
        let [one, two, four] = [1, 2, 4].map(Duration::from_millis);
        let pace = Pace::new(one);
        assert_eq!(pace.lately(), one);
        pace.note(two);
        assert_eq!(pace.lately(), two);
        pace.note(one);
        assert!(pace.lately() < two && pace.lately() > one);
        for _ in 0..200 {
            pace.note(Duration::ZERO);
        }
        assert!(pace.lately() < one + one / 100);
        pace.note(Duration::from_secs(9));
        assert_eq!(pace.lately(), four, "not everything is followed");
    }

    #[tokio::test]
    async fn each_hash_is_verified_on_its_own() {
        let hasher = hasher(1, 8);
        let own = hasher.hash(&password()).await.unwrap();
        let other = hasher.hash(&"Another-One-8".into()).await.unwrap();
        let candidates = vec![
            Some(other),
            None,
            Some(own.clone()),
            Some("rubbish".into()),
            Some(own),
        ];
        let matches = hasher.verify_each(&password(), candidates).await.unwrap();
        let is_right: Vec<_> = matches.into_iter().map(Match::is_right).collect();
        assert_eq!(is_right, [false, false, true, false, true]);
    }

    #[tokio::test]
    async fn a_password_matches_however_it_is_typed_and_old_hashes_as_it_was() {
        let hasher = hasher(1, 8);
        let (nfc, nfd) = ("Grüße 2026!x", "Gru\u{308}ße\u{a0}2026!x");
        let as_typed = |password: &str| {
            let salt = random::bytes::<{ Salt::RECOMMENDED_LENGTH }>();
            let params = hasher.inner.params.clone();
            let hash =
                Memory::default().hash_password_with_params(password.as_bytes(), &salt, params);
            Some(hash.unwrap().to_string())
        };
        let stored = vec![
            Some(hasher.hash(&nfc.into()).await.unwrap()),
            Some(hasher.hash(&nfd.into()).await.unwrap()),
            as_typed(nfd),
            as_typed("Grusse 2026!x"),
            None,
        ];
        for (typed, old) in [(nfc, Match::No), (nfd, Match::AsTyped)] {
            let matches = hasher
                .verify_each(&typed.into(), stored.clone())
                .await
                .unwrap();
            assert_eq!(matches, [Match::Yes, Match::Yes, old, Match::No, Match::No]);
        }
    }

    #[tokio::test]
    async fn a_hash_made_under_other_parameters_still_matches() {
        let before = PasswordHasher::new(Argon2Params {
            memory_kib: 32,
            iterations: 1,
            ..CHEAP
        });
        let hash = before.unwrap().hash(&password()).await.unwrap();
        let matches = hasher(1, 8)
            .verify_each(&password(), vec![Some(hash)])
            .await
            .unwrap();
        assert_eq!(matches, [Match::Yes]);
    }

    #[test]
    fn the_dummy_costs_what_a_new_hash_costs_and_matches_no_password() {
        let hasher = hasher(1, 8);
        let dummy = &hasher.inner.dummy;
        assert!(!hasher.needs_rehash(dummy));
        assert_eq!(
            verify(&Memory::default(), password().expose_secret(), dummy),
            Some(false)
        );
        let parsed = PasswordHash::new(dummy).unwrap();
        assert_eq!(parsed.salt.unwrap().as_ref().len(), 16);
        let mut params = Params::try_from(&parsed).unwrap();
        assert_eq!(params.output_len(), Some(32));
        params = Params::new(params.m_cost(), params.t_cost(), params.p_cost(), None).unwrap();
        assert_eq!(params, hasher.inner.params);
    }

    #[test]
    fn the_dummy_is_verified_only_if_all_hashes_are_missing_or_unreadable() {
        let some = |hash: &str| Some(hash.to_owned());
        for (hashes, expected) in [
            (vec![], vec!["dummy"]),
            (vec![None, None], vec!["dummy"]),
            (vec![some("wrong")], vec!["wrong"]),
            (
                vec![None, some("wrong"), some("right")],
                vec!["wrong", "right"],
            ),
            (vec![some("unreadable"), None], vec!["unreadable", "dummy"]),
            (
                vec![some("unreadable"), some("right")],
                vec!["unreadable", "right"],
            ),
        ] {
            let mut compared = Vec::new();
            let matches = verify_each(&hashes, "dummy", |hash| {
                compared.push(hash.to_owned());
                (hash != "unreadable").then_some(hash == "right")
            });
            assert_eq!(compared, expected, "{hashes:?}");
            let right: Vec<bool> = hashes.iter().map(|hash| *hash == some("right")).collect();
            assert_eq!(matches, right, "{hashes:?}");
        }
    }

    #[test]
    fn a_hash_weaker_than_configured_needs_a_rehash() {
        let hasher = hasher(1, 8);
        let tail = "c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        for (head, expected) in [
            ("$argon2id$v=19$m=64,t=2,p=1$", false),
            ("$argon2id$v=19$m=64,t=2,p=2$", false),
            ("$argon2id$v=19$m=128,t=3,p=1$", false),
            ("$argon2id$v=19$m=63,t=2,p=1$", true),
            ("$argon2id$v=19$m=128,t=1,p=1$", true),
            ("$argon2id$v=16$m=64,t=2,p=1$", true),
            ("$argon2id$m=64,t=2,p=1$", true),
            ("$argon2i$v=19$m=64,t=2,p=1$", true),
            ("$argon2d$v=19$m=64,t=2,p=1$", true),
            ("$scrypt$ln=17,r=8,p=1$", true),
        ] {
            assert_eq!(
                hasher.needs_rehash(&format!("{head}{tail}")),
                expected,
                "{head}"
            );
        }
        let short = "$argon2id$v=19$m=64,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAA";
        assert!(hasher.needs_rehash(short));
        assert!(hasher.needs_rehash("$2b$12$abcdefghijklmnopqrstuv"));
        assert!(hasher.needs_rehash(""));
    }

    #[test]
    fn invalid_argon2_parameters_are_rejected() {
        for params in [
            Argon2Params {
                memory_kib: 7,
                ..CHEAP
            },
            Argon2Params {
                iterations: 0,
                ..CHEAP
            },
            Argon2Params {
                parallelism: 0,
                ..CHEAP
            },
            Argon2Params {
                memory_kib: 64,
                parallelism: 9,
                ..CHEAP
            },
        ] {
            assert!(PasswordHasher::new(params).is_err(), "{params:?}");
        }
    }

    #[tokio::test]
    async fn concurrent_jobs_are_limited_to_the_cores() {
        let hasher = hasher(2, 8);
        let running = Arc::new(AtomicUsize::new(0));
        let most = Arc::new(AtomicUsize::new(0));
        // a job ends only together with another, so two do run at once
        let pair = Arc::new(Barrier::new(2));
        let jobs: Vec<_> = (0..8)
            .map(|_| {
                let (hasher, running) = (hasher.clone(), Arc::clone(&running));
                let (most, pair) = (Arc::clone(&most), Arc::clone(&pair));
                tokio::spawn(async move {
                    let job = move |_: &Inner, _: &Memory| {
                        let now = running.fetch_add(1, Ordering::SeqCst) + 1;
                        most.fetch_max(now, Ordering::SeqCst);
                        pair.wait();
                        running.fetch_sub(1, Ordering::SeqCst);
                    };
                    hasher.run(job).await
                })
            })
            .collect();
        for job in jobs {
            job.await.unwrap().unwrap();
        }
        assert_eq!(most.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_job_that_finds_the_queue_full_fails_at_once() {
        let hasher = hasher(1, 1);
        let running = hasher.inner.permits(None).await.unwrap();

        let password = password();
        let mut waiting = pin!(hasher.hash(&password));
        assert!(poll_once(waiting.as_mut()).is_pending());
        let refused = hasher.hash(&password).await;
        assert!(
            matches!(refused, Err(PasswordHashError::Busy)),
            "{refused:?}"
        );

        drop(running);
        waiting.await.unwrap();
        hasher.hash(&password).await.unwrap();
    }

    #[tokio::test]
    async fn who_asks_too_much_waits_while_places_are_free_for_others() {
        // Sixteen places, so a share is two.
        let hasher = hasher(1, 15);
        let running = hasher.inner.permits(None).await.unwrap();
        let (home, away) = (
            "192.0.2.1".parse().unwrap(),
            "198.51.100.1".parse().unwrap(),
        );
        let password = password();
        let jobs = |client, names: &[&str]| -> Vec<_> {
            let hash = |name: &&str| {
                let hasher = hasher.on_behalf_of(client, name);
                let password = password.clone();
                Box::pin(async move { hasher.hash(&password).await })
            };
            names.iter().map(hash).collect()
        };
        // One address with many accounts, and one account from another address.
        let mut greedy = jobs(home, &["a", "b", "c", "d", "e", "f"]);
        greedy.extend(jobs(away, &["x", "x", "x", "x"]));
        for job in &mut greedy {
            assert!(poll_once(job.as_mut()).is_pending());
        }
        // The running one, two of the address and two of the account.
        assert_eq!(hasher.inner.places.available_permits(), 11);
        let mut other = jobs("203.0.113.9".parse().unwrap(), &["y"]);
        assert!(poll_once(other[0].as_mut()).is_pending());
        assert_eq!(hasher.inner.places.available_permits(), 10);
        drop(running);
        for hash in join_all(greedy.into_iter().chain(other)).await {
            hash.unwrap();
        }
        assert_eq!(hasher.inner.shares.holders(), 0);
    }

    #[tokio::test]
    async fn who_asks_far_too_much_is_refused() {
        let hasher = hasher(1, 1);
        let running = hasher.inner.permits(None).await.unwrap();
        let hasher = hasher.on_behalf_of("192.0.2.1".parse().unwrap(), "a");
        let password = password();
        // One has a place, two wait for it.
        let mut waiting: Vec<_> = (0..3).map(|_| Box::pin(hasher.hash(&password))).collect();
        for job in &mut waiting {
            assert!(poll_once(job.as_mut()).is_pending());
        }
        let refused = hasher.hash(&password).await;
        assert!(
            matches!(refused, Err(PasswordHashError::Busy)),
            "{refused:?}"
        );
        // A caller who gives up makes room.
        drop(waiting.pop());
        waiting.push(Box::pin(hasher.hash(&password)));
        assert!(poll_once(waiting[2].as_mut()).is_pending());
        drop(running);
        for hash in join_all(waiting).await {
            hash.unwrap();
        }
    }

    #[tokio::test]
    async fn a_caller_cancelled_while_waiting_leaves_the_queue() {
        let hasher = hasher(1, 1);
        let running = hasher.inner.permits(None).await.unwrap();
        let password = password();
        {
            let mut waiting = pin!(hasher.hash(&password));
            assert!(poll_once(waiting.as_mut()).is_pending());
        }
        let mut next = pin!(hasher.hash(&password));
        assert!(poll_once(next.as_mut()).is_pending());
        drop(running);
        next.await.unwrap();
    }

    #[tokio::test]
    async fn a_running_job_keeps_its_core_when_its_caller_is_cancelled() {
        let hasher = hasher(1, 0);
        let (started, has_started) = oneshot::channel();
        let (finish, may_finish) = mpsc::channel::<()>();
        let caller = tokio::spawn({
            let hasher = hasher.clone();
            async move {
                let job = move |_: &Inner, _: &Memory| {
                    started.send(()).unwrap();
                    may_finish.recv().unwrap();
                };
                hasher.run(job).await
            }
        });
        has_started.await.unwrap();
        caller.abort();
        assert!(caller.await.unwrap_err().is_cancelled());
        let refused = hasher.hash(&password()).await;
        assert!(
            matches!(refused, Err(PasswordHashError::Busy)),
            "{refused:?}"
        );

        finish.send(()).unwrap();
        drop(hasher.inner.cores.acquire().await.unwrap());
        hasher.hash(&password()).await.unwrap();
    }

    #[tokio::test]
    async fn memory_is_kept_while_jobs_wait_and_freed_after_the_last() {
        let hasher = hasher(1, 8);
        let (entered, has_entered) = oneshot::channel();
        let (finish, may_finish) = mpsc::channel::<()>();
        let running = tokio::spawn({
            let hasher = hasher.clone();
            async move {
                let job = move |_: &Inner, _: &Memory| {
                    entered.send(()).unwrap();
                    may_finish.recv().unwrap();
                };
                hasher.run(job).await
            }
        });
        has_entered.await.unwrap();
        let mut waiting = pin!(hasher.run(|inner, _| inner.spare.count()));
        assert!(poll_once(waiting.as_mut()).is_pending());
        finish.send(()).unwrap();
        running.await.unwrap().unwrap();
        assert_eq!(hasher.inner.spare.count(), 1, "kept for the one that waits");
        assert_eq!(waiting.await.unwrap(), 0, "taken by the one that waited");
        assert_eq!(hasher.inner.spare.count(), 0, "nobody waits any more");
    }
}
