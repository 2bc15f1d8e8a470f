//! Brand colours and their contrast.

use std::fmt;
use std::str::FromStr;

/// The functional notations of sRGB; the names with `a` are their older aliases (CSS Color Module
/// Level 4, sections 5.1 and 7).
const FUNCTIONS: [&str; 4] = ["rgb", "rgba", "hsl", "hsla"];

/// Why a text is not a brand colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ColorError {
    /// Not one of the notations that are accepted.
    #[error("must be a CSS colour: hex, rgb(), hsl() or a name")]
    Invalid,
    /// Partly transparent: its contrast depends on what is beneath.
    #[error("must be an opaque colour")]
    Translucent,
}

/// An opaque sRGB colour, shown as `#rrggbb` in lower case.
///
/// Parsed from CSS: hex, `rgb()`, `hsl()` or a named colour, in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Color([u8; 3]);

impl Color {
    /// Black.
    pub const BLACK: Self = Self::rgb(0, 0, 0);

    /// White.
    pub const WHITE: Self = Self::rgb(0xff, 0xff, 0xff);

    /// What text of normal size needs at least (WCAG 2.2, success criterion 1.4.3).
    pub const TEXT_CONTRAST: f64 = 4.5;

    /// A colour by its channels.
    pub const fn rgb(red: u8, green: u8, blue: u8) -> Self {
        Self([red, green, blue])
    }

    /// How bright the colour is, from 0 (black) to 1 (white): the relative luminance of WCAG 2.2.
    pub fn relative_luminance(self) -> f64 {
        let Self([red, green, blue]) = self;
        let [red, green, blue, _] =
            csscolorparser::Color::from_rgba8(red, green, blue, u8::MAX).to_linear_rgba();
        0.2126 * f64::from(red) + 0.7152 * f64::from(green) + 0.0722 * f64::from(blue)
    }

    /// The contrast ratio of WCAG 2.2 between two colours, from 1 (the same) to 21 (black and
    /// white).
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.relative_luminance(), other.relative_luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// Black or white, whichever is more readable on this colour. It always reaches
    /// [`TEXT_CONTRAST`](Self::TEXT_CONTRAST), since no colour is close to both.
    pub fn text_color(self) -> Self {
        if self.contrast(Self::WHITE) >= self.contrast(Self::BLACK) {
            Self::WHITE
        } else {
            Self::BLACK
        }
    }

    /// A mixture with `percent` of another colour.
    pub fn mix(mut self, other: Self, percent: u16) -> Self {
        for (channel, other) in self.0.iter_mut().zip(other.0) {
            let sum = u16::from(*channel) * (100 - percent) + u16::from(other) * percent;
            *channel = u8::try_from((sum + 50) / 100).unwrap_or(u8::MAX);
        }
        self
    }
}

impl FromStr for Color {
    type Err = ColorError;

    fn from_str(text: &str) -> Result<Self, ColorError> {
        let text = text.trim();
        if !is_accepted_notation(text) {
            return Err(ColorError::Invalid);
        }
        let Ok(color) = csscolorparser::parse(text) else {
            return Err(ColorError::Invalid);
        };
        // the parser reads `nan` and `inf` as numbers, CSS only does inside calc()
        if !color.to_array().iter().all(|channel| channel.is_finite()) {
            return Err(ColorError::Invalid);
        }
        match color.to_rgba8() {
            [red, green, blue, u8::MAX] => Ok(Self::rgb(red, green, blue)),
            _ => Err(ColorError::Translucent),
        }
    }
}

