//! Fair shares of the database, and of the memory for bodies.
//!
//! A pool of connections serves whoever comes first, so that one client with many requests would
//! have all of it, and everybody else the wait. Before it, each user and each client's address
//! therefore has places of its own, as the store has for each organization. Who has more requests
//! than places waits in a queue of its own, and is refused only once that queue is full or has not
//! moved for long.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use portal_auth::rate_limits::client_network;
use portal_domain::ids::UserId;
use portal_domain::store::StorageError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

/// How many requests of one holder may wait for a place, which bounds the memory that they take.
const WAITING: usize = 256;

/// How long a request waits for its places before it is refused.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many long bodies of one address are read at a time.
const LONG_BODIES: usize = 16;

/// How many files of one user are received at a time, each with buffers of its own.
const UPLOADS: usize = 4;

/// How long a file waits for its place: others have to arrive first.
const UPLOAD_PATIENCE: Duration = Duration::from_mins(1);

/// Why a request got no place.
#[derive(Debug, thiserror::Error)]
#[error("too many requests of one {0} are waiting")]
pub(crate) struct Crowded(&'static str);

impl From<Crowded> for StorageError {
    fn from(error: Crowded) -> Self {
        Self::Unavailable(error.into())
    }
}

/// Who has places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Holder {
    User(UserId),
    /// An IPv4 address, or the /64 of an IPv6 one.
    Client(IpAddr),
    /// The same, for long bodies.
    Bodies(IpAddr),
    /// A user, for files that arrive.
    Uploads(UserId),
}

impl Holder {
    const fn kind(self) -> &'static str {
        match self {
            Self::User(_) | Self::Uploads(_) => "user",
            Self::Client(_) | Self::Bodies(_) => "address",
        }
    }
}

/// The places of all who have requests at this moment. Its size is bounded by their number.
pub(crate) struct Shares {
    of_user: usize,
    of_client: usize,
    waiting: usize,
    patience: Duration,
    held: Mutex<HashMap<Holder, Held>>,
}

/// What one holder has.
struct Held {
    places: Arc<Semaphore>,
    /// The requests with a place, and those that wait for one.
    requests: usize,
}

/// A place, given back when dropped.
pub(crate) struct Share {
    shares: Arc<Shares>,
    holder: Holder,
    place: Option<OwnedSemaphorePermit>,
}

impl Shares {
    /// Shares of this number of connections: an eighth for a user and for an address without a
    /// session; at least one.
    pub(crate) fn of_connections(connections: usize) -> Self {
        Self {
            of_user: (connections / 8).max(1),
            of_client: (connections / 8).max(1),
            waiting: WAITING,
            patience: PATIENCE,
            held: Mutex::default(),
        }
    }

    /// A place of a signed-in user.
    ///
    /// # Errors
    ///
    /// [`Crowded`] when there is none in time.
    pub(crate) async fn of_user(self: &Arc<Self>, user: UserId) -> Result<Share, Crowded> {
        let deadline = Instant::now() + self.patience;
        self.take(Holder::User(user), self.of_user, deadline).await
    }

    /// A place of a client without a session, by its address.
    ///
    /// # Errors
    ///
    /// [`Crowded`] when there is none in time.
    pub(crate) async fn of_client(self: &Arc<Self>, address: IpAddr) -> Result<Share, Crowded> {
        let deadline = Instant::now() + self.patience;
        let holder = Holder::Client(client_network(address));
        self.take(holder, self.of_client, deadline).await
    }

    /// A place for the rest of a long body from an address.
    ///
    /// # Errors
    ///
    /// [`Crowded`] when there is none in time.
    pub(crate) async fn of_body(self: &Arc<Self>, address: IpAddr) -> Result<Share, Crowded> {
        let deadline = Instant::now() + self.patience;
        let holder = Holder::Bodies(client_network(address));
        self.take(holder, LONG_BODIES, deadline).await
    }

    /// A place for a file of a signed-in user, while it arrives.
    ///
    /// # Errors
    ///
    /// [`Crowded`] when there is none in time.
    pub(crate) async fn of_upload(self: &Arc<Self>, user: UserId) -> Result<Share, Crowded> {
        let deadline = Instant::now() + UPLOAD_PATIENCE;
        self.take(Holder::Uploads(user), UPLOADS, deadline).await
    }

    async fn take(
        self: &Arc<Self>,
        holder: Holder,
        places: usize,
        deadline: Instant,
    ) -> Result<Share, Crowded> {
        let crowded = || Crowded(holder.kind());
        let places = self.enter(holder, places).ok_or_else(crowded)?;
        // From here on, a request that is dropped leaves.
        let mut share = Share {
            shares: Arc::clone(self),
            holder,
            place: None,
        };
        // At once, if there is one, without a timer.
        share.place = match Arc::clone(&places).try_acquire_owned() {
            Ok(place) => Some(place),
            Err(_) => match timeout_at(deadline, places.acquire_owned()).await {
                Ok(Ok(place)) => Some(place),
                Ok(Err(_)) | Err(_) => return Err(crowded()),
            },
        };
        Ok(share)
    }

