//! The header `Content-Disposition` (RFC 6266): names of files.

use actix_web::http::header::{CONTENT_DISPOSITION, HeaderMap};
use portal_domain::files::{Attachment, FileName};

/// The name of the file in a body; one that has none gets a name.
pub(super) fn file_name(headers: &HeaderMap) -> FileName {
    let header = headers.get(CONTENT_DISPOSITION);
    let header = header
        .map(|value| text(value.as_bytes()))
        .unwrap_or_default();
    let parameters = parameters(&header);
    let named = |wanted: &str| {
        let mut found = parameters.iter();
        found
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value)
    };
    // The extended form comes first (section 4.3), unless it cannot be read.
    let extended = named("filename*").and_then(|value| extended_value(value));
    let name = extended.or_else(|| named("filename").cloned());
    let Ok(name) = name.unwrap_or_default().parse();
    name
}

/// UTF-8, as browsers and programs send it, else Latin 1, as the standard once had it.
fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}

/// The parameters after the disposition's type, with names in lower case and quotes taken off.
fn parameters(header: &str) -> Vec<(String, String)> {
    let mut parameters = Vec::new();
    let mut rest = header.split_once(';').map_or("", |(_, rest)| rest);
    while let Some((name, after)) = rest.split_once('=') {
        let name = name.trim_matches([' ', '\t', ';']).to_ascii_lowercase();
        let after = after.trim_start();
        let value;
        if let Some(quoted) = after.strip_prefix('"') {
            (value, rest) = unquoted(quoted);
        } else {
            let (token, others) = after.split_once(';').unwrap_or((after, ""));
            (value, rest) = (token.trim().to_owned(), others);
        }
        parameters.push((name, value));
    }
    parameters
}

/// A quoted string without its quotes and escapes, and what follows it.
fn unquoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            '"' => break,
            '\\' => match characters.next() {
                Some(escaped @ ('"' | '\\')) => value.push(escaped),
                // A path of Windows in quotes, not escaped.
                Some(other) => value.extend([c, other]),
                None => value.push(c),
            },
            c => value.push(c),
        }
    }
    (value, characters.as_str())
}

/// A value in the form of RFC 8187: `UTF-8''%e2%82%ac.png`.
fn extended_value(value: &str) -> Option<String> {
    let mut parts = value.splitn(3, '\'');
    let (charset, _language, encoded) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes: Vec<u8> = percent_encoding::percent_decode_str(encoded).collect();
    match charset.to_ascii_lowercase().as_str() {
        "utf-8" => String::from_utf8(bytes).ok(),
        "iso-8859-1" => Some(bytes.iter().copied().map(char::from).collect()),
        _ => None,
    }
}

/// What RFC 8187 leaves as it is.
const KEPT: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// The header for a file that is fetched, with its name in both forms.
pub(crate) fn content_disposition(file: &Attachment) -> String {
    let kind = if file.content_type.is_inline() {
        "inline"
    } else {
        "attachment"
    };
    let name = file.file_name.as_str();
    let plain = |c: char| match c {
        '"' | '\\' | '%' => '_',
        c if c.is_ascii() && !c.is_ascii_control() => c,
        _ => '_',
    };
    let ascii: String = name.chars().map(plain).collect();
    let encoded = percent_encoding::utf8_percent_encode(name, KEPT);
    format!("{kind}; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn name(header: &[u8]) -> String {
        let mut headers = HeaderMap::new();
        let value = HeaderValue::from_bytes(header).unwrap();
        headers.insert(CONTENT_DISPOSITION, value);
        file_name(&headers).into_string()
    }

    #[test]
    fn names_are_read_in_all_forms_of_the_standard() {
        for (header, expected) in [
            (&b"attachment; filename=\"a b.png\""[..], "a b.png"),
            (b"attachment; filename=a.png", "a.png"),
            (b"attachment; FileName=a.png ; x=y", "a.png"),
            (b"inline;filename=\"a;b=\\\"c\\\".txt\"", "a;b=\"c\".txt"),
            (
                b"attachment; filename=\"_.png\"; filename*=UTF-8''%e2%82%ac.png",
                "€.png",
            ),
            (
                b"attachment; filename*=utf-8'de'%C3%BC.png; filename=u.png",
                "ü.png",
            ),
            (b"attachment; filename*=iso-8859-1''%FC.png", "ü.png"),
            (
                b"attachment; filename=u.png; filename*=koi8-r''%FC.png",
                "u.png",
            ),
            (b"attachment; filename=u.png; filename*=UTF-8''%FF", "u.png"),
            ("attachment; filename=\"Grüße.txt\"".as_bytes(), "Grüße.txt"),
            (b"attachment; filename=\"gr\xfcn.txt\"", "grün.txt"),
            (b"attachment; filename=\"C:\\Temp\\a.png\"", "C:_Temp_a.png"),
            (
                b"attachment; filename*=UTF-8''..%2F..%2Fetc%00",
                ".._.._etc",
            ),
            (b"attachment", "file"),
            (b"attachment; filename", "file"),
            (b"attachment; filename=\"", "file"),
        ] {
            assert_eq!(name(header), expected);
        }
        assert_eq!(file_name(&HeaderMap::new()).as_str(), "file");
    }
}
