//! Brand colours adjusted to readable contrast.
//!
//! Colours are mixed with black or white until text in them, text on them and the edges of buttons
//! have the contrast that WCAG 2.2 requires, on light and dark pages.

use portal_domain::branding::{Color, Colors};

/// The contrast of a control's edge (WCAG 2.2, success criterion 1.4.11).
const EDGE_CONTRAST: f64 = 3.0;

/// The colours of pages; the stylesheet has the same values.
struct Theme {
    page: Color,
    surface: Color,
    /// The colour to mix in for contrast.
    away: Color,
}

const LIGHT: Theme = Theme {
    page: Color::rgb(0xf6, 0xf7, 0xf9),
    surface: Color::WHITE,
    away: Color::BLACK,
};

const DARK: Theme = Theme {
    page: Color::rgb(0x0f, 0x11, 0x15),
    surface: Color::rgb(0x18, 0x1b, 0x21),
    away: Color::WHITE,
};

/// The brand's colours on pages of one theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tones {
    /// Buttons, and text upon them.
    brand: Color,
    on_brand: Color,
    /// Hovered buttons.
    brand_strong: Color,
    /// Links.
    accent: Color,
    /// The background of selected items, with links on it.
    tint: Color,
}

/// The brand's colours as pages use them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Palette {
    light: Tones,
    dark: Tones,
    /// The gradient of the sign-in page, and text on it.
    hero: Color,
    hero_end: Color,
    on_hero: Color,
}

impl Palette {
    /// Changes with the output of [`Self::css`], so that browsers reload the stylesheet.
    pub(crate) const VERSION: &str = "2";

    pub(crate) fn of(colors: &Colors) -> Self {
        let primary = colors.primary_or_default();
        let accent = colors.accent.unwrap_or(primary);
        let on_hero = primary.text_color();
        // Away from the text's colour, the text stays readable.
        let deeper = primary.mix(opposite(on_hero), 30);
        let secondary = colors.secondary.unwrap_or(deeper);
        let is_readable = on_hero.contrast(secondary) >= Color::TEXT_CONTRAST;
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
            ":root{{{}--hero:{hero};--hero-end:{hero_end};--on-hero:{on_hero}}}\
             @media screen and (prefers-color-scheme:dark){{:root{{{}}}}}",
            light.css(),
            dark.css(),
        )
    }
}

impl Tones {
    fn of(primary: Color, accent: Color, theme: &Theme) -> Self {
        let brand = moved(primary, theme.away, |color| {
            color.contrast(theme.surface) >= EDGE_CONTRAST
                && color.contrast(theme.page) >= EDGE_CONTRAST
        });
        let on_brand = brand.text_color();
        let accent = moved(accent, theme.away, |color| {
            [theme.page, theme.surface, tint(color, theme)]
                .iter()
                .all(|beneath| color.contrast(*beneath) >= Color::TEXT_CONTRAST)
        });
        Self {
            brand,
            on_brand,
            brand_strong: brand.mix(opposite(on_brand), 15),
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
        format!(
            "--brand:{brand};--on-brand:{on_brand};--brand-strong:{brand_strong};\
             --accent:{accent};--tint:{tint};"
        )
    }
}

/// A light tint of a colour on the theme's surface.
fn tint(color: Color, theme: &Theme) -> Color {
    theme.surface.mix(color, 9)
}

/// The colour with as little as possible of another mixed in for `is_good`.
fn moved(color: Color, towards: Color, is_good: impl Fn(Color) -> bool) -> Color {
    (0..=100)
        .step_by(4)
        .map(|percent| color.mix(towards, percent))
        .find(|color| is_good(*color))
        .unwrap_or(towards)
}

fn opposite(text: Color) -> Color {
    if text == Color::BLACK {
        Color::WHITE
    } else {
        Color::BLACK
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Typical and difficult colours: white, black, yellow, greys.
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
                    primary: Some(*primary),
                    secondary: Some(*other),
                    accent: Some(*other),
                });
            }
        }
        brands
    }

    #[test]
    fn every_brand_is_readable() {
        for colors in brands() {
            let palette = Palette::of(&colors);
            for (tones, theme) in [(palette.light, LIGHT), (palette.dark, DARK)] {
                let pairs = [
                    (tones.on_brand, tones.brand, Color::TEXT_CONTRAST),
                    (tones.on_brand, tones.brand_strong, Color::TEXT_CONTRAST),
                    (tones.accent, theme.page, Color::TEXT_CONTRAST),
                    (tones.accent, theme.surface, Color::TEXT_CONTRAST),
                    (tones.accent, tones.tint, Color::TEXT_CONTRAST),
                    (tones.brand, theme.surface, EDGE_CONTRAST),
                    (tones.brand, theme.page, EDGE_CONTRAST),
                ];
                for (one, other, least) in pairs {
                    assert!(
                        one.contrast(other) >= least,
                        "{one} on {other} of {colors:?}"
                    );
                }
            }
            for beneath in [palette.hero, palette.hero_end] {
                assert!(
                    palette.on_hero.contrast(beneath) >= Color::TEXT_CONTRAST,
                    "{colors:?}"
                );
            }
        }
    }

    #[test]
    fn readable_colours_are_kept() {
        let colors = Colors {
            primary: "#0b4f6c".parse().ok(),
            secondary: "#01364a".parse().ok(),
            accent: "#b8430c".parse().ok(),
        };
        let palette = Palette::of(&colors);
        assert_eq!(palette.light.brand.to_string(), "#0b4f6c");
        assert_eq!(palette.light.accent.to_string(), "#b8430c");
        assert_eq!(palette.hero_end.to_string(), "#01364a");
    }

    #[test]
    fn stylesheet_has_the_same_surfaces() {
        let style = include_str!("../../files/portal.css");
        for color in [LIGHT.page, DARK.page, DARK.surface] {
            assert!(style.contains(&color.to_string()), "{color}");
        }
    }
}
