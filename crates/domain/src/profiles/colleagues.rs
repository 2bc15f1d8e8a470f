//! The directory of an organization's people.

use super::{PortalUser, ProfileReader};
use crate::ids::UserId;
use crate::storage_error::StorageError;
use crate::text::{search_key, text_value, trim};
use crate::values::{EmailAddress, PersonName};

text_value! {
    /// The beginning of a name or address, of up to 200 characters.
    pub struct NameStart(single_line, required, 200);
}

/// A user, as colleagues see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colleague {
    /// Their id.
    pub id: UserId,
    /// Their name.
    pub name: Option<PersonName>,
    /// Their address.
    pub email: EmailAddress,
}

impl From<PortalUser> for Colleague {
    fn from(user: PortalUser) -> Self {
        Self {
            id: user.id,
            name: user.name,
            email: user.email,
        }
    }
}

impl Colleague {
    /// The name shown to others: their name, or else their address.
    pub fn display_name(&self) -> &str {
        let name = self.name.as_ref().map(PersonName::as_str);
        name.unwrap_or_else(|| self.email.as_str())
    }

    /// As [`Self::display_name`], owned.
    pub fn into_display_name(self) -> String {
        match self.name {
            Some(name) => name.into_string(),
            None => self.email.into_string(),
        }
    }

    /// Whether their name or address begins with a text, by its [`search_key`].
    fn begins_with(&self, key: &str) -> bool {
        let names = [
            self.name.as_ref().map(PersonName::as_str),
            Some(self.email.as_str()),
        ];
        names
            .into_iter()
            .flatten()
            .any(|name| search_key(name).starts_with(key))
    }
}

/// The active users but `user`, by name, at most `limit`; with `start`, only those whose name or
/// address begins with it.
///
/// Case folding happens here because that of SQLite is ASCII only; an organization has few enough
/// people to look at each.
pub async fn colleagues(
    reader: &dyn ProfileReader,
    user: UserId,
    start: Option<&NameStart>,
    limit: usize,
) -> Result<Vec<Colleague>, StorageError> {
    let key = start.map_or_else(String::new, |start| search_key(trim(start.as_str())));
    let mut found = reader.active_users().await?;
    found.retain(|colleague| colleague.id != user && colleague.begins_with(&key));
    found.sort_by_cached_key(|colleague| (search_key(colleague.display_name()), colleague.id));
    found.truncate(limit);
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::SystemEnvironment;

    #[test]
    fn a_colleague_is_found_by_the_beginning_of_name_or_address() {
        let colleague = Colleague {
            id: UserId::generate(&SystemEnvironment),
            name: "Ärik Straße".parse().ok(),
            email: "e.strasse@acme.example".parse().unwrap(),
        };
        for (text, is_found) in [
            ("", true),
            ("ÄR", true),
            ("A\u{308}rik STRASSE", true),
            ("E.Str", true),
            ("straße", false),
            ("acme", false),
            ("%", false),
        ] {
            assert_eq!(colleague.begins_with(&search_key(text)), is_found, "{text}");
        }
    }
}