    /// The holder's places, unless too many requests wait for them already.
    fn enter(&self, holder: Holder, places: usize) -> Option<Arc<Semaphore>> {
        let mut held = self.lock();
        let entry = held.entry(holder).or_insert_with(|| Held {
            places: Arc::new(Semaphore::new(places)),
            requests: 0,
        });
        if entry.requests >= places.saturating_add(self.waiting) {
            return None;
        }
        entry.requests += 1;
        Some(Arc::clone(&entry.places))
    }

    fn leave(&self, holder: Holder) {
        let mut held = self.lock();
        if let Some(entry) = held.get_mut(&holder) {
            entry.requests = entry.requests.saturating_sub(1);
            if entry.requests == 0 {
                held.remove(&holder);
            }
        }
    }

    /// Locks, poisoned or not: no change leaves an inconsistent state behind.
    fn lock(&self) -> MutexGuard<'_, HashMap<Holder, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        // Before the holder's entry goes, whose semaphore it belongs to.
        drop(self.place.take());
        self.shares.leave(self.holder);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::{FutureExt as _, poll};
    use portal_domain::environment::SystemEnvironment;

    use super::*;

    /// Of sixteen connections: two for a user or an address.
    fn shares() -> Arc<Shares> {
        Arc::new(Shares::of_connections(16))
    }

    fn user() -> UserId {
        UserId::generate(&SystemEnvironment)
    }

    #[test]
    fn everybody_has_at_least_one_place() {
        for (connections, expected) in [(1, 1), (8, 1), (16, 2), (100, 12)] {
            let shares = Shares::of_connections(connections);
            assert_eq!((shares.of_user, shares.of_client), (expected, expected));
        }
    }

    #[tokio::test]
    async fn a_user_with_many_requests_waits_and_keeps_nobody_else() {
        let shares = shares();
        let ada = user();
        let first = shares.of_user(ada).await.unwrap();
        let _second = shares.of_user(ada).await.unwrap();
        let mut third = pin!(shares.of_user(ada));
        let mut fourth = pin!(shares.of_user(ada));
        assert!(poll!(third.as_mut()).is_pending());
        assert!(poll!(fourth.as_mut()).is_pending());
        assert!(shares.of_user(user()).now_or_never().is_some());
        drop(first);
        let _third = third.now_or_never().unwrap();
        assert!(poll!(fourth.as_mut()).is_pending());
    }

    #[tokio::test]
    async fn addresses_have_places_by_ipv4_address_or_ipv6_network() {
        let shares = shares();
        let parse = |address: &str| address.parse().unwrap();
        for [first, second, third, other] in [
            ["192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1", "192.0.2.2"],
            [
                "2001:db8::1",
                "2001:db8::2",
                "2001:db8::3",
                "2001:db8:0:1::1",
            ],
        ] {
            let _first = shares.of_client(parse(first)).await.unwrap();
            let _second = shares.of_client(parse(second)).await.unwrap();
            assert!(shares.of_client(parse(third)).now_or_never().is_none());
            assert!(shares.of_client(parse(other)).now_or_never().is_some());
            // Bodies have places of their own.
            assert!(shares.of_body(parse(third)).now_or_never().is_some());
        }
        assert!(shares.lock().is_empty());
    }

    #[tokio::test]
    async fn few_files_of_a_user_arrive_at_a_time() {
        let shares = shares();
        let ada = user();
        let uploads = [(); UPLOADS].map(|()| shares.of_upload(ada).now_or_never().unwrap());
        let mut held = Vec::from(uploads);
        let mut waiting = pin!(shares.of_upload(ada));
        assert!(poll!(waiting.as_mut()).is_pending());
        // Others, and what else the user does, go on.
        assert!(shares.of_upload(user()).now_or_never().is_some());
        assert!(shares.of_user(ada).now_or_never().is_some());
        drop(held.swap_remove(0));
        assert!(waiting.now_or_never().is_some());
    }

    #[tokio::test]
    async fn who_is_gone_leaves_nothing_behind() {
        let shares = shares();
        let ada = user();
        {
            let _held = [(); 2].map(|()| shares.of_user(ada).now_or_never().unwrap());
            let mut waiting = pin!(shares.of_user(ada));
            assert!(poll!(waiting.as_mut()).is_pending());
            assert_eq!(shares.lock().len(), 1);
        }
        assert!(shares.lock().is_empty());
        assert!(shares.of_user(ada).now_or_never().is_some());
    }

    #[tokio::test]
    async fn a_request_is_refused_when_the_queue_is_full_or_does_not_move() {
        let shares = Arc::new(Shares {
            waiting: 1,
            ..Shares::of_connections(1)
        });
        let ada = user();
        let _held = shares.of_user(ada).await.unwrap();
        let mut waiting = pin!(shares.of_user(ada));
        assert!(poll!(waiting.as_mut()).is_pending());
        let refused = shares.of_user(ada).now_or_never().unwrap();
        assert_eq!(
            refused.err().unwrap().to_string(),
            "too many requests of one user are waiting"
        );

        let impatient = Arc::new(Shares {
            patience: Duration::ZERO,
            ..Shares::of_connections(1)
        });
        let _held = impatient.of_user(ada).await.unwrap();
        assert!(impatient.of_user(ada).await.is_err());
        assert!(impatient.of_user(user()).await.is_ok());
    }
}
