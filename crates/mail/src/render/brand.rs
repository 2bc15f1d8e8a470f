//! The branding of an organization's mails.

use portal_domain::branding::{Branding, Color, FooterText, PhoneNumber};
use portal_domain::organizations::{Organization, OrganizationName};
use portal_domain::values::{EmailAddress, HttpsUrl};

/// The colour of an organization that never chose one.
const DEFAULT_COLOR: &str = "#2454a6";

const WHITE: &str = "#ffffff";
const BLACK: &str = "#000000";

/// The look of a mail, and who it speaks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Brand {
    organization: Option<OrganizationName>,
    neutral_name: Option<String>,
    logo_url: Option<HttpsUrl>,
    color: Option<Color>,
    support_email: Option<EmailAddress>,
    support_phone: Option<PhoneNumber>,
    footer_text: Option<FooterText>,
}

impl Brand {
    /// An organization's own.
    pub fn of(organization: &Organization, branding: Option<&Branding>) -> Self {
        let name = Some(organization.name.clone());
        let Some(branding) = branding else {
            return Self {
                organization: name,
                ..Self::default()
            };
        };
        Self {
            organization: name,
            neutral_name: None,
            logo_url: branding.logo_url.clone(),
            color: branding.primary_color.clone(),
            support_email: branding.support_email.clone(),
            support_phone: branding.support_phone.clone(),
            footer_text: branding.footer_text.clone(),
        }
    }

    /// The portal's, for a mail about several organizations; `name` is the sender's.
    pub fn neutral(name: Option<&str>) -> Self {
        Self {
            neutral_name: name.map(str::to_owned),
            ..Self::default()
        }
    }

    /// The organization's name, unless the mail is about several.
    pub fn organization(&self) -> Option<&str> {
        self.organization.as_ref().map(OrganizationName::as_str)
    }

    /// The name at the head and the foot of the mail; without one, the reader's language has a
    /// word for what it is.
    pub fn name(&self) -> Option<&str> {
        self.organization().or(self.neutral_name.as_deref())
    }

    /// The logo.
    pub fn logo_url(&self) -> Option<&str> {
        self.logo_url.as_ref().map(HttpsUrl::as_str)
    }

    /// The main colour, as `#rrggbb`.
    pub fn color(&self) -> &str {
        self.color.as_ref().map_or(DEFAULT_COLOR, Color::as_str)
    }

    /// Black or white: what is read better upon the main colour. It always reaches the contrast
    /// that text needs (4.5), since no colour is close to both.
    pub fn text_color(&self) -> &'static str {
        let contrast = |text: &str| match (text.parse::<Color>(), self.color().parse()) {
            (Ok(text), Ok(background)) => text.contrast(&background),
            _ => 0.0,
        };
        if contrast(BLACK) > contrast(WHITE) {
            BLACK
        } else {
            WHITE
        }
    }

    /// Where people ask for help.
    pub const fn support_email(&self) -> Option<&EmailAddress> {
        self.support_email.as_ref()
    }

    /// The number to call for help.
    pub fn support_phone(&self) -> Option<&str> {
        self.support_phone.as_ref().map(PhoneNumber::as_str)
    }

    /// The text at the foot.
    pub fn footer_text(&self) -> Option<&str> {
        self.footer_text.as_ref().map(FooterText::as_str)
    }
}

#[cfg(test)]
impl Brand {
    /// A brand with everything set.
    pub(crate) fn sample() -> Self {
        Self {
            organization: "Acme & Sons".parse().ok(),
            neutral_name: None,
            logo_url: "https://cdn.acme.example/logo.png?a=1&b=2".parse().ok(),
            color: "#ffcc00".parse().ok(),
            support_email: "help@acme.example".parse().ok(),
            support_phone: "+49 30 123456".parse().ok(),
            footer_text: "Acme & Sons\n<b>Berlin</b>".parse().ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_readable_upon_every_colour() {
        for (color, text) in [
            ("white", BLACK),
            ("#ffcc00", BLACK),
            ("#ff0000", BLACK),
            ("#777777", BLACK),
            ("#757575", WHITE),
            ("navy", WHITE),
            ("black", WHITE),
        ] {
            let color: Color = color.parse().unwrap();
            let brand = Brand {
                color: Some(color.clone()),
                ..Brand::default()
            };
            assert_eq!(brand.text_color(), text, "{color}");
            assert!(color.contrast(&text.parse().unwrap()) >= 4.5, "{color}");
        }
        assert_eq!(Brand::default().text_color(), WHITE);
    }

    #[test]
    fn a_mail_about_several_organizations_names_none() {
        let brand = Brand::neutral(Some("IT portal"));
        assert_eq!(
            (brand.name(), brand.organization()),
            (Some("IT portal"), None)
        );
        assert_eq!(Brand::neutral(None).name(), None);
        assert_eq!(Brand::sample().name(), Some("Acme & Sons"));
    }
}