/// Whether the text is in a notation that this portal accepts. The parser knows more: other colour
/// spaces, colours relative to another one, and hex without its `#`.
fn is_accepted_notation(text: &str) -> bool {
    match text.split_once('(') {
        Some((name, arguments)) => {
            let relative = arguments
                .trim_start()
                .get(..4)
                .is_some_and(|word| word.eq_ignore_ascii_case("from"));
            FUNCTIONS
                .iter()
                .any(|function| name.eq_ignore_ascii_case(function))
                && !relative
        }
        None => text.starts_with('#') || !text.bytes().all(|byte| byte.is_ascii_hexdigit()),
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([red, green, blue]) = self;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn color(text: &str) -> Color {
        text.parse().unwrap()
    }

    #[test]
    fn every_accepted_notation_is_normalized() {
        for (given, stored) in [
            ("#0af", "#00aaff"),
            ("#0AF", "#00aaff"),
            ("#00AAFF", "#00aaff"),
            ("#0aff", "#00aaff"),
            ("#00aaffff", "#00aaff"),
            (" rgb(0, 170, 255) ", "#00aaff"),
            ("RGB(0 170 255 / 100%)", "#00aaff"),
            ("rgba(0, 170, 255, 1)", "#00aaff"),
            ("rgb(0% 50% 100%)", "#0080ff"),
            ("rgb(300 -20 0)", "#ff0000"),
            ("hsl(120, 100%, 50%)", "#00ff00"),
            ("hsl(120deg 100% 25%)", "#008000"),
            ("RebeccaPurple", "#663399"),
            ("tan", "#d2b48c"),
        ] {
            assert_eq!(color(given).to_string(), stored, "{given}");
        }
    }

    #[test]
    fn other_notations_are_refused() {
        for text in [
            "",
            "#",
            "#12345",
            "#ggg",
            "fff",
            "facade",
            "00aaff",
            "blurple",
            "currentcolor",
            "rgb(1, 2)",
            "rgb(nan 0 0)",
            "rgb(inf 0 0)",
            "rgb (0 0 0)",
            "rgb(from red r g b)",
            "hsl(FROM red h s l)",
            "hwb(0 0% 0%)",
            "hsv(0 0% 0%)",
            "lab(50% 0 0)",
            "oklch(50% 0.1 20)",
            "color(srgb 1 0 0)",
            "red;background:url(x)",
            "rgb(0 0 0)}*{color:red",
            "var(--x)",
        ] {
            assert_eq!(text.parse::<Color>(), Err(ColorError::Invalid), "{text}");
        }
    }

    #[test]
    fn translucent_colours_are_refused() {
        for text in [
            "transparent",
            "#0008",
            "#00000080",
            "rgb(0 0 0 / 50%)",
            "hsla(0, 0%, 0%, 0)",
        ] {
            assert_eq!(
                text.parse::<Color>(),
                Err(ColorError::Translucent),
                "{text}"
            );
        }
    }

    #[test]
    fn contrast_matches_reference_values() {
        for (one, other, ratio) in [
            ("black", "white", 21.0),
            ("white", "white", 1.0),
            ("#777777", "white", 4.48),
            ("#767676", "white", 4.54),
            ("#ff0000", "white", 4.00),
            ("#0000ff", "white", 8.59),
        ] {
            let (one, other) = (color(one), color(other));
            assert!((one.contrast(other) - ratio).abs() < 0.005, "{one} {other}");
            assert!((one.contrast(other) - other.contrast(one)).abs() < f64::EPSILON);
        }
    }

    #[test]
    fn text_is_readable_on_every_colour() {
        for (name, text) in [
            ("white", Color::BLACK),
            ("#ffcc00", Color::BLACK),
            ("#ff0000", Color::BLACK),
            ("#777777", Color::BLACK),
            ("#757575", Color::WHITE),
            ("navy", Color::WHITE),
            ("black", Color::WHITE),
        ] {
            let color = color(name);
            assert_eq!(color.text_color(), text, "{name}");
            assert!(color.contrast(text) >= Color::TEXT_CONTRAST, "{name}");
        }
    }

    #[test]
    fn a_mixture_rounds_each_channel() {
        let (red, blue) = (color("red"), color("blue"));
        assert_eq!(red.mix(blue, 0), red);
        assert_eq!(red.mix(blue, 100), blue);
        assert_eq!(red.mix(blue, 50), color("#800080"));
    }

    #[test]
    fn luminance_weighs_the_primaries() {
        for (name, luminance) in [
            ("black", 0.0),
            ("white", 1.0),
            ("red", 0.2126),
            ("lime", 0.7152),
            ("blue", 0.0722),
        ] {
            assert!(
                (color(name).relative_luminance() - luminance).abs() < 1e-6,
                "{name}"
            );
        }
    }
}
