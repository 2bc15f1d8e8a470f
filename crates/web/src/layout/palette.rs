//! Brand colours adjusted to readable contrast.
//!
//! An organization chooses colours for its logo's sake. Here they are moved towards black or white
//! until text in them, text upon them and the edges of buttons have the contrast that WCAG 2.2
//! asks for, on light and on dark pages.

use portal_domain::branding::{Branding, Color};

/// The colours that an organization chose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Colors {
    /// Buttons, and the large surface of the sign-in page.
    pub(crate) primary: Option<Color>,
    /// The other end of that surface.
    pub(crate) secondary: Option<Color>,
    /// Links, and whatever else can be clicked.
    pub(crate) accent: Option<Color>,
}

impl From<&Branding> for Colors {
    fn from(branding: &Branding) -> Self {
        Self {
            primary: branding.primary_color.clone(),
            secondary: branding.secondary_color.clone(),
            accent: branding.accent_color.clone(),
        }
    }
}

/// An sRGB colour.
type Rgb = [u8; 3];

const WHITE: Rgb = [0xff, 0xff, 0xff];
const BLACK: Rgb = [0, 0, 0];

/// The colour of a portal without a brand; mails have it too.
const DEFAULT: Rgb = [0x24, 0x54, 0xa6];

/// What text of any size needs (WCAG 2.2, success criterion 1.4.3).
const TEXT_CONTRAST: f64 = 4.5;

/// What the edge of a control needs (success criterion 1.4.11).
const EDGE_CONTRAST: f64 = 3.0;

/// What pages look like beneath the brand: the stylesheet has the same values.
struct Theme {
    page: Rgb,
    surface: Rgb,
    /// Where a colour goes that stands out too little.
    away: Rgb,
}

const LIGHT: Theme = Theme {
    page: [0xf6, 0xf7, 0xf9],
    surface: WHITE,
    away: BLACK,
};

const DARK: Theme = Theme {
    page: [0x0f, 0x11, 0x15],
    surface: [0x18, 0x1b, 0x21],
    away: WHITE,
};

/// The brand's colours on pages of one theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tones {
    /// Buttons, and text upon them.
    brand: Rgb,
    on_brand: Rgb,
    /// A button under the pointer.
    brand_strong: Rgb,
    /// Links.
    accent: Rgb,
    /// What is behind a chosen thing; links are read upon it.
    tint: Rgb,
}

/// The brand's colours as pages use them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Palette {
    light: Tones,
    dark: Tones,
    /// The large surface of the sign-in page, from one end to the other, and text upon it.
    hero: Rgb,
    hero_end: Rgb,
    on_hero: Rgb,
}

impl Palette {
    /// Changes with whatever [`Self::css`] makes of the same colours, so that browsers ask anew.
    pub(crate) const VERSION: &str = "2";

    /// The palette of a brand.
    pub(crate) fn of(colors: &Colors) -> Self {
        let primary = colors.primary.as_ref().map_or(DEFAULT, rgb);
        let accent = colors.accent.as_ref().map_or(primary, rgb);
        let on_hero = readable_upon(primary);
        // Away from the text, what can be read stays so.
        let deeper = mix(primary, opposite(on_hero), 30);
        let secondary = colors.secondary.as_ref().map_or(deeper, rgb);
        let is_readable = contrast(on_hero, secondary) >= TEXT_CONTRAST;
        Self {
            light: Tones::of(primary, accent, &LIGHT),
            dark: Tones::of(primary, accent, &DARK),
            hero: primary,
            hero_end: if is_readable { secondary } else { deeper },
            on_hero,
        }
    }

    /// The palette as custom properties of the stylesheet.
    pub(crate) fn css(&self) -> String {
        let Self {
            light,
            dark,
            hero,
            hero_end,
            on_hero,
        } = self;
        format!(
            ":root{{{}--hero:{};--hero-end:{};--on-hero:{}}}\
             @media screen and (prefers-color-scheme:dark){{:root{{{}}}}}",
            light.css(),
            hex(*hero),
            hex(*hero_end),
            hex(*on_hero),
            dark.css(),
        )
    }
}

impl Tones {
    fn of(primary: Rgb, accent: Rgb, theme: &Theme) -> Self {
        let brand = moved(primary, theme.away, |color| {
            contrast(color, theme.surface) >= EDGE_CONTRAST
                && contrast(color, theme.page) >= EDGE_CONTRAST
        });
        let on_brand = readable_upon(brand);
        let accent = moved(accent, theme.away, |color| {
            [theme.page, theme.surface, tint(color, theme)]
                .iter()
                .all(|beneath| contrast(color, *beneath) >= TEXT_CONTRAST)
        });
        Self {
            brand,
            on_brand,
            brand_strong: mix(brand, opposite(on_brand), 15),
            accent,
            tint: tint(accent, theme),
        }
    }

