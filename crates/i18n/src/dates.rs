//! Dates and numbers in each language, by CLDR data.

use chrono::{
    DateTime, Datelike as _, NaiveDate, NaiveDateTime, SecondsFormat, Timelike as _, Utc,
};
use icu_calendar::Gregorian;
use icu_datetime::FixedCalendarDateTimeFormatter;
use icu_datetime::fieldsets::{YMD, YMDE, YMDT};
use icu_datetime::input::{Date, DateTime as IcuDateTime, Time};
use icu_decimal::DecimalFormatter;
use icu_decimal::options::DecimalFormatterOptions;
use icu_locale_core::Locale as IcuLocale;
use portal_domain::profiles::Locale;

thread_local! {
    /// The formats of each language, per thread because they are not `Sync`.
    static FORMATS: Vec<(Locale, Formats)> =
        Locale::ALL.iter().map(|locale| (*locale, Formats::load(*locale))).collect();
}

/// The date and number formats of a language.
pub struct Formats {
    day: Option<FixedCalendarDateTimeFormatter<Gregorian, YMD>>,
    weekday: Option<FixedCalendarDateTimeFormatter<Gregorian, YMDE>>,
    moment: Option<FixedCalendarDateTimeFormatter<Gregorian, YMDT>>,
    number: Option<DecimalFormatter>,
}

impl Formats {
    fn load(locale: Locale) -> Self {
        let locale: IcuLocale = locale.as_str().parse().unwrap_or(IcuLocale::UNKNOWN);
        Self {
            day: FixedCalendarDateTimeFormatter::try_new((&locale).into(), YMD::medium()).ok(),
            weekday: FixedCalendarDateTimeFormatter::try_new((&locale).into(), YMDE::long()).ok(),
            moment: FixedCalendarDateTimeFormatter::try_new(
                (&locale).into(),
                YMD::medium().with_time_hm(),
            )
            .ok(),
            number: DecimalFormatter::try_new((&locale).into(), DecimalFormatterOptions::default())
                .ok(),
        }
    }

    fn with(locale: Locale, format: impl Fn(&Self) -> Option<String>) -> Option<String> {
        FORMATS.with(|all| {
            let (_, formats) = all.iter().find(|(of, _)| *of == locale)?;
            format(formats)
        })
    }

    /// A day, such as `Jan 31, 2026`.
    pub fn day(locale: Locale, day: NaiveDate) -> String {
        let written = Self::with(locale, |formats| {
            Some(formats.day.as_ref()?.format(&date(day)?).to_string())
        });
        written.unwrap_or_else(|| day.to_string())
    }

    /// A day in full, such as `Saturday, January 31, 2026`.
    pub fn weekday(locale: Locale, day: NaiveDate) -> String {
        let written = Self::with(locale, |formats| {
            Some(formats.weekday.as_ref()?.format(&date(day)?).to_string())
        });
        written.unwrap_or_else(|| day.to_string())
    }

    /// A day and a time of day, such as `Jan 31, 2026, 5:05 PM`.
    pub fn moment(locale: Locale, moment: NaiveDateTime) -> String {
        let written = Self::with(locale, |formats| {
            let input = IcuDateTime {
                date: date(moment.date())?,
                time: time(moment)?,
            };
            Some(formats.moment.as_ref()?.format(&input).to_string())
        });
        written.unwrap_or_else(|| moment.format("%Y-%m-%d %H:%M").to_string())
    }

    /// A whole number, such as `12,345`.
    pub fn number(locale: Locale, number: i64) -> String {
        let written = Self::with(locale, |formats| {
            Some(formats.number.as_ref()?.format(&number.into()).to_string())
        });
        written.unwrap_or_else(|| number.to_string())
    }
}

/// A timestamp for the `datetime` attribute of `<time>`.
pub fn machine_time(timestamp: &DateTime<Utc>) -> String {
    timestamp.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn date(day: NaiveDate) -> Option<Date<Gregorian>> {
    let (month, day_of_month) = (day.month().try_into().ok()?, day.day().try_into().ok()?);
    Date::try_new_gregorian(day.year(), month, day_of_month).ok()
}

fn time(moment: NaiveDateTime) -> Option<Time> {
    let (hour, minute) = (
        moment.hour().try_into().ok()?,
        moment.minute().try_into().ok()?,
    );
    Time::try_new(hour, minute, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_numbers_are_formatted_in_each_language() {
        let moment: NaiveDateTime = "2026-01-31T17:05:00".parse().unwrap();
        for (locale, day, weekday, at, number) in [
            (
                Locale::English,
                "Jan 31, 2026",
                "Saturday, January 31, 2026",
                "Jan 31, 2026, 5:05\u{202f}PM",
                "12,345",
            ),
            (
                Locale::German,
                "31.01.2026",
                "Samstag, 31. Januar 2026",
                "31.01.2026, 17:05",
                "12.345",
            ),
        ] {
            assert_eq!(Formats::day(locale, moment.date()), day);
            assert_eq!(Formats::weekday(locale, moment.date()), weekday);
            assert_eq!(Formats::moment(locale, moment), at);
            assert_eq!(Formats::number(locale, 12_345), number);
        }
    }
}
