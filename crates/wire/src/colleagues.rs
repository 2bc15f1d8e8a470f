//! Colleagues.

use portal_domain::ids::UserId;
use portal_domain::profiles;
use portal_domain::values::PersonName;
use serde::Serialize;
use utoipa::ToSchema;

/// A user in the directory of an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Colleague {
    /// The id.
    #[schema(value_type = Uuid)]
    pub id: UserId,
    /// The name.
    #[schema(required, example = "Ada Moreno")]
    pub name: Option<String>,
    /// The email address.
    #[schema(format = Email, example = "ada@acme.example")]
    pub email: String,
}

impl From<profiles::Colleague> for Colleague {
    fn from(colleague: profiles::Colleague) -> Self {
        let profiles::Colleague { id, name, email } = colleague;
        Self {
            id,
            name: name.map(PersonName::into_string),
            email: email.into_string(),
        }
    }
}
