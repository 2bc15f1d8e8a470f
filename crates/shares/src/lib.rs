#![doc = include_str!("../README.md")]

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// What each holder has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// What a holder is called in errors: `user`.
    pub whose: &'static str,
    /// How many places a holder has.
    pub places: usize,
    /// How many of a holder's requests may wait for a place, which bounds the memory that they take.
    pub waiting: usize,
    /// How long each of them waits; `None` for as long as it takes.
    pub patience: Option<Duration>,
}

impl Rule {
    /// How many of `all` one holder has: one in `parts`, and at least one.
    pub const fn part(all: usize, parts: usize) -> usize {
        match all.checked_div(parts) {
            None | Some(0) => 1,
            Some(places) => places,
        }
    }
}

/// Why a request got no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many requests of one {0} are waiting")]
pub struct Crowded(&'static str);

/// The places of all who have requests at this moment, which bounds its size. Clones share them.
pub struct Shares<H: Copy + Eq + Hash> {
    inner: Arc<Inner<H>>,
}

struct Inner<H> {
    rule: Rule,
    held: Mutex<HashMap<H, Held>>,
}

/// What one holder has.
struct Held {
    places: Arc<Semaphore>,
    /// The requests with a place, and those that wait for one.
    requests: usize,
}

/// A place, given back when dropped.
pub struct Share<H: Copy + Eq + Hash> {
    shares: Shares<H>,
    holder: H,
    place: Option<OwnedSemaphorePermit>,
}

impl<H: Copy + Eq + Hash> Shares<H> {
    /// Shares by a rule. A holder has at least one place.
    pub fn new(rule: Rule) -> Self {
        let rule = Rule {
            places: rule.places.max(1),
            ..rule
        };
        Self {
            inner: Arc::new(Inner {
                rule,
                held: Mutex::default(),
            }),
        }
    }

    /// The rule.
    pub fn rule(&self) -> &Rule {
        &self.inner.rule
    }

    /// How many holders have requests at this moment.
    pub fn holders(&self) -> usize {
        self.lock().len()
    }

    /// A place of a holder, once there is one.
    ///
    /// # Errors
    ///
    /// [`Crowded`] when too many wait already, or the holder's places stay taken for too long.
    pub async fn take(&self, holder: H) -> Result<Share<H>, Crowded> {
        let Rule {
            whose, patience, ..
        } = self.inner.rule;
        let places = self.enter(holder).ok_or(Crowded(whose))?;
        // From here on, a request that is dropped leaves.
        let mut share = Share {
            shares: self.clone(),
            holder,
            place: None,
        };
        // At once, if there is one, without a timer.
        if let Ok(place) = Arc::clone(&places).try_acquire_owned() {
            share.place = Some(place);
            return Ok(share);
        }
        let place = places.acquire_owned();
        let place = match patience {
            Some(patience) => timeout(patience, place).await.ok(),
            None => Some(place.await),
        };
        share.place = Some(place.and_then(Result::ok).ok_or(Crowded(whose))?);
        Ok(share)
    }

    /// The holder's places, unless too many requests wait for them already.
    fn enter(&self, holder: H) -> Option<Arc<Semaphore>> {
        let Rule {
            places, waiting, ..
        } = self.inner.rule;
        let mut held = self.lock();
        let entry = held.entry(holder).or_insert_with(|| Held {
            places: Arc::new(Semaphore::new(places)),
            requests: 0,
        });
        if entry.requests >= places.saturating_add(waiting) {
            return None;
        }
        entry.requests += 1;
        Some(Arc::clone(&entry.places))
    }

    fn leave(&self, holder: H) {
        let mut held = self.lock();
        if let Some(entry) = held.get_mut(&holder) {
            entry.requests = entry.requests.saturating_sub(1);
            if entry.requests == 0 {
                held.remove(&holder);
            }
        }
    }

    /// Locks, poisoned or not: no change leaves an inconsistent state behind.
    fn lock(&self) -> MutexGuard<'_, HashMap<H, Held>> {
        self.inner
            .held
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl<H: Copy + Eq + Hash> Clone for Shares<H> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
        }
    }
}

