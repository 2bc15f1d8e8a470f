//! Renders a mail's subject, text and HTML.
//!
//! [`Templates`] fill a [`MailBody`], from which text and HTML are rendered, so they cannot differ
//! in what they say. The translations are in `locales/`; the markup is in `templates/mail.txt` and
//! `templates/mail.html`, of which the latter escapes every value.

mod body;
mod templates;

use askama::Template;
use portal_domain::branding::{Brand, Color};
use portal_i18n::Texts;

use body::Block;

pub use body::MailBody;
pub use templates::{Addressee, ResetLink, SignInPlace, Templates};

portal_i18n::texts!(fn texts from ["mails"]);

/// A rendered mail. Its links may carry tokens, so it has no `Debug` form.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The subject.
    pub subject: String,
    /// The plain-text part.
    pub text: String,
    /// The HTML part, a whole document.
    pub html: String,
}

/// A template failed.
#[derive(Debug, thiserror::Error)]
#[error("the mail could not be rendered")]
pub struct RenderError(#[from] askama::Error);

#[derive(Template)]
#[template(path = "mail.txt", escape = "none")]
struct TextPart<'a> {
    body: &'a MailBody,
    sender: &'a str,
    brand: &'a Brand,
    texts: &'a Texts,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct HtmlPart<'a> {
    body: &'a MailBody,
    sender: &'a str,
    brand: &'a Brand,
    color: Color,
    texts: &'a Texts,
}

impl Templates<'_> {
    /// Renders a mail.
    ///
    /// # Errors
    ///
    /// [`RenderError`], which no value of `body` or of the brand brings about.
    pub fn render(&self, body: MailBody) -> Result<Rendered, RenderError> {
        let (brand, texts, sender) = (self.brand, self.texts, &*self.sender());
        let text = TextPart {
            body: &body,
            sender,
            brand,
            texts,
        }
        .render()?;
        let html = HtmlPart {
            body: &body,
            sender,
            brand,
            color: brand.colors.primary_or_default(),
            texts,
        }
        .render()?;
        Ok(Rendered {
            subject: body.subject,
            text,
            html,
        })
    }
}
