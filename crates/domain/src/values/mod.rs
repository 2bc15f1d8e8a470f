//! Values that several features use. A text is parsed once; a value of the type is valid.
//!
//! They depend on no feature. A value that only one feature uses is in that feature's module.

mod domain_name;
mod email_address;
mod http_url;
mod search_words;
mod time_zone;

use crate::text::text_value;

pub use domain_name::{DomainName, DomainNameError};
pub use email_address::{EmailAddress, InvalidEmailAddress};
pub use http_url::{HttpUrl, HttpsUrl, LinkError, MAX_URL_CHARS};
pub use search_words::{InvalidSearch, SearchWord, SearchWords};
pub use time_zone::{InvalidTimeZone, TimeZone};

text_value! {
    /// A person's name, 1 to 255 characters on one line.
    pub struct PersonName(single_line, required, 255);
}
