//! A bounded LRU cache with a time-to-idle.

use std::hash::Hash;
use std::num::NonZeroUsize;
use std::time::Duration;

use chrono::{DateTime, Utc};
use lru::LruCache;

/// Keeps each value until it has been unused for `ttl`.
///
/// As all have the same `ttl`, the order of use is the order of expiry, so that a sweep only looks
/// at expired entries and one more.
pub(super) struct IdleCache<K: Hash + Eq, V> {
    entries: LruCache<K, Entry<V>>,
    ttl: Duration,
}

struct Entry<V> {
    used_at: DateTime<Utc>,
    value: V,
}

impl<K: Hash + Eq, V> IdleCache<K, V> {
    pub(super) fn new(capacity: NonZeroUsize, ttl: Duration) -> Self {
        // Sparse: allocates for the entries, not for the whole capacity.
        Self {
            entries: LruCache::sparse(capacity),
            ttl,
        }
    }

    /// Inserts a value, replacing the least recently used one when full.
    pub(super) fn insert(&mut self, key: K, value: V, now: DateTime<Utc>) {
        self.sweep(now);
        self.entries.put(
            key,
            Entry {
                used_at: now,
                value,
            },
        );
    }

    /// The unexpired value of a key, which counts as used now.
    pub(super) fn touch(&mut self, key: &K, now: DateTime<Utc>) -> Option<&mut V> {
        if self
            .entries
            .peek(key)
            .is_some_and(|entry| entry.used_at + self.ttl <= now)
        {
            self.entries.pop(key);
        }
        let entry = self.entries.get_mut(key)?;
        entry.used_at = now;
        Some(&mut entry.value)
    }

    /// The unexpired value of a key or a default one, which counts as used now.
    pub(super) fn touch_or_default(&mut self, key: K, now: DateTime<Utc>) -> &mut V
    where
        V: Default,
    {
        self.sweep(now);
        let new = || Entry {
            used_at: now,
            value: V::default(),
        };
        let entry = self.entries.get_or_insert_mut(key, new);
        entry.used_at = now;
        &mut entry.value
    }

    /// The unexpired values, and when each was last used.
    pub(super) fn iter(&self, now: DateTime<Utc>) -> impl Iterator<Item = (&K, &V, DateTime<Utc>)> {
        let entries = self.entries.iter();
        let live = entries.filter(move |(_, entry)| entry.used_at + self.ttl > now);
        live.map(|(key, entry)| (key, &entry.value, entry.used_at))
    }

    pub(super) fn remove(&mut self, key: &K) {
        self.entries.pop(key);
    }

    pub(super) fn retain(&mut self, mut test: impl FnMut(&K, &V) -> bool) {
        self.entries.retain(|key, entry| test(key, &entry.value));
    }

    /// Removes all of the values that match but the `count` used most recently. It looks at all
    /// values.
    pub(super) fn keep_newest(&mut self, count: usize, matches: impl Fn(&V) -> bool)
    where
        K: Clone,
    {
        let matching = self
            .entries
            .iter()
            .filter(|(_, entry)| matches(&entry.value));
        let excess: Vec<_> = matching.skip(count).map(|(key, _)| key.clone()).collect();
        for key in excess {
            self.entries.pop(&key);
        }
    }

    /// Removes expired entries.
    fn sweep(&mut self, now: DateTime<Utc>) {
        while let Some((_, oldest)) = self.entries.peek_lru()
            && oldest.used_at + self.ttl <= now
        {
            self.entries.pop_lru();
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TTL: Duration = Duration::from_secs(10);

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn cache() -> IdleCache<&'static str, u32> {
        IdleCache::new(NonZeroUsize::new(3).unwrap(), TTL)
    }

    #[test]
    fn a_value_expires_when_unused_for_the_ttl() {
        let mut cache = cache();
        cache.insert("a", 1, at(0));
        assert_eq!(cache.touch(&"a", at(9)), Some(&mut 1));
        assert_eq!(cache.touch(&"a", at(18)), Some(&mut 1));
        assert_eq!(cache.touch(&"a", at(28)), None);
        assert_eq!(cache.len(), 0);
    }

    #[test]
    fn an_expired_value_is_replaced_by_a_default() {
        let mut cache = cache();
        *cache.touch_or_default("a", at(0)) += 5;
        assert_eq!(*cache.touch_or_default("a", at(9)), 5);
        assert_eq!(*cache.touch_or_default("a", at(19)), 0);
    }

    #[test]
    fn a_sweep_keeps_used_values() {
        let mut cache = cache();
        cache.insert("a", 1, at(0));
        cache.insert("b", 2, at(1));
        cache.touch(&"a", at(5));
        cache.insert("c", 3, at(12));
        assert_eq!(cache.touch(&"a", at(12)), Some(&mut 1));
        assert_eq!(cache.touch(&"b", at(12)), None);
        assert_eq!(cache.len(), 2);
    }

    #[test]
    fn a_full_cache_drops_the_least_recently_used_value() {
        let mut cache = cache();
        for (key, value) in [("a", 1), ("b", 2), ("c", 3)] {
            cache.insert(key, value, at(0));
        }
        cache.touch(&"a", at(1));
        *cache.touch_or_default("d", at(1)) = 4;
        assert_eq!(cache.touch(&"b", at(1)), None);
        assert_eq!(cache.touch(&"a", at(1)), Some(&mut 1));
        assert_eq!(cache.len(), 3);
    }

    #[test]
    fn the_newest_of_some_values_are_kept() {
        let mut cache = cache();
        for (key, value) in [("a", 1), ("b", 1), ("c", 2)] {
            cache.insert(key, value, at(0));
        }
        cache.touch(&"a", at(1));
        cache.keep_newest(1, |value| *value == 1);
        assert_eq!(cache.touch(&"b", at(1)), None);
        assert_eq!(cache.touch(&"a", at(1)), Some(&mut 1));
        assert_eq!(cache.touch(&"c", at(1)), Some(&mut 2));
    }

    #[test]
    fn values_are_removed_and_retained() {
        let mut cache = cache();
        for (key, value) in [("a", 1), ("b", 2), ("c", 3)] {
            cache.insert(key, value, at(0));
        }
        cache.remove(&"a");
        cache.retain(|_, value| *value > 2);
        assert_eq!(cache.touch(&"a", at(0)), None);
        assert_eq!(cache.touch(&"b", at(0)), None);
        assert_eq!(cache.touch(&"c", at(0)), Some(&mut 3));
    }
}
