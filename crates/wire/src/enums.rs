//! The domain's enums as named schemas.

use std::borrow::Cow;

use portal_domain::{devices, profiles, tickets};
use serde::{Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

macro_rules! named_enums {
    ($($(#[doc = $doc:literal])+ $name:ident($domain:ty);)+) => { $(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name(pub $domain);

        impl From<$domain> for $name {
            fn from(value: $domain) -> Self {
                Self(value)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.0.as_str())
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let values = <$domain>::ALL.iter().map(|value| value.as_str());
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .description(Some(concat!($($doc),+).trim()))
                    .enum_values(Some(values))
                    .into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                stringify!($name).into()
            }
        }
    )+ };
}

named_enums! {
    /// A ticket's status.
    TicketStatus(tickets::TicketStatus);
    /// A ticket's priority, in ascending order.
    TicketPriority(tickets::TicketPriority);
    /// Who wrote a comment: a customer (`portal`) or the IT team (`internal`).
    AuthorType(tickets::AuthorType);
    /// A device's operating system.
    OsType(devices::OsType);
    /// A device's status.
    DeviceStatus(devices::DeviceStatus);
    /// A user's status; only `active` ones can sign in.
    UserStatus(profiles::UserStatus);
    /// What a user may do: a `manager` sees the tickets of the whole organization.
    UserRole(profiles::Role);
    /// A language of the portal.
    Locale(profiles::Locale);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_enum_has_a_named_schema_of_its_serialized_values() {
        let schema = serde_json::to_value(Locale::schema()).unwrap();
        let expected = json!({
            "type": "string", "description": "A language of the portal.", "enum": ["en", "de"],
        });
        assert_eq!(schema, expected);
        assert_eq!(Locale::name(), "Locale");
        let german = Locale::from(profiles::Locale::German);
        assert_eq!(serde_json::to_value(german).unwrap(), json!("de"));
    }
}