/// Without the holders, whose addresses do not belong into logs.
impl<H: Copy + Eq + Hash> fmt::Debug for Shares<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shares")
            .field("rule", &self.inner.rule)
            .finish_non_exhaustive()
    }
}

impl<H: Copy + Eq + Hash> fmt::Debug for Share<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Share").finish_non_exhaustive()
    }
}

impl<H: Copy + Eq + Hash> Drop for Share<H> {
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

    use super::*;

    const RULE: Rule = Rule {
        whose: "user",
        places: 2,
        waiting: 2,
        patience: Some(Duration::from_secs(5)),
    };

    #[test]
    fn a_part_is_at_least_one() {
        for (all, parts, expected) in [(0, 8, 1), (1, 8, 1), (15, 8, 1), (16, 8, 2), (100, 4, 25)] {
            assert_eq!(Rule::part(all, parts), expected);
        }
        assert_eq!(Rule::part(3, 0), 1);
        let shares = Shares::new(Rule { places: 0, ..RULE });
        assert!(shares.take("ada").now_or_never().unwrap().is_ok());
    }

    #[tokio::test]
    async fn who_has_many_requests_waits_in_order_and_keeps_nobody_else() {
        let shares = Shares::new(RULE);
        let first = shares.take("ada").await.unwrap();
        let _second = shares.take("ada").await.unwrap();
        let mut third = pin!(shares.take("ada"));
        let mut fourth = pin!(shares.take("ada"));
        assert!(poll!(third.as_mut()).is_pending());
        assert!(poll!(fourth.as_mut()).is_pending());
        assert!(shares.take("bob").now_or_never().unwrap().is_ok());
        drop(first);
        assert!(poll!(fourth.as_mut()).is_pending());
        let _third = third.now_or_never().unwrap().unwrap();
        assert!(poll!(fourth.as_mut()).is_pending());
    }

    #[tokio::test]
    async fn who_gives_up_leaves_nothing_behind() {
        let shares = Shares::new(RULE);
        {
            let _held = [(); 2].map(|()| shares.take("ada").now_or_never().unwrap().unwrap());
            let mut waiting = pin!(shares.take("ada"));
            assert!(poll!(waiting.as_mut()).is_pending());
            assert_eq!(shares.holders(), 1);
        }
        assert_eq!(shares.holders(), 0);
        assert!(shares.take("ada").now_or_never().unwrap().is_ok());
    }

    #[tokio::test]
    async fn who_is_beyond_the_queue_is_refused_until_another_leaves() {
        let shares = Shares::new(RULE);
        let mut held = [(); 2].map(|()| shares.take("ada").now_or_never().unwrap().ok());
        let mut waiting = [(); 2].map(|()| Box::pin(shares.take("ada")));
        for request in &mut waiting {
            assert!(poll!(request.as_mut()).is_pending());
        }
        let refused = shares.take("ada").now_or_never().unwrap().unwrap_err();
        assert_eq!(
            refused.to_string(),
            "too many requests of one user are waiting"
        );
        held[0] = None;
        for request in waiting {
            if let Some(taken) = request.now_or_never() {
                drop(taken.unwrap());
            }
        }
        assert!(shares.take("ada").now_or_never().unwrap().is_ok());
    }

    #[tokio::test]
    async fn who_waits_for_too_long_is_refused() {
        let shares = Shares::new(Rule {
            places: 1,
            patience: Some(Duration::ZERO),
            ..RULE
        });
        let held = shares.take("ada").await.unwrap();
        assert_eq!(shares.take("ada").await.unwrap_err(), Crowded("user"));
        assert!(shares.take("bob").await.is_ok());
        drop(held);
        assert!(shares.take("ada").await.is_ok());
        assert_eq!(shares.holders(), 0);
    }

    #[tokio::test]
    async fn without_a_bound_one_waits_for_as_long_as_it_takes() {
        let shares = Shares::new(Rule {
            places: 1,
            patience: None,
            ..RULE
        });
        let held = shares.take("ada").await.unwrap();
        let mut waiting = pin!(shares.take("ada"));
        assert!(poll!(waiting.as_mut()).is_pending());
        drop(held);
        assert!(waiting.await.is_ok());
    }
}
