//! Renders a mail's subject, text and HTML.
//!
//! A mail's words are put into a letter once, and both parts are rendered from that one letter, so
//! they cannot differ in what they say. The words of each language are in `locales/`; the templates
//! are `templates/letter.txt` and `templates/letter.html`, of which the latter escapes every value.

mod brand;
mod letter;
mod letters;

use askama::Template;
use portal_i18n::{Locale, Texts};

use crate::content::Content;
use letter::{Block, Letter};

pub use brand::Brand;

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
#[template(path = "letter.txt", escape = "none")]
struct TextPart<'a> {
    letter: &'a Letter,
    brand: &'a Brand,
    texts: &'a Texts,
}

#[derive(Template)]
#[template(path = "letter.html")]
struct HtmlPart<'a> {
    letter: &'a Letter,
    brand: &'a Brand,
    texts: &'a Texts,
}

/// Renders a mail in a brand and a language.
///
/// # Errors
///
/// [`RenderError`], which no value of `content` or `brand` brings about.
pub fn render(content: &Content, brand: &Brand, locale: Locale) -> Result<Rendered, RenderError> {
    let texts = texts(locale);
    let letter = letters::write(content, brand, texts);
    let text = TextPart {
        letter: &letter,
        brand,
        texts,
    }
    .render()?;
    let html = HtmlPart {
        letter: &letter,
        brand,
        texts,
    }
    .render()?;
    Ok(Rendered {
        subject: letter.subject,
        text,
        html,
    })
}