    fn css(&self) -> String {
        let Self {
            brand,
            on_brand,
            brand_strong,
            accent,
            tint,
        } = self;
        [
            ("brand", brand),
            ("on-brand", on_brand),
            ("brand-strong", brand_strong),
            ("accent", accent),
            ("tint", tint),
        ]
        .map(|(name, color)| format!("--{name}:{};", hex(*color)))
        .concat()
    }
}

/// A breath of a colour upon a theme's surface.
fn tint(color: Rgb, theme: &Theme) -> Rgb {
    mix(theme.surface, color, 9)
}

/// The colour, moved towards another by as little as is good enough; that other one at the end.
fn moved(color: Rgb, towards: Rgb, is_good: impl Fn(Rgb) -> bool) -> Rgb {
    (0..=100)
        .step_by(4)
        .map(|percent| mix(color, towards, percent))
        .find(|color| is_good(*color))
        .unwrap_or(towards)
}

/// A mixture with `percent` of the second colour.
fn mix(one: Rgb, other: Rgb, percent: u16) -> Rgb {
    let mut mixed = one;
    for (channel, other) in mixed.iter_mut().zip(other) {
        let sum = u16::from(*channel) * (100 - percent) + u16::from(other) * percent;
        *channel = u8::try_from((sum + 50) / 100).unwrap_or(u8::MAX);
    }
    mixed
}

/// Black or white, whichever is read better. No colour is close to both, so either is readable.
fn readable_upon(color: Rgb) -> Rgb {
    if contrast(WHITE, color) >= contrast(BLACK, color) {
        WHITE
    } else {
        BLACK
    }
}

/// White for black, and black for any other.
fn opposite(text: Rgb) -> Rgb {
    if text == BLACK { WHITE } else { BLACK }
}

/// The contrast by the domain's measure.
fn contrast(one: Rgb, other: Rgb) -> f64 {
    let color = |rgb| hex(rgb).parse::<Color>().ok();
    match (color(one), color(other)) {
        (Some(one), Some(other)) => one.contrast(&other),
        _ => 1.0,
    }
}

fn hex([red, green, blue]: Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// The channels of a colour, from its normalized spelling `#rrggbb`.
fn rgb(color: &Color) -> Rgb {
    let digits = color.as_str().trim_start_matches('#');
    let number = u32::from_str_radix(digits, 16).unwrap_or_default();
    let [_, red, green, blue] = number.to_be_bytes();
    [red, green, blue]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Colours from all over, the hardest among them: white, black, yellow, and the greys between.
    fn brands() -> Vec<Colors> {
        let named = [
            "white", "black", "yellow", "#777777", "#767676", "#888888", "navy", "lime", "#0b4f6c",
            "#5b2a86", "#b8430c", "#00705a", "#ffcc00", "tomato", "#f6f7f9", "#181b21",
        ];
        let colors: Vec<Color> = named.iter().map(|name| name.parse().unwrap()).collect();
        let mut brands = vec![Colors::default()];
        for primary in &colors {
            for other in &colors {
                brands.push(Colors {
                    primary: Some(primary.clone()),
                    secondary: Some(other.clone()),
                    accent: Some(other.clone()),
                });
            }
        }
        brands
    }

    #[test]
    fn whatever_the_brand_everything_can_be_read() {
        for colors in brands() {
            let palette = Palette::of(&colors);
            for (tones, theme) in [(palette.light, LIGHT), (palette.dark, DARK)] {
                let pairs = [
                    (tones.on_brand, tones.brand, TEXT_CONTRAST),
                    (tones.on_brand, tones.brand_strong, TEXT_CONTRAST),
                    (tones.accent, theme.page, TEXT_CONTRAST),
                    (tones.accent, theme.surface, TEXT_CONTRAST),
                    (tones.accent, tones.tint, TEXT_CONTRAST),
                    (tones.brand, theme.surface, EDGE_CONTRAST),
                    (tones.brand, theme.page, EDGE_CONTRAST),
                ];
                for (one, other, least) in pairs {
                    let (shown, on) = (hex(one), hex(other));
                    assert!(
                        contrast(one, other) >= least,
                        "{shown} on {on} of {colors:?}"
                    );
                }
            }
            for beneath in [palette.hero, palette.hero_end] {
                assert!(
                    contrast(palette.on_hero, beneath) >= TEXT_CONTRAST,
                    "{colors:?}"
                );
            }
        }
    }

    #[test]
    fn a_colour_that_can_be_read_stays_as_it_is() {
        let colors = Colors {
            primary: "#0b4f6c".parse().ok(),
            secondary: "#01364a".parse().ok(),
            accent: "#b8430c".parse().ok(),
        };
        let palette = Palette::of(&colors);
        assert_eq!(hex(palette.light.brand), "#0b4f6c");
        assert_eq!(hex(palette.light.accent), "#b8430c");
        assert_eq!(hex(palette.hero_end), "#01364a");
    }

    #[test]
    fn the_stylesheet_has_the_same_surfaces() {
        let style = include_str!("../../files/portal.css");
        for color in [LIGHT.page, DARK.page, DARK.surface] {
            assert!(style.contains(&hex(color)), "{}", hex(color));
        }
    }
}
