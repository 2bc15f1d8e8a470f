//! The words of one language.

use std::borrow::Cow;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use portal_domain::profiles::Locale;
use unic_langid::LanguageIdentifier;

use super::{Formats, Message};

/// The Fluent files of one language, each for one feature.
macro_rules! resources {
    ($language:literal) => {
        [
            include_str!(concat!("../../locales/", $language, "/common.ftl")),
            include_str!(concat!("../../locales/", $language, "/forms.ftl")),
            include_str!(concat!("../../locales/", $language, "/errors.ftl")),
            include_str!(concat!("../../locales/", $language, "/auth.ftl")),
            include_str!(concat!("../../locales/", $language, "/home.ftl")),
            include_str!(concat!("../../locales/", $language, "/profile.ftl")),
            include_str!(concat!("../../locales/", $language, "/devices.ftl")),
            include_str!(concat!("../../locales/", $language, "/equipment.ftl")),
            include_str!(concat!("../../locales/", $language, "/tickets.ftl")),
        ]
    };
}

static ENGLISH: LazyLock<Texts> = LazyLock::new(|| Texts::read(Locale::English, &resources!("en")));
static GERMAN: LazyLock<Texts> = LazyLock::new(|| Texts::read(Locale::German, &resources!("de")));

/// Everything that the portal says in one language.
pub(crate) struct Texts {
    locale: Locale,
    bundle: FluentBundle<FluentResource>,
}

impl Texts {
    /// The texts of a language.
    pub(crate) fn of(locale: Locale) -> &'static Self {
        match locale {
            Locale::English => &ENGLISH,
            Locale::German => &GERMAN,
        }
    }

    fn read(locale: Locale, resources: &[&str]) -> Self {
        let language: LanguageIdentifier = locale.as_str().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // The marks that isolate directions would be seen in titles; no language here needs them.
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(match locale {
            Locale::English => |value, _| grouped(Locale::English, value),
            Locale::German => |value, _| grouped(Locale::German, value),
        }));
        for text in resources {
            // What Fluent cannot read is left out, and missed by the tests.
            let resource = FluentResource::try_new((*text).to_owned());
            let resource = resource.unwrap_or_else(|(resource, _)| resource);
            bundle.add_resource_overriding(resource);
        }
        Self { locale, bundle }
    }

    /// The language.
    pub(crate) const fn locale(&self) -> Locale {
        self.locale
    }

    /// A text without arguments.
    pub(crate) fn t(&self, key: &str) -> Cow<'_, str> {
        self.look_up(key, None)
    }

    /// A text with one argument.
    pub(crate) fn t1<'a>(
        &self,
        key: &str,
        name: &'a str,
        value: impl Into<FluentValue<'a>>,
    ) -> String {
        let mut arguments = FluentArgs::with_capacity(1);
        arguments.set(name, value);
        self.look_up(key, Some(&arguments)).into_owned()
    }

    /// What a message says.
    pub(crate) fn say(&self, message: &Message) -> String {
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

/// Numbers as people of the language write them.
fn grouped(locale: Locale, value: &FluentValue<'_>) -> Option<String> {
    match value {
        FluentValue::Number(number) if number.value.fract() == 0.0 => {
            #[expect(clippy::cast_possible_truncation, reason = "counts are far smaller")]
            let whole = number.value as i64;
            Some(Formats::number(locale, whole))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_speaks_for_itself() {
        for (locale, name) in [(Locale::English, "English"), (Locale::German, "Deutsch")] {
            assert_eq!(Texts::of(locale).t("language-name"), name);
        }
    }

    #[test]
    fn a_message_says_its_arguments() {
        let message = Message::new("error-too-long").with("max", 50_000);
        let text = Texts::of(Locale::English).say(&message);
        assert!(text.contains("50,000"), "{text}");
        let text = Texts::of(Locale::German).say(&message);
        assert!(text.contains("50.000"), "{text}");
    }

    #[test]
    fn a_missing_text_shows_its_key() {
        assert_eq!(Texts::of(Locale::English).t("no-such-key"), "no-such-key");
    }
}
