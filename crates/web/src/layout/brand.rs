//! The branding of a page.

use portal_domain::branding::{
    Branding, CustomCss, Feature, FeatureToggles, FooterText, PhoneNumber, WelcomeMessage,
};
use portal_domain::values::{EmailAddress, HttpsUrl};

use super::Colors;
use crate::files;

/// An organization's face, or the neutral one of a portal that serves many.
#[derive(Debug, Clone, Default)]
pub(crate) struct Brand {
    name: Option<String>,
    logo: Option<HttpsUrl>,
    favicon: Option<HttpsUrl>,
    colors: Colors,
    welcome: Option<WelcomeMessage>,
    support_email: Option<EmailAddress>,
    support_phone: Option<PhoneNumber>,
    footer: Option<FooterText>,
    custom_css: Option<CustomCss>,
    features: FeatureToggles,
}

impl Brand {
    /// The brand of an organization, which may never have chosen one.
    pub(crate) fn of(organization: &str, branding: Option<Branding>) -> Self {
        let name = Some(organization.to_owned());
        let Some(branding) = branding else {
            return Self {
                name,
                ..Self::default()
            };
        };
        Self {
            name,
            colors: Colors::from(&branding),
            logo: branding.logo_url,
            favicon: branding.favicon_url,
            welcome: branding.welcome_message,
            support_email: branding.support_email,
            support_phone: branding.support_phone,
            footer: branding.footer_text,
            custom_css: branding.custom_css,
            features: branding.features,
        }
    }

    /// The organization's name, unless the portal is anybody's.
    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The logo's address.
    pub(crate) fn logo(&self) -> Option<&str> {
        self.logo.as_ref().map(HttpsUrl::as_str)
    }

    /// The address of the icon in the browser's tab.
    pub(crate) fn icon(&self) -> String {
        let own = self.favicon.as_ref().map(|icon| icon.as_str().to_owned());
        own.unwrap_or_else(files::icon_url)
    }

    /// The address of the stylesheet, in the brand's colours.
    pub(crate) fn style(&self) -> String {
        files::style_url(&self.colors)
    }

    /// The address of the organization's own stylesheet. It names nobody: who asks is known.
    pub(crate) fn custom_style(&self) -> Option<String> {
        let css = self.custom_css.as_ref()?;
        Some(format!(
            "/brand/{}/custom.css",
            files::hash(&[css.as_str()])
        ))
    }

    /// The organization's own stylesheet.
    pub(crate) fn custom_css(&self) -> Option<&str> {
        self.custom_css.as_ref().map(CustomCss::as_str)
    }

    /// The welcome on the sign-in page.
    pub(crate) fn welcome(&self) -> Option<&str> {
        self.welcome.as_ref().map(WelcomeMessage::as_str)
    }

    /// Where people ask for help.
    pub(crate) fn support_email(&self) -> Option<&str> {
        self.support_email.as_ref().map(EmailAddress::as_str)
    }

    /// The number to call for help.
    pub(crate) fn support_phone(&self) -> Option<&str> {
        self.support_phone.as_ref().map(PhoneNumber::as_str)
    }

    /// The number as a telephone dials it (RFC 3966): without what makes it easy to read.
    pub(crate) fn support_phone_dialled(&self) -> String {
        let number = self.support_phone().unwrap_or_default().trim();
        let digits = number.chars().filter(char::is_ascii_digit);
        let plus = number.starts_with('+').then_some('+');
        plus.into_iter().chain(digits).collect()
    }

    /// The text at the foot.
    pub(crate) fn footer(&self) -> Option<&str> {
        self.footer.as_ref().map(FooterText::as_str)
    }

    /// Whether the organization offers a feature.
    pub(crate) const fn offers(&self, feature: Feature) -> bool {
        self.features.is_enabled(feature)
    }

    /// What a page under this brand may load: what is here, and the images that it names.
    pub(crate) fn content_security_policy(&self) -> String {
        let mut images = String::from("img-src 'self'");
        let named = [&self.logo, &self.favicon];
        let mut origins: Vec<_> = named.into_iter().flatten().map(HttpsUrl::origin).collect();
        origins.dedup();
        if self.custom_css.is_some() {
            // The only images that custom CSS may name are in the stylesheet itself.
            origins.push("data:");
        }
        for origin in origins {
            images.push(' ');
            images.push_str(origin);
        }
        format!(
            "default-src 'none'; style-src 'self'; script-src 'self'; {images}; \
             form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_come_from_here_and_from_where_the_brand_says() {
        let mut brand = Brand::default();
        assert!(brand.content_security_policy().contains("img-src 'self';"));
        brand.logo = "https://cdn.acme.example/logo.png".parse().ok();
        brand.favicon = "https://cdn.acme.example/icon.png".parse().ok();
        let policy = brand.content_security_policy();
        assert!(
            policy.contains("img-src 'self' https://cdn.acme.example;"),
            "{policy}"
        );
        brand.custom_css = "p { color: red }".parse().ok();
        let policy = brand.content_security_policy();
        assert!(
            policy.contains("https://cdn.acme.example data:;"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"));
    }

    #[test]
    fn a_number_is_dialled_without_its_spaces() {
        for (written, dialled) in [
            ("+49 (30) 23125-100", "+493023125100"),
            ("0800 / 12 34", "08001234"),
        ] {
            let brand = Brand {
                support_phone: written.parse().ok(),
                ..Brand::default()
            };
            assert_eq!(brand.support_phone_dialled(), dialled);
        }
    }
}
