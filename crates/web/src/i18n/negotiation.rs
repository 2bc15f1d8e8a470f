//! Language negotiation.

use actix_web::HttpRequest;
use actix_web::http::header::{AcceptLanguage, Header as _, Preference};
use portal_domain::profiles::Locale;

/// The browser's preferred language of those that the portal has, else English. `de-AT` is German.
pub(crate) fn negotiate(request: &HttpRequest) -> Locale {
    let Ok(accepted) = AcceptLanguage::parse(request) else {
        return Locale::English;
    };
    accepted
        .ranked()
        .iter()
        .find_map(|preference| match preference {
            Preference::Any => Some(Locale::English),
            Preference::Specific(tag) => tag.primary_language().parse().ok(),
        })
        .unwrap_or(Locale::English)
}

#[cfg(test)]
mod tests {
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
        ] {
            let request = TestRequest::default()
                .insert_header(("accept-language", header))
                .to_http_request();
            assert_eq!(negotiate(&request), locale, "{header:?}");
        }
    }
}
