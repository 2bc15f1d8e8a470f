//! State in the memory of one process.

mod counter;
mod idle_cache;
mod writes;

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use portal_domain::environment::Environment;
use portal_domain::ids::{OrganizationId, UserId};

use self::counter::Counter;
use self::idle_cache::IdleCache;
use self::writes::RecentWrites;
use super::{Attempt, StateResult, StateStore, StoredSession};
use crate::rate_limits::{AccountDigest, LimitKey, SprayingRule, WriteLimits, Writer};
use crate::sessions::{SESSION_TTL, SESSIONS_PER_USER, SessionRecord};
use crate::tokens::SessionId;

/// No window or block is longer, so a count unused for this long is obsolete.
const COUNTER_TTL: Duration = Duration::from_hours(1);

/// Sessions and counts in the memory of one process: for development, tests, and single-instance
/// installations. A restart signs everybody out.
///
/// Both are bounded: the least recently used are dropped when full. Expired ones are removed at
/// each write.
pub struct MemoryState {
    env: Arc<dyn Environment>,
    sessions: Mutex<IdleCache<SessionId, SessionRecord>>,
    counters: Mutex<IdleCache<LimitKey, Counter>>,
    writes: Mutex<IdleCache<WriterKey, RecentWrites>>,
}

/// Whose changes are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum WriterKey {
    User(UserId),
    Organization(OrganizationId),
}

impl MemoryState {
    /// The default capacity for sessions, about 20 MiB.
    pub const SESSIONS: NonZeroUsize = NonZeroUsize::new(100_000).unwrap();
    /// The default capacity for counts, about 40 MiB.
    pub const COUNTERS: NonZeroUsize = NonZeroUsize::new(100_000).unwrap();

    /// An empty state of default capacity.
    pub fn new(env: Arc<dyn Environment>) -> Self {
        Self::with_capacities(env, Self::SESSIONS, Self::COUNTERS)
    }

    /// An empty state of this capacity.
    pub fn with_capacities(
        env: Arc<dyn Environment>,
        sessions: NonZeroUsize,
        counters: NonZeroUsize,
    ) -> Self {
        Self {
            env,
            sessions: Mutex::new(IdleCache::new(sessions, SESSION_TTL)),
            counters: Mutex::new(IdleCache::new(counters, COUNTER_TTL)),
            writes: Mutex::new(IdleCache::new(counters, WriteLimits::WINDOW)),
        }
    }
}

