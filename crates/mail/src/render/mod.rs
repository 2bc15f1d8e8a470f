//! Subject, text and HTML of a mail.
//!
//! A mail's words are put into a letter once, and both parts are rendered from that one letter, so
//! they cannot differ in what they say. The templates are `templates/letter.txt` and
//! `templates/letter.html`; the latter escapes every value.

mod brand;
mod letter;
mod letters;

use askama::Template;

use crate::content::Content;
use letter::{Block, Letter};

pub use brand::Brand;

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
}

#[derive(Template)]
#[template(path = "letter.html")]
struct HtmlPart<'a> {
    letter: &'a Letter,
    brand: &'a Brand,
}

/// Renders a mail in a brand.
///
/// # Errors
///
/// [`RenderError`], which no value of `content` or `brand` brings about.
pub fn render(content: &Content, brand: &Brand) -> Result<Rendered, RenderError> {
    let letter = letters::write(content, brand);
    let text = TextPart {
        letter: &letter,
        brand,
    }
    .render()?;
    let html = HtmlPart {
        letter: &letter,
        brand,
    }
    .render()?;
    Ok(Rendered {
        subject: letter.subject,
        text,
        html,
    })
}
