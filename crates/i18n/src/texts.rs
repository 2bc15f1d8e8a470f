//! The translations of one language.

use std::borrow::Cow;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use portal_domain::profiles::Locale;
use portal_domain::text::isolated;
use unic_langid::LanguageIdentifier;

use super::{Formats, Message};

/// Declares a function that returns the texts of a crate in a language.
///
/// The files are `locales/<language>/<name>.ftl` beside the crate's `Cargo.toml`, for every
/// language. They are compiled in, and read when the language is first asked for.
///
/// ```ignore
/// portal_i18n::texts!(pub fn texts from ["common", "forms"]);
///
/// assert_eq!(texts(Locale::German).t("language-name"), "Deutsch");
/// ```
#[macro_export]
macro_rules! texts {
    ($visibility:vis fn $name:ident from [$($file:literal),+ $(,)?]) => {
        /// The texts of a language.
        $visibility fn $name(locale: $crate::Locale) -> &'static $crate::Texts {
            static ENGLISH: ::std::sync::LazyLock<$crate::Texts> =
                ::std::sync::LazyLock::new(|| $crate::texts!(@read English, "en", $($file),+));
            static GERMAN: ::std::sync::LazyLock<$crate::Texts> =
                ::std::sync::LazyLock::new(|| $crate::texts!(@read German, "de", $($file),+));
            match locale {
                $crate::Locale::English => &ENGLISH,
                $crate::Locale::German => &GERMAN,
            }
        }
    };
    (@read $locale:ident, $code:literal, $($file:literal),+) => {
        $crate::Texts::read(
            $crate::Locale::$locale,
            &[$(include_str!(
                concat!(env!("CARGO_MANIFEST_DIR"), "/locales/", $code, "/", $file, ".ftl")
            )),+],
        )
    };
}

/// The names of the domain's states.
const fn states(locale: Locale) -> &'static str {
    match locale {
        Locale::English => include_str!("../locales/en/states.ftl"),
        Locale::German => include_str!("../locales/de/states.ftl"),
    }
}

/// The texts of a crate in one language.
pub struct Texts {
    locale: Locale,
    bundle: FluentBundle<FluentResource>,
}

impl Texts {
    /// Parses texts in Fluent's syntax, and adds the names of the domain's states.
    ///
    /// Invalid entries are left out and then shown by their key, like missing texts.
    pub fn read(locale: Locale, resources: &[&str]) -> Self {
        let language: LanguageIdentifier = locale.as_str().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // `formatted` isolates the arguments that need it; around all others, the marks would only be
        // in the way of titles and of the subjects of mails.
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(match locale {
            Locale::English => |value, _| formatted(Locale::English, value),
            Locale::German => |value, _| formatted(Locale::German, value),
        }));
        for text in [states(locale)].iter().chain(resources) {
            let resource = FluentResource::try_new((*text).to_owned());
            let resource = resource.unwrap_or_else(|(resource, _)| resource);
            bundle.add_resource_overriding(resource);
        }
        Self { locale, bundle }
    }

    /// The language.
    pub const fn locale(&self) -> Locale {
        self.locale
    }

    /// A text without arguments.
    pub fn t(&self, key: &str) -> Cow<'_, str> {
        self.look_up(key, None)
    }

    /// Whether there is a text under this key.
    pub fn has(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }

    /// A text with one argument.
    pub fn t1<'a>(&self, key: &str, name: &'a str, value: impl Into<FluentValue<'a>>) -> String {
        let mut arguments = FluentArgs::with_capacity(1);
        arguments.set(name, value);
        self.look_up(key, Some(&arguments)).into_owned()
    }

    /// A message as text.
    pub fn say(&self, message: &Message) -> String {
        let arguments: FluentArgs<'_> = message.arguments().iter().cloned().collect();
        self.look_up(message.key(), Some(&arguments)).into_owned()
    }

    fn look_up<'t>(&'t self, key: &str, arguments: Option<&FluentArgs<'_>>) -> Cow<'t, str> {
        let pattern = self.bundle.get_message(key).and_then(|text| text.value());
        let Some(pattern) = pattern else {
            tracing::error!(key, locale = self.locale.as_str(), "a text is missing");
            return Cow::Owned(key.to_owned());
        };
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, arguments, &mut errors);
        for error in &errors {
            let error: &dyn std::error::Error = error;
            tracing::error!(
                key,
                locale = self.locale.as_str(),
                error,
                "a text is broken"
            );
        }
        Cow::Owned(text.into_owned())
    }
}

/// Whole numbers in the language's format, and texts that change nothing of the text around them.
fn formatted(locale: Locale, value: &FluentValue<'_>) -> Option<String> {
    match value {
        FluentValue::Number(number) if number.value.fract() == 0.0 => {
            #[expect(clippy::cast_possible_truncation, reason = "counts are far smaller")]
            let whole = number.value as i64;
            Some(Formats::number(locale, whole))
        }
        FluentValue::String(text) => Some(isolated(text).into_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_contains_its_arguments() {
        let message = Message::new("long").with("max", 50_000).with("of", "this");
        for (locale, said) in [
            (Locale::English, "50,000 of this"),
            (Locale::German, "50.000 of this"),
        ] {
            let texts = Texts::read(locale, &["long = { $max } of { $of }"]);
            assert_eq!(texts.say(&message), said);
        }
    }

    #[test]
    fn an_argument_changes_nothing_of_the_text_around_it() {
        let texts = Texts::read(Locale::English, &["of = { $name } (1)"]);
        for (name, said) in [
            ("Ada", "Ada (1)"),
            ("\u{202e}adA\u{2069}", "adA (1)"),
            ("عدا", "\u{2068}عدا\u{2069} (1)"),
        ] {
            assert_eq!(texts.t1("of", "name", name), said);
        }
    }

    #[test]
    fn a_missing_text_shows_its_key() {
        let texts = Texts::read(Locale::English, &["broken"]);
        assert_eq!(texts.t("broken"), "broken");
        assert_eq!(texts.t("no-such-key"), "no-such-key");
    }
}
