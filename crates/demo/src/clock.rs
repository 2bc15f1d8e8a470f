//! A clock that puts each event at its time before the moment of loading.
//!
//! What lies days back has a time of day, so that people write during office hours. What happened
//! today is minutes ago, at most [`TODAY`], so that nothing lies in the future and everything
//! follows the day before, at whatever hour the data is loaded; therefore no time of day is later
//! than 17:59.

use chrono::{DateTime, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use portal_domain::environment::Environment;

/// How long ago something of today happened at most.
pub(crate) const TODAY: TimeDelta = TimeDelta::hours(6);

/// A moment of the story.
#[derive(Debug, Clone, Copy)]
pub(crate) enum When {
    /// A time of day where the organization is.
    OnDay {
        /// How many days before the day of loading; negative after it.
        days_ago: i64,
        /// The minutes since midnight.
        minute: i64,
    },
    /// Minutes before the moment of loading.
    MinutesAgo(i64),
}

/// A time on an earlier day.
pub(crate) const fn day(days_ago: i64, hour: i64, minute: i64) -> When {
    When::OnDay {
        days_ago,
        minute: hour * 60 + minute,
    }
}

/// A time on a later day.
pub(crate) const fn in_days(days: i64, hour: i64, minute: i64) -> When {
    day(-days, hour, minute)
}

/// A time today.
pub(crate) const fn minutes_ago(minutes: i64) -> When {
    When::MinutesAgo(minutes)
}

/// An environment whose clock stands still at a moment of the story.
#[derive(Clone, Copy)]
pub(crate) struct DemoClock<'a> {
    env: &'a dyn Environment,
    zone: Tz,
    present: DateTime<Utc>,
    now: DateTime<Utc>,
}

impl<'a> DemoClock<'a> {
    /// A clock at the present, for a story that takes place in `zone`.
    pub(crate) fn new(env: &'a dyn Environment, zone: Tz) -> Self {
        let present = env.now();
        Self {
            env,
            zone,
            present,
            now: present,
        }
    }

    /// The same clock at another moment.
    pub(crate) fn at(self, when: When) -> Self {
        Self {
            now: self.instant(when),
            ..self
        }
    }

    /// The instant of a moment.
    pub(crate) fn instant(self, when: When) -> DateTime<Utc> {
        match when {
            When::OnDay { days_ago, minute } => {
                let today = self.present.with_timezone(&self.zone).date_naive();
                let midnight = (today - TimeDelta::days(days_ago)).and_time(NaiveTime::MIN);
                let local = midnight + TimeDelta::minutes(minute);
                // clocks are changed at night, so an hour of the day exists once
                let instant = self.zone.from_local_datetime(&local).earliest();
                instant.map_or_else(|| local.and_utc(), |instant| instant.to_utc())
            }
            When::MinutesAgo(minutes) => self.present - TimeDelta::minutes(minutes),
        }
    }
}

impl Environment for DemoClock<'_> {
    fn now(&self) -> DateTime<Utc> {
        self.now
    }

    fn random(&self) -> [u8; 16] {
        self.env.random()
    }
}

#[cfg(test)]
mod tests {
    use portal_domain::environment::SystemEnvironment;

    use super::*;

    fn clock(present: &str) -> DemoClock<'static> {
        let present = present.parse().unwrap();
        DemoClock {
            env: &SystemEnvironment,
            zone: Tz::Europe__Berlin,
            present,
            now: present,
        }
    }

    #[test]
    fn a_time_of_day_is_local() {
        // the 16th in Berlin, and between the two lies the change to summer time
        let clock = clock("2026-04-15T22:30:00Z");
        assert_eq!(
            clock.at(day(1, 9, 5)).now().to_rfc3339(),
            "2026-04-15T07:05:00+00:00"
        );
        assert_eq!(
            clock.at(day(30, 9, 5)).now().to_rfc3339(),
            "2026-03-17T08:05:00+00:00"
        );
        assert_eq!(
            clock.instant(in_days(2, 17, 0)).to_rfc3339(),
            "2026-04-18T15:00:00+00:00"
        );
    }

    #[test]
    fn today_follows_the_day_before_just_after_midnight() {
        let clock = clock("2026-04-15T22:00:00Z");
        let minutes = TODAY.num_minutes();
        assert!(clock.instant(day(1, 17, 59)) < clock.instant(minutes_ago(minutes)));
    }
}
