//! Names of files, as people see them.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use crate::text::{StoredText, is_visible, single_line};

/// Endings of files that a system runs when they are opened: programs, installers, scripts, and
/// shortcuts to them.
const RUNNABLE: &[&str] = &[
    "action",
    "apk",
    "app",
    "appimage",
    "application",
    "appref-ms",
    "appx",
    "appxbundle",
    "bat",
    "bin",
    "chm",
    "cmd",
    "com",
    "command",
    "cpl",
    "deb",
    "desktop",
    "diagcab",
    "dll",
    "dmg",
    "drv",
    "ear",
    "elf",
    "exe",
    "fon",
    "gadget",
    "hta",
    "inf",
    "ins",
    "iso",
    "isp",
    "img",
    "jar",
    "jnlp",
    "js",
    "jse",
    "ksh",
    "lnk",
    "mad",
    "mde",
    "msc",
    "msh",
    "msi",
    "msix",
    "msixbundle",
    "msp",
    "mst",
    "ocx",
    "osx",
    "out",
    "pif",
    "pkg",
    "ps1",
    "ps1xml",
    "ps2",
    "psc1",
    "psd1",
    "psm1",
    "py",
    "pyc",
    "pyw",
    "reg",
    "rpm",
    "run",
    "scf",
    "scpt",
    "scr",
    "sct",
    "settingcontent-ms",
    "sh",
    "shb",
    "shs",
    "so",
    "sys",
    "udl",
    "url",
    "vb",
    "vbe",
    "vbs",
    "vhd",
    "vhdx",
    "vxd",
    "war",
    "wasm",
    "website",
    "workflow",
    "ws",
    "wsc",
    "wsf",
    "wsh",
    "xbap",
    "xll",
];

/// The name of a file, 1 to 255 characters on one line.
///
/// Any text makes one: it is kept as it was typed, but that path separators become underscores,
/// control characters are left out, and a long name is shortened before its ending.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileName(String);

impl FileName {
    /// The maximum length in Unicode scalar values.
    pub const MAX_CHARS: usize = 255;

    /// The name of a file that has none.
    pub const UNNAMED: &str = "file";

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, owned.
    pub fn into_string(self) -> String {
        self.0
    }

    /// What follows the last dot, in lower case, without what Windows leaves out: blanks and dots at
    /// the end, and the stream after a colon.
    pub fn extension(&self) -> Option<String> {
        let name = self.0.split(':').next().unwrap_or_default();
        let name = name.trim_end_matches(|c: char| c == '.' || !is_visible(c));
        let (_, extension) = name.rsplit_once('.')?;
        Some(extension.to_lowercase())
    }

    /// Whether a file of this name runs when it is opened.
    pub fn is_runnable(&self) -> bool {
        self.extension()
            .is_some_and(|extension| RUNNABLE.contains(&extension.as_str()))
    }
}

impl FromStr for FileName {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let separator = |c| if matches!(c, '/' | '\\') { '_' } else { c };
        let kept = text.chars().filter(|c| !c.is_control()).map(separator);
        let name: String = kept.collect();
        if !name.chars().any(is_visible) {
            return Ok(Self(Self::UNNAMED.to_owned()));
        }
        Ok(Self(shortened(name)))
    }
}

/// The name, or its beginning and its ending.
fn shortened(name: String) -> String {
    if name.chars().count() <= FileName::MAX_CHARS {
        return name;
    }
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let ending = if ending.chars().count() > 16 {
        ""
    } else {
        ending
    };
    let room = FileName::MAX_CHARS - ending.chars().count();
    if ending.is_empty() {
        name.chars().take(room).collect()
    } else {
        let stem: String = name.chars().take(room - 1).collect();
        format!("{stem}.{ending}")
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl StoredText for FileName {
    fn from_storage(text: String) -> Option<Self> {
        single_line(text, 255).ok().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> FileName {
        let Ok(name) = text.parse();
        name
    }

    #[test]
    fn names_are_kept_but_for_separators_and_control_characters() {
        for (typed, kept) in [
            (
                "Bildschirmfoto 2026-01-31 um 9.05 🖨️.png",
                "Bildschirmfoto 2026-01-31 um 9.05 🖨️.png",
            ),
            ("../../etc/passwd", ".._.._etc_passwd"),
            (r"C:\Users\ada\a.png", "C:_Users_ada_a.png"),
            ("a\r\nb\0.txt", "ab.txt"),
            ("", "file"),
            (" \u{200b}", "file"),
        ] {
            assert_eq!(name(typed).as_str(), kept);
        }
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let long = name(&format!("{}.png", "ä".repeat(300)));
        assert_eq!(long.as_str().chars().count(), FileName::MAX_CHARS);
        assert!(long.as_str().ends_with("ä.png"));
        assert_eq!(name(&"x".repeat(300)).as_str().len(), 255);
    }

    #[test]
    fn what_runs_is_known_by_its_ending_however_it_is_written() {
        for runs in [
            "a.exe",
            "a.pdf.EXE",
            "a.exe. ",
            "a.bat\u{200b}",
            "a.js::$DATA",
            "gnp\u{202e}.exe",
        ] {
            assert!(name(runs).is_runnable(), "{runs}");
        }
        for harmless in ["a.png", "exe", "a.exe.txt", "archive.zip", "notes", "a."] {
            assert!(!name(harmless).is_runnable(), "{harmless}");
        }
    }
}
