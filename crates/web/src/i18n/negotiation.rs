//! Language negotiation.

use actix_web::HttpRequest;
use actix_web::http::header::{ACCEPT_LANGUAGE, LanguageTag, Preference, Quality, QualityItem};
use portal_domain::profiles::Locale;

/// The portal's language that the browser prefers, else English (RFC 9110, section 12.5.4).
///
/// `de-AT` is German, `q=0` excludes a language, and elements that cannot be read are skipped.
pub(crate) fn negotiate(request: &HttpRequest) -> Locale {
    let mut preferences: Vec<QualityItem<Preference<LanguageTag>>> = request
        .headers()
        .get_all(ACCEPT_LANGUAGE)
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .filter_map(|element| str::from_utf8(element).ok()?.trim().parse().ok())
        .collect();
    preferences.sort_by_key(|preference| std::cmp::Reverse(preference.quality));
    let (accepted, excluded): (Vec<_>, Vec<_>) = preferences
        .into_iter()
        .partition(|preference| preference.quality > Quality::ZERO);
    let is_excluded = |locale: &Locale| {
        excluded.iter().any(|preference| match &preference.item {
            Preference::Specific(tag) => tag.as_str().eq_ignore_ascii_case(locale.as_str()),
            Preference::Any => false,
        })
    };
    let any = || Locale::ALL.iter().copied().find(|it| !is_excluded(it));
    accepted
        .iter()
        .find_map(|preference| match &preference.item {
            Preference::Specific(tag) => tag.primary_language().to_lowercase().parse().ok(),
            Preference::Any => any(),
        })
        .or_else(any)
        .unwrap_or(Locale::English)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn preferred_available_language_wins() {
        for (header, locale) in [
            ("de", Locale::German),
            ("de-AT", Locale::German),
            ("fr, de;q=0.8, en;q=0.5", Locale::German),
            ("en-GB,en;q=0.9,de;q=0.8", Locale::English),
            ("de;q=0.1, en;q=0.2", Locale::English),
            ("fr, ja", Locale::English),
            ("*", Locale::English),
            ("", Locale::English),
            ("!!", Locale::English),
            ("DE-at", Locale::German),
            ("de;q=0", Locale::English),
            ("de;q=0, *", Locale::English),
            ("en;q=0, *", Locale::German),
            ("en;q=0", Locale::German),
            ("de;q=0.000, en;q=0", Locale::English),
            ("de-CH, de;q=0", Locale::German),
            ("!!, de", Locale::German),
        ] {
            let request = TestRequest::default()
                .insert_header(("accept-language", header))
                .to_http_request();
            assert_eq!(negotiate(&request), locale, "{header:?}");
        }
    }

    #[test]
    fn unreadable_bytes_hide_no_other_language() {
        let header = HeaderValue::from_bytes(b"\xe4, de").unwrap();
        let request = TestRequest::default()
            .insert_header((ACCEPT_LANGUAGE, header))
            .to_http_request();
        assert_eq!(negotiate(&request), Locale::German);
    }
}
