//! Values that more than one feature has: a text is parsed once, and what has the type is valid.
//!
//! They know none of the features. A value that only one feature has stands in that feature.

mod domain_name;
mod email_address;
mod http_url;
mod search_words;
mod time_zone;

use crate::text::text_value;

pub use domain_name::{DomainName, DomainNameError};
pub use email_address::{EmailAddress, InvalidEmailAddress};
pub use http_url::{HttpUrl, HttpsUrl, LinkError, MAX_URL_CHARS};
pub use search_words::{InvalidSearch, SearchWords};
pub use time_zone::{InvalidTimeZone, TimeZone};

text_value! {
    /// A person's name, 1 to 255 characters on one line.
    pub struct PersonName(single_line, required, 255);
}
