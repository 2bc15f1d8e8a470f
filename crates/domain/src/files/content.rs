//! What a file is, by its content.

use super::FileName;
use crate::enums::text_enum;

text_enum! {
    /// The type of a file, found in its content, never believed from whoever sent it.
    pub enum ContentType: InvalidContentType {
        Png = "image/png",
        Jpeg = "image/jpeg",
        Gif = "image/gif",
        Webp = "image/webp",
        Text = "text/plain",
        Pdf = "application/pdf",
        Zip = "application/zip",
        Gzip = "application/gzip",
        /// A document of Word.
        Docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        /// A table of Excel.
        Xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        /// A presentation of Microsoft Office.
        Pptx = "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        Mp4 = "video/mp4",
        /// Anything else, and whatever a browser would run.
        Other = "application/octet-stream",
    }
}

impl ContentType {
    /// Whether a browser may show it; everything else is a download.
    pub const fn is_inline(self) -> bool {
        self.is_picture() || matches!(self, Self::Text)
    }

    /// Whether it is a picture that a page shows.
    pub const fn is_picture(self) -> bool {
        matches!(self, Self::Png | Self::Jpeg | Self::Gif | Self::Webp)
    }
}

/// How much of a file's beginning [`Sniffer`] keeps.
const HEAD: usize = 64 * 1024;

/// Beginnings of programs for Windows and Linux, Java and Android, and of shortcuts and cabinets.
const PROGRAMS: &[&[u8]] = &[
    b"MZ",
    b"\x7fELF",
    // Mach-O of 32 and 64 bits, in both orders of bytes; for several processors, or Java
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"\xca\xfe\xba\xbf",
    b"dex\n",
    b"\0asm",
    // a shortcut of Windows, by its size and class
    b"\x4c\0\0\0\x01\x14\x02\0",
    b"!<arch>\ndebian",
    b"\xed\xab\xee\xdb",
];

/// The beginning of a compound file: Word before 2007, Outlook's mails, and installers.
const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// The classes of installers, patches and transforms of Windows, as a compound file holds them: only
/// the first byte differs.
const INSTALLER_CLASS: &[u8] = b"\x10\x0c\0\0\0\0\0\xc0\0\0\0\0\0\0\x46";

/// What an MP4 video begins with after its length. Pictures of phones (HEIC) begin like it, but with
/// brands of their own.
const VIDEO_BRANDS: &[&[u8]] = &[
    b"ftypisom",
    b"ftypiso2",
    b"ftypiso4",
    b"ftypiso5",
    b"ftypiso6",
    b"ftypmp41",
    b"ftypmp42",
    b"ftypavc1",
    b"ftypM4V ",
    b"ftypMSNV",
    b"ftypdash",
];

/// What a browser takes for a document that it runs, at the beginning of a text.
const MARKUP: &[&str] = &[
    "<!doctype",
    "<html",
    "<head",
    "<body",
    "<svg",
    "<?xml",
    "<script",
    "<!--",
    "<iframe",
    "<math",
    "<style",
    "<title",
    "<table",
    "<div",
    "<meta",
    "<link",
    "<a ",
    "<br",
    "<p>",
    "<h1",
    "<img",
];

/// Endings of documents that a browser runs.
const MARKUP_ENDINGS: &[&str] = &[
    "htm", "html", "mht", "mhtml", "shtml", "svg", "svgz", "xht", "xhtml", "xml", "xsl", "xslt",
];

/// Finds out what a file is, while its bytes pass by.
#[derive(Debug, Default)]
pub(super) struct Sniffer {
    head: Vec<u8>,
    text: TextCheck,
}

impl Sniffer {
    /// The next bytes of the file.
    pub(super) fn write(&mut self, chunk: &[u8]) {
        let room = HEAD.saturating_sub(self.head.len());
        self.head.extend(chunk.iter().take(room));
        self.text.write(chunk);
    }

    /// Whether the file is a program, or something that starts one.
    pub(super) fn is_runnable(&self) -> bool {
        let head = &self.head;
        if head
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(head)
            .starts_with(b"#!")
        {
            return true;
        }
        // A letter may begin with these bytes, but then is text to its end.
        if PROGRAMS.iter().any(|magic| head.starts_with(magic)) {
            return !self.text.is_text();
        }
        (head.starts_with(COMPOUND) && contains(head, INSTALLER_CLASS))
            || (is_zip(head)
                && ["META-INF/MANIFEST.MF", "AndroidManifest.xml"]
                    .iter()
                    .any(|entry| contains(head, entry.as_bytes())))
    }

    /// The type, of a file that has ended.
    pub(super) fn content_type(&self, name: &FileName) -> ContentType {
        let head = &*self.head;
        let extension = name.extension().unwrap_or_default();
        let begins = |magic: &[u8]| head.starts_with(magic);
        let at = |place: usize, magic: &[u8]| {
            head.get(place..)
                .is_some_and(|rest| rest.starts_with(magic))
        };
        if begins(b"\x89PNG\r\n\x1a\n") {
            ContentType::Png
        } else if begins(b"\xff\xd8\xff") {
            ContentType::Jpeg
        } else if begins(b"GIF87a") || begins(b"GIF89a") {
            ContentType::Gif
        } else if begins(b"RIFF") && at(8, b"WEBP") {
            ContentType::Webp
        } else if begins(b"%PDF-") {
            ContentType::Pdf
        } else if begins(b"\x1f\x8b") {
            ContentType::Gzip
        } else if VIDEO_BRANDS.iter().any(|brand| at(4, brand)) {
            ContentType::Mp4
        } else if is_zip(head) {
            match extension.as_str() {
                "docx" => ContentType::Docx,
                "xlsx" => ContentType::Xlsx,
                "pptx" => ContentType::Pptx,
                _ => ContentType::Zip,
            }
        } else if self.text.is_text()
            && !MARKUP_ENDINGS.contains(&extension.as_str())
            && !is_markup(head)
        {
            ContentType::Text
        } else {
            ContentType::Other
        }
    }
}

fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04")
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn is_markup(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let head = head.trim_ascii_start();
    MARKUP.iter().any(|tag| {
        head.get(..tag.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(tag.as_bytes()))
    })
}

/// Whether all bytes so far are text in UTF-8.
#[derive(Debug, Default)]
struct TextCheck {
    is_binary: bool,
    /// The beginning of a character whose end is in the next chunk.
    begun: Vec<u8>,
}

impl TextCheck {
    fn write(&mut self, chunk: &[u8]) {
        if self.is_binary {
            return;
        }
        let mut bytes = std::mem::take(&mut self.begun);
        bytes.extend_from_slice(chunk);
        let (text, rest) = match std::str::from_utf8(&bytes) {
            Ok(text) => (text, &[][..]),
            Err(error) => {
                let (valid, rest) = bytes.split_at(error.valid_up_to());
                if error.error_len().is_some() {
                    self.is_binary = true;
                    return;
                }
                (std::str::from_utf8(valid).unwrap_or_default(), rest)
            }
        };
        let is_control =
            |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\x0c' | '\x1b');
        self.is_binary = text.contains(is_control);
        self.begun = rest.to_vec();
    }

    fn is_text(&self) -> bool {
        !self.is_binary && self.begun.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sniffed(content: &[u8]) -> Sniffer {
        let mut sniffer = Sniffer::default();
        // In pieces, as it comes from a network.
        for chunk in content.chunks(3) {
            sniffer.write(chunk);
        }
        sniffer
    }

    fn content_type(content: &[u8], name: &str) -> ContentType {
        let Ok(name) = name.parse();
        sniffed(content).content_type(&name)
    }

    #[test]
    fn types_are_found_in_the_content_not_in_the_name() {
        for (content, name, expected) in [
            (&b"\x89PNG\r\n\x1a\n...."[..], "a.txt", ContentType::Png),
            (b"\xff\xd8\xff\xe0", "a", ContentType::Jpeg),
            (b"GIF89a", "a.exe", ContentType::Gif),
            (b"RIFF\0\0\0\0WEBPVP8 ", "a", ContentType::Webp),
            ("Grüße 🖨️\n".as_bytes(), "a.png", ContentType::Text),
            (b"%PDF-1.7", "a", ContentType::Pdf),
            (b"PK\x03\x04\x14\0", "a.docx", ContentType::Docx),
            (b"PK\x03\x04\x14\0", "a.html", ContentType::Zip),
            (b"\0\0\0\x20ftypheic", "a.heic", ContentType::Other),
            (b"\0\0\0\x20ftypisom", "a.mp4", ContentType::Mp4),
            (b"caf\xe9", "a.txt", ContentType::Other),
            (b"a\0b", "a.txt", ContentType::Other),
            (b"\xe2\x82", "a.txt", ContentType::Other),
        ] {
            assert_eq!(content_type(content, name), expected, "{name}");
        }
    }

    #[test]
    fn what_a_browser_runs_has_no_type_of_its_own() {
        for (content, name) in [
            (&b"<!DOCTYPE html><script>alert(1)</script>"[..], "a.txt"),
            (b"\xef\xbb\xbf \n<HTML>", "a.txt"),
            (b"<?xml version=\"1.0\"?><svg/>", "a"),
            (b"plain", "a.svg"),
            (b"plain", "a.HTML"),
        ] {
            let found = content_type(content, name);
            assert_eq!(found, ContentType::Other, "{name}");
            assert!(!found.is_inline());
        }
    }

    #[test]
    fn programs_are_known_by_their_content() {
        let installer = [COMPOUND, &[0; 600], b"\x84", INSTALLER_CLASS].concat();
        for program in [
            &b"MZ\x90\0\x03\0"[..],
            b"\x7fELF\x02\x01\x01",
            b"\xcf\xfa\xed\xfe\x07",
            b"\xca\xfe\xba\xbe\0\0\0\x41",
            b"#!/bin/sh\nrm -rf ~\n",
            b"\xef\xbb\xbf#!/bin/sh\n",
            b"\x4c\0\0\0\x01\x14\x02\0\0\0",
            b"PK\x03\x04\x14\0\x08\0META-INF/MANIFEST.MF",
            &installer,
        ] {
            assert!(sniffed(program).is_runnable(), "{program:?}");
        }
        for harmless in [
            &b"MZ is what the label says."[..],
            b"\x89PNG\r\n\x1a\n",
            b"PK\x03\x04\x14\0\x08\0word/document.xml",
            COMPOUND,
            b"",
        ] {
            assert!(!sniffed(harmless).is_runnable(), "{harmless:?}");
        }
    }
}
