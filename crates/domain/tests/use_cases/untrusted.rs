//! Values that are parsed from what anybody may type: no text makes a parser panic, and what it
//! accepts keeps its promises.

use std::fmt::Display;
use std::str::FromStr;

use portal_domain::branding::{Color, CustomCss};
use portal_domain::idempotency::IdempotencyKey;
use portal_domain::ids::TicketId;
use portal_domain::pagination::PageRequest;
use portal_domain::profiles::Password;
use portal_domain::text::{isolated, search_key};
use portal_domain::tickets::{Description, Subject, TicketNumber};
use portal_domain::timestamp;
use portal_domain::values::{
    DomainName, EmailAddress, HttpUrl, HttpsUrl, PersonName, SearchWords, TimeZone,
};
use portal_test_support::properties::{for_all, text_with};

/// The value of a text, which is the same when it is read again from what it is shown as.
fn stable<T: FromStr + Display + PartialEq>(text: &str) -> Option<T> {
    let value: T = text.parse().ok()?;
    let shown = value.to_string();
    assert!(shown.parse().ok() == Some(value), "{text:?} as {shown:?}");
    text.parse().ok()
}

#[test]
fn colours() {
    let text = text_with(&[
        "#",
        "rgb(",
        "rgba(",
        "hsl(",
        "HSLA(",
        "from ",
        ")",
        ",",
        "/",
        "%",
        " ",
        "0",
        "255",
        "ff",
        "-1",
        "1e9",
        "nan",
        "inf",
        "deg",
        "turn",
        "none",
        "red",
        "transparent",
        "calc(",
        "currentcolor",
    ]);
    for_all(2_000, text, |text| {
        if let Some(color) = stable::<Color>(&text) {
            let shown = color.to_string();
            assert!(shown.len() == 7 && shown.starts_with('#'), "{shown}");
            let contrast = color.contrast(color.text_color());
            assert!(contrast >= Color::TEXT_CONTRAST, "{shown}: {contrast}");
        }
    });
}

#[test]
fn idempotency_keys() {
    let text = text_with(&[
        "\"",
        "\\",
        "\\\"",
        ",",
        ";",
        " ",
        "\t",
        "a",
        "8e03978e-40d5",
        "=",
        "?1",
        "\u{7f}",
        "ä",
    ]);
    for_all(4_000, text, |text| {
        let parsed: Result<IdempotencyKey, _> = text.parse();
        let Ok(key) = parsed else { return };
        let bytes = key.as_str().as_bytes();
        assert!(
            (1..=IdempotencyKey::MAX_LENGTH).contains(&bytes.len()),
            "{text:?}"
        );
        assert!(bytes.iter().all(u8::is_ascii_graphic), "{text:?}");
        // In quotes, every key is the same key.
        let quoted = key.as_str().replace('\\', "\\\\").replace('"', "\\\"");
        assert_eq!(format!("\"{quoted}\"").parse(), Ok(key), "{text:?}");
    });
}

#[test]
fn style_sheets() {
    let text = text_with(&[
        "a",
        "{",
        "}",
        ":",
        ";",
        "(",
        ")",
        "[",
        "]",
        "\"",
        "'",
        "\\",
        "\\75",
        "/*",
        "*/",
        "@import ",
        "@media ",
        "url(",
        "URL(",
        "u\\72l(",
        "data:image/png,",
        "https://evil.example/",
        "<",
        "-->",
        "</style>",
        "expression(",
        "behavior:",
        "--x:",
        "\n",
        "\r\n",
        "\u{c}",
        "image-set(",
        "color",
    ]);
    let sheets = (
        text,
        text_with(&[
            "a{}",
            "b{color:red}",
            "/*",
            "*/",
            "\"",
            "}",
            "{",
            "\\",
            "(",
            ")",
        ]),
    );
    for_all(3_000, sheets, |(first, second)| {
        let Ok(first) = first.parse::<CustomCss>() else {
            return;
        };
        let first = first.as_str();
        assert!(!first.contains('<') && !first.contains('\r'), "{first:?}");
        let again = first.parse::<CustomCss>();
        assert_eq!(again.as_ref().map(CustomCss::as_str), Ok(first));
        // It is complete: whatever stands behind it means what it means alone.
        let joined = format!("{first}\n{second}");
        let (alone, joined) = (second.parse::<CustomCss>(), joined.parse::<CustomCss>());
        assert_eq!(alone.is_ok(), joined.is_ok(), "{first:?} and {second:?}");
    });
}

#[test]
fn domain_names() {
    let text = text_with(&[
        "portal",
        ".",
        "example",
        "xn--",
        "bücher",
        "。",
        ":",
        "80",
        "127.0.0.1",
        "0x7f",
        "[::1]",
        "-",
        "_",
        "/",
        "@",
        "*",
        "\u{ad}",
        "\u{200d}",
        "ß",
        "İ",
        " ",
        "\t",
    ]);
    for_all(3_000, text, |text| {
        let parsed = stable::<DomainName>(&text);
        let host = DomainName::from_host(&text);
        for name in parsed.iter().chain(&host) {
            let name = name.as_str();
            assert!(name.len() <= 253 && name.contains('.'), "{name:?}");
            let is_label = |label: &str| {
                let is_letter = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
                (1..=63).contains(&label.len())
                    && label.bytes().all(is_letter)
                    && !label.starts_with('-')
                    && !label.ends_with('-')
            };
            assert!(name.split('.').all(is_label), "{name:?}");
            assert!(name.parse::<std::net::IpAddr>().is_err(), "{name:?}");
            assert_eq!(DomainName::from_host(name).unwrap().as_str(), name);
        }
    });
}

