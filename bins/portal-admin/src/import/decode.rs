//! The text of a file in the encodings that spreadsheets write.

use anyhow::{bail, ensure};
use encoding_rs::{Encoding, MACINTOSH, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// The first bytes of workbooks: of a zip file (.xlsx, .ods, .numbers), and of .xls.
const WORKBOOKS: [&[u8]; 2] = [b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"];

/// The text of a file: UTF-8, UTF-16, Windows-1252, or Mac OS Roman where lines end as on an old
/// Mac. The encoding is given where it is a guess.
pub(super) fn decode(bytes: &[u8]) -> anyhow::Result<(String, Option<&'static Encoding>)> {
    ensure!(
        !WORKBOOKS.iter().any(|start| bytes.starts_with(start)),
        "it is a workbook, not a text file; save it as CSV"
    );
    let (encoding, is_guess) = encoding(bytes);
    let (text, had_errors) = encoding.decode_with_bom_removal(bytes);
    ensure!(
        !had_errors,
        "it begins as {} but is not; save it as CSV in UTF-8",
        encoding.name()
    );
    ensure!(
        !text.contains('\0'),
        "it is not a text file, because it has NUL bytes; save it as CSV"
    );
    if is_guess && !is_plausible(bytes, encoding) {
        bail!("its encoding is not known (UTF-8, UTF-16 or Windows-1252); save it as CSV in UTF-8");
    }
    Ok((text.into_owned(), is_guess.then_some(encoding)))
}

/// The encoding of a file, and whether it is a guess.
fn encoding(bytes: &[u8]) -> (&'static Encoding, bool) {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return (encoding, false);
    }
    match bytes {
        [first, 0, ..] if *first != 0 => (UTF_16LE, false),
        [0, second, ..] if *second != 0 => (UTF_16BE, false),
        _ if str::from_utf8(bytes).is_ok() => (UTF_8, false),
        _ if bytes.contains(&b'\r') && !bytes.contains(&b'\n') => (MACINTOSH, true),
        _ => (WINDOWS_1252, true),
    }
}

/// Whether a text makes sense in its encoding.
///
/// In Windows-1252, five bytes mean nothing, and punctuation or a capital does not stand within a
/// word; letters of DOS and Mac OS would be taken for that.
fn is_plausible(bytes: &[u8], encoding: &'static Encoding) -> bool {
    encoding != WINDOWS_1252
        || !bytes.windows(3).any(|around| {
            let [before, byte, after] = *around else {
                return false;
            };
            let (after_letter, before_letter) =
                (before.is_ascii_alphabetic(), after.is_ascii_alphabetic());
            match byte {
                0x81 | 0x8d | 0x8f | 0x90 | 0x9d => true,
                // Š, Œ, Ž and Ÿ
                0x8a | 0x8c | 0x8e | 0x9f => after_letter && after.is_ascii_lowercase(),
                // Quotes, dashes, š, œ and ž
                0x91 | 0x92 | 0x96 | 0x97 | 0x9a | 0x9c | 0x9e => false,
                0x80..=0x9e => after_letter && before_letter,
                _ => false,
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "email,name\nmax@x.test,Max Müller\n";

    fn utf_16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    }

    #[test]
    fn the_encodings_of_spreadsheets_are_read() {
        let bom = format!("\u{feff}{TEXT}");
        for bytes in [
            TEXT.as_bytes().to_vec(),
            bom.as_bytes().to_vec(),
            utf_16(&bom, u16::to_le_bytes),
            utf_16(&bom, u16::to_be_bytes),
            utf_16(TEXT, u16::to_le_bytes),
            utf_16(TEXT, u16::to_be_bytes),
        ] {
            assert_eq!(decode(&bytes).unwrap(), (TEXT.to_owned(), None));
        }
        let windows = b"email,name\nmax@x.test,Max M\xfcller\n";
        let read = decode(windows).unwrap();
        assert_eq!(read, (TEXT.to_owned(), Some(WINDOWS_1252)));
        let mac = b"email,name\rmax@x.test,Max M\x9fller\r";
        let read = decode(mac).unwrap();
        assert_eq!(read, (TEXT.replace('\n', "\r"), Some(MACINTOSH)));
    }

    #[test]
    fn what_is_not_text_is_refused() {
        for (bytes, sentence) in [
            (&b"PK\x03\x04abc"[..], "it is a workbook"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1x", "it is a workbook"),
            (b"email\0\n", "NUL"),
            (b"\xff\xfe\x00\x00a\x00\x00\x00", "NUL"),
            (b"\xff\xfea\x00\x00\xd8b\x00", "it begins as UTF-16LE"),
            (b"\xef\xbb\xbfM\xfcller", "it begins as UTF-8"),
            // Müller and Bäcker in DOS' code page 850, and on an old Mac.
            (b"email,M\x81ller\n", "its encoding is not known"),
            (b"email,B\x84cker\n", "its encoding is not known"),
            (b"email,M\x9fller\n", "its encoding is not known"),
        ] {
            let error = decode(bytes).unwrap_err().to_string();
            assert!(
                error.starts_with(sentence) || error.contains(sentence),
                "{error}"
            );
            assert!(error.contains("save it as CSV"), "{error}");
        }
    }

    #[test]
    fn punctuation_of_windows_1252_is_plausible() {
        for bytes in [
            &b"O\x92Neill \x96 caf\xe9 \x84x\x93 5\x80, TI\x8aMA, Vi\x9an\xfd"[..],
            b"M\xfcller\x85",
        ] {
            assert!(decode(bytes).is_ok(), "{bytes:?}");
        }
    }
}