/// Locks the mutex, poisoned or not: no change leaves an inconsistent state behind.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl StateStore for MemoryState {
    async fn ping(&self) -> StateResult<()> {
        Ok(())
    }

    async fn insert_session(&self, id: &SessionId, record: &SessionRecord) -> StateResult<()> {
        let mut sessions = lock(&self.sessions);
        sessions.insert(*id, *record, self.env.now());
        sessions.keep_newest(SESSIONS_PER_USER, |other| other.user_id == record.user_id);
        Ok(())
    }

    async fn touch_session(&self, id: &SessionId) -> StateResult<Option<SessionRecord>> {
        Ok(lock(&self.sessions).touch(id, self.env.now()).copied())
    }

    async fn replace_session(&self, id: &SessionId, record: &SessionRecord) -> StateResult<bool> {
        let mut sessions = lock(&self.sessions);
        let stored = sessions.touch(id, self.env.now());
        Ok(stored.map(|stored| *stored = *record).is_some())
    }

    async fn sessions_of(&self, user: UserId) -> StateResult<Vec<StoredSession>> {
        let now = self.env.now();
        let sessions = lock(&self.sessions);
        // A scan, as below.
        let of_user = sessions
            .iter(now)
            .filter(|(_, record, _)| record.user_id == user);
        Ok(of_user
            .map(|(id, record, used_at)| StoredSession {
                id: *id,
                record: *record,
                idle: now
                    .signed_duration_since(used_at)
                    .to_std()
                    .unwrap_or_default(),
            })
            .collect())
    }

    async fn remove_session(&self, id: &SessionId) -> StateResult<()> {
        lock(&self.sessions).remove(id);
        Ok(())
    }

    async fn remove_sessions_of(&self, user: UserId, keep: Option<&SessionId>) -> StateResult<()> {
        // A scan of all sessions: too rare to need an index by user.
        lock(&self.sessions).retain(|id, record| record.user_id != user || Some(id) == keep);
        Ok(())
    }

    async fn attempt(&self, key: &LimitKey) -> StateResult<Attempt> {
        let now = self.env.now();
        let mut counters = lock(&self.counters);
        Ok(counters
            .touch_or_default(*key, now)
            .attempt(key.limit(), now))
    }

    async fn give_back(&self, key: &LimitKey) -> StateResult<()> {
        if let Some(counter) = lock(&self.counters).touch(key, self.env.now()) {
            counter.give_back();
        }
        Ok(())
    }

    async fn clear(&self, key: &LimitKey) -> StateResult<()> {
        if let Some(counter) = lock(&self.counters).touch(key, self.env.now()) {
            counter.clear();
        }
        Ok(())
    }

    async fn record_failure(
        &self,
        key: &LimitKey,
        account: &AccountDigest,
        rule: &SprayingRule,
    ) -> StateResult<()> {
        let now = self.env.now();
        lock(&self.counters)
            .touch_or_default(*key, now)
            .record_failure(*account, rule, now);
        Ok(())
    }

    async fn count_write(&self, writer: &Writer, limits: &WriteLimits) -> StateResult<Attempt> {
        let now = self.env.now();
        let limited = [
            (WriterKey::User(writer.user), limits.per_user),
            (
                WriterKey::Organization(writer.organization),
                limits.per_organization,
            ),
        ];
        let limited = limited.into_iter().filter(|(_, limit)| *limit > 0);
        let mut counted = lock(&self.writes);
        let waits = limited.clone().filter_map(|(key, limit)| {
            let recent = counted.touch_or_default(key, now);
            recent.wait(limit, now)
        });
        if let Some(retry_after) = waits.max() {
            return Ok(Attempt::Blocked { retry_after });
        }
        for (key, _) in limited {
            counted.touch_or_default(key, now).count(now);
        }
        Ok(Attempt::Allowed)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use portal_domain::ids::OrganizationId;
    use portal_test_support::ManualEnvironment;

    use super::*;
    use crate::rate_limits::{self, SPRAYING};
    use crate::tokens::SessionToken;

    fn state(env: &Arc<ManualEnvironment>, capacity: usize) -> MemoryState {
        let capacity = NonZeroUsize::new(capacity).unwrap();
        MemoryState::with_capacities(env.clone(), capacity, capacity)
    }

    fn record(env: &ManualEnvironment) -> SessionRecord {
        SessionRecord {
            user_id: UserId::generate(env),
            org_id: OrganizationId::generate(env),
            version: 1,
            signed_in_at: env.now(),
            client: None,
            ip_address: None,
        }
    }

    fn key(account: &str) -> LimitKey {
        LimitKey::for_account(&rate_limits::LOGIN, account)
    }

    #[test]
    fn no_rate_limit_outlives_the_expiry_of_its_count() {
        for limit in rate_limits::ALL {
            assert!(
                limit.window <= COUNTER_TTL && limit.block <= COUNTER_TTL,
                "{}",
                limit.name
            );
        }
        assert!(SPRAYING.window <= COUNTER_TTL && SPRAYING.block <= COUNTER_TTL);
    }

    #[tokio::test]
    async fn a_full_state_drops_the_session_used_least_recently() {
        let env = Arc::new(ManualEnvironment::new());
        let state = state(&env, 2);
        let [one, two, three] = [(); 3].map(|()| SessionToken::generate().id());
        state.insert_session(&one, &record(&env)).await.unwrap();
        state.insert_session(&two, &record(&env)).await.unwrap();
        assert!(state.touch_session(&one).await.unwrap().is_some());
        state.insert_session(&three, &record(&env)).await.unwrap();
        assert!(state.touch_session(&two).await.unwrap().is_none());
        assert!(state.touch_session(&one).await.unwrap().is_some());
        assert!(state.touch_session(&three).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn expired_sessions_are_removed_at_the_next_write() {
        let env = Arc::new(ManualEnvironment::new());
        let state = state(&env, 10);
        for _ in 0..5 {
            state
                .insert_session(&SessionToken::generate().id(), &record(&env))
                .await
                .unwrap();
        }
        env.advance(TimeDelta::from_std(SESSION_TTL).unwrap());
        state
            .insert_session(&SessionToken::generate().id(), &record(&env))
            .await
            .unwrap();
        assert_eq!(lock(&state.sessions).len(), 1);
    }

    #[tokio::test]
    async fn counts_are_bounded_and_expired_ones_removed() {
        let env = Arc::new(ManualEnvironment::new());
        let state = state(&env, 3);
        for account in ["a", "b", "c", "d", "e"] {
            state.attempt(&key(account)).await.unwrap();
        }
        assert_eq!(lock(&state.counters).len(), 3);
        env.advance(TimeDelta::from_std(COUNTER_TTL).unwrap());
        state.attempt(&key("f")).await.unwrap();
        assert_eq!(lock(&state.counters).len(), 1);
    }

    #[tokio::test]
    async fn a_poisoned_lock_does_not_stop_the_state() {
        let env = Arc::new(ManualEnvironment::new());
        let state = Arc::new(state(&env, 3));
        let other = Arc::clone(&state);
        let outcome = std::thread::spawn(move || {
            let _guard = other.counters.lock().unwrap();
            panic!("while the lock is held");
        });
        assert!(outcome.join().is_err());
        assert_eq!(state.attempt(&key("a")).await.unwrap(), Attempt::Allowed);
    }

    #[tokio::test]
    async fn a_ping_succeeds() {
        let env = Arc::new(ManualEnvironment::new());
        state(&env, 1).ping().await.unwrap();
    }
}
