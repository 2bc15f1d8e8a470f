//! The clock of a story, relative to the moment of loading.
//!
//! Events of earlier days have a time of day, so that people write in office hours. Events of today
//! are minutes ago, at most [`TODAY`]: whatever the hour of loading, none is in the future and all
//! follow the day before. That is why no time of day is later than 17:59.

use std::str::FromStr;

use chrono::{DateTime, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use portal_domain::environment::Environment;

/// The longest time since an event of today.
pub(crate) const TODAY: TimeDelta = TimeDelta::hours(6);

/// A moment of a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// A time of day where the organization is.
    OnDay {
        /// Days after the day of loading; negative before it.
        day: i64,
        time: NaiveTime,
    },
    /// Minutes before the moment of loading.
    MinutesAgo(i64),
}

/// The text is no moment of a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a moment such as -13d 09:20 or -97m")]
pub(crate) struct InvalidWhen;

/// `-13d 09:20` is a time on an earlier day, `+2d 18:00` on a later one; `-97m` is minutes ago.
impl FromStr for When {
    type Err = InvalidWhen;

    fn from_str(text: &str) -> Result<Self, InvalidWhen> {
        let minutes = text
            .strip_prefix('-')
            .and_then(|text| text.strip_suffix('m'));
        if let Some(minutes) = minutes {
            let minutes = minutes.parse().ok().map(Self::MinutesAgo);
            return minutes.ok_or(InvalidWhen);
        }
        let (day, time) = text.split_once("d ").ok_or(InvalidWhen)?;
        match (day.parse(), NaiveTime::parse_from_str(time, "%H:%M")) {
            (Ok(day), Ok(time)) => Ok(Self::OnDay { day, time }),
            _ => Err(InvalidWhen),
        }
    }
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
            When::OnDay { day, time } => {
                let today = self.present.with_timezone(&self.zone).date_naive();
                let local = (today + TimeDelta::days(day)).and_time(time);
                // Clocks change at night, so a time in office hours exists exactly once.
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

    fn when(text: &str) -> When {
        text.parse().unwrap()
    }

    #[test]
    fn a_time_of_day_is_local_across_a_daylight_saving_change() {
        // The 16th in Berlin.
        let clock = clock("2026-04-15T22:30:00Z");
        assert_eq!(
            clock.at(when("-1d 09:05")).now().to_rfc3339(),
            "2026-04-15T07:05:00+00:00"
        );
        assert_eq!(
            clock.at(when("-30d 09:05")).now().to_rfc3339(),
            "2026-03-17T08:05:00+00:00"
        );
        assert_eq!(
            clock.instant(when("+2d 17:00")).to_rfc3339(),
            "2026-04-18T15:00:00+00:00"
        );
    }

    #[test]
    fn events_of_today_follow_those_of_yesterday_even_just_after_midnight() {
        let clock = clock("2026-04-15T22:00:00Z");
        let first_today = When::MinutesAgo(TODAY.num_minutes());
        assert!(clock.instant(when("-1d 17:59")) < clock.instant(first_today));
    }

    #[test]
    fn an_invalid_moment_is_refused() {
        for text in [
            "",
            "97m",
            "-m",
            "13d",
            "-13d",
            "-13d 9:99",
            "-13d 24:00",
            "yesterday",
        ] {
            assert_eq!(text.parse::<When>(), Err(InvalidWhen), "{text:?}");
        }
    }
}