#[test]
fn mail_addresses() {
    let text = text_with(&[
        "ada",
        "@",
        ".",
        "acme",
        "example",
        "+",
        "\"",
        "(",
        ")",
        "<",
        ">",
        ",",
        ";",
        "\r\n",
        "bücher",
        "[127.0.0.1]",
        " ",
        "Bcc:",
        "\0",
        "A",
    ]);
    for_all(3_000, text, |text| {
        if let Some(address) = stable::<EmailAddress>(&text) {
            let text = address.as_str();
            assert!(
                !text.contains(|c: char| c.is_control() || c.is_whitespace()),
                "{text:?}"
            );
            assert!(
                !text.contains(['<', '>', ',', ';', '"', '(', ')']),
                "{text:?}"
            );
            assert_eq!(text.matches('@').count(), 1, "{text:?}");
            assert!(!address.domain().is_empty());
        }
    });
}

#[test]
fn links() {
    let text = text_with(&[
        "http",
        "https",
        "HTTPS",
        "javascript",
        "data",
        ":",
        "//",
        "/",
        "\\",
        "user:password@",
        "example.com",
        "?",
        "#",
        " ",
        "\t",
        "\n",
        "\0",
        "'",
        "\"",
        "<",
        "*",
        ";",
        "%",
        "[::1]",
        "bücher",
    ]);
    for_all(3_000, text, |text| {
        if let Some(link) = stable::<HttpUrl>(&text) {
            let url = url_scheme(link.as_str());
            assert!(url == "http" || url == "https", "{link}");
        }
        if let Some(link) = stable::<HttpsUrl>(&text) {
            assert_eq!(url_scheme(link.as_str()), "https", "{link}");
            let origin = link.origin();
            assert!(origin.starts_with("https://"), "{origin:?}");
            assert!(
                !origin.contains([' ', ';', ',', '\'', '"', '*']),
                "{origin:?}"
            );
        }
    });
}

/// What a browser takes for the scheme, which ignores tabs, line ends and case.
fn url_scheme(link: &str) -> String {
    let link = link.replace(['\t', '\n', '\r'], "").to_ascii_lowercase();
    link.split(':').next().unwrap_or_default().to_owned()
}

#[test]
fn texts() {
    let text = text_with(&[
        "a", " ", "\n", "\r\n", "\t", "\0", "\u{85}", "\u{2028}", "\u{200b}", "\u{202e}",
        "\u{2066}", "\u{2069}", "\u{301}", "\u{2800}", "\u{feff}", "İ", "ß",
    ]);
    for_all(3_000, text, |text| {
        let is_shown = |text: &str| search_key(text).chars().any(|c| !c.is_whitespace());
        if let Some(subject) = stable::<Subject>(&text) {
            assert!(!subject.as_str().contains(char::is_control), "{subject:?}");
        }
        if let Some(name) = stable::<PersonName>(&text) {
            assert!(!name.as_str().contains(char::is_control), "{name:?}");
        }
        if let Some(description) = stable::<Description>(&text) {
            let is_refused = |c: char| c.is_control() && c != '\n' && c != '\t';
            assert!(
                !description.as_str().contains(is_refused),
                "{description:?}"
            );
        }
        if let Ok(words) = text.parse::<SearchWords>() {
            assert!(words.words().iter().all(|word| is_shown(word.key())));
            assert!(words.occur_in(&search_key(&text)), "{text:?}");
        }
        // Whatever is isolated opens and closes nothing around it.
        let shown = isolated(&text);
        let depth = shown.chars().try_fold(0_u32, |depth, c| match c {
            '\u{2066}'..='\u{2068}' => Some(depth + 1),
            '\u{2069}' => depth.checked_sub(1),
            _ => Some(depth),
        });
        assert_eq!(depth, Some(0), "{text:?} as {shown:?}");
    });
}

#[test]
fn passwords() {
    let text = text_with(&[
        "a",
        "Z",
        "7",
        " ",
        "\u{3000}",
        "e\u{301}",
        "é",
        "\0",
        "ﬀ",
        "correct horse",
    ]);
    for_all(2_000, text, |text| {
        if let Ok(password) = text.parse::<Password>() {
            // Its debug output is no copy of it.
            assert!(!format!("{password:?}").contains(&text));
        }
    });
}

#[test]
fn numbers_and_times() {
    let text = text_with(&[
        "0",
        "1",
        "9",
        "-",
        "+",
        ":",
        "T",
        "Z",
        "2026-01-31",
        "09:05:00",
        "60",
        ".",
        "\u{2212}",
        "99999999999999999999",
        " ",
        "00010101",
        "Europe/Berlin",
        "7KQ3MRXD",
        "018f3e2a-0000-7000-8000-000000000000",
    ]);
    for_all(3_000, (text.clone(), text), |(text, other)| {
        let page = PageRequest::parse(Some(&text), Some(&other));
        assert!(page.offset() >= 0);
        if let Ok(instant) = timestamp::parse(&text) {
            assert_eq!(
                timestamp::parse(&instant.to_rfc3339()),
                Ok(instant),
                "{text}"
            );
        }
        stable::<TicketId>(&text);
        stable::<TicketNumber>(&text);
        let _ = text.parse::<TimeZone>();
    });
}
