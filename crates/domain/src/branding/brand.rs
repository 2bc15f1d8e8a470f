//! How pages and mails present an organization.
//!
//! It stands here because it follows from [`Branding`] alone, and this is the lowest crate that
//! both `portal-web` and `portal-mail` use. What only one of them makes of it, such as the
//! palette of a stylesheet, stays there.

use super::{
    Branding, Color, CustomCss, Feature, FeatureToggles, FooterText, PhoneNumber, WelcomeMessage,
};
use crate::values::{EmailAddress, HttpsUrl};

/// The brand of an organization, or by default the neutral one of a portal that serves several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Brand {
    /// The name that a page or a mail goes by.
    pub name: Option<String>,
    /// The logo.
    pub logo_url: Option<HttpsUrl>,
    /// The icon in the browser's tab.
    pub favicon_url: Option<HttpsUrl>,
    /// The colours.
    pub colors: Colors,
    /// The welcome on the sign-in page.
    pub welcome_message: Option<WelcomeMessage>,
    /// The address for help.
    pub support_email: Option<EmailAddress>,
    /// The number to call for help.
    pub support_phone: Option<PhoneNumber>,
    /// The text at the foot.
    pub footer_text: Option<FooterText>,
    /// The organization's own style sheet.
    pub custom_css: Option<CustomCss>,
    /// The features that are switched on.
    pub features: FeatureToggles,
}

impl Brand {
    /// The brand of an organization, which may never have chosen one.
    pub fn of(organization: &str, branding: Option<Branding>) -> Self {
        let name = Some(organization.to_owned());
        let Some(branding) = branding else {
            return Self {
                name,
                ..Self::default()
            };
        };
        Self {
            name,
            logo_url: branding.logo_url,
            favicon_url: branding.favicon_url,
            colors: Colors {
                primary: branding.primary_color,
                secondary: branding.secondary_color,
                accent: branding.accent_color,
            },
            welcome_message: branding.welcome_message,
            support_email: branding.support_email,
            support_phone: branding.support_phone,
            footer_text: branding.footer_text,
            custom_css: branding.custom_css,
            features: branding.features,
        }
    }

    /// Whether the organization offers a feature.
    pub const fn offers(&self, feature: Feature) -> bool {
        self.features.is_enabled(feature)
    }
}

/// The colours that an organization chose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Colors {
    /// Buttons, and the large surface of the sign-in page.
    pub primary: Option<Color>,
    /// The other end of that surface.
    pub secondary: Option<Color>,
    /// Links, and whatever else can be clicked.
    pub accent: Option<Color>,
}

impl Colors {
    /// The main colour, or that of a portal without a brand.
    pub fn primary_or_default(&self) -> Color {
        self.primary.unwrap_or(Color::rgb(0x24, 0x54, 0xa6))
    }
}
