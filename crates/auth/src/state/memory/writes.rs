//! The changes counted under one key.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::rate_limits::WriteLimits;

/// When changes were made within the last [`WriteLimits::WINDOW`], oldest first.
#[derive(Default)]
pub(super) struct RecentWrites(VecDeque<DateTime<Utc>>);

impl RecentWrites {
    /// How long the next change has to wait so that no window has more than `limit`; `None` if it
    /// is possible now. See [`StateStore::count_write`](crate::StateStore::count_write).
    pub(super) fn wait(&mut self, limit: u32, now: DateTime<Utc>) -> Option<Duration> {
        let is_past = |at: &DateTime<Utc>| *at + WriteLimits::WINDOW <= now;
        while self.0.front().is_some_and(is_past) {
            self.0.pop_front();
        }
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        // There is room once this one has left; under a limit that was lowered, not only the first.
        let leaving = self.0.get(self.0.len().checked_sub(limit)?)?;
        let left = (*leaving + WriteLimits::WINDOW).signed_duration_since(now);
        left.to_std().ok()
    }

    /// Counts a change.
    pub(super) fn count(&mut self, now: DateTime<Utc>) {
        self.0.push_back(now);
    }
}
