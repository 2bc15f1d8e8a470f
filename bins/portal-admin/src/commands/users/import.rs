//! `portal-admin user import`

use std::str::FromStr;

use portal_domain::profiles::{self, Locale, NewUser, Role, UserImport};

use crate::context::Context;
use crate::import::{self, Fields, ImportArgs, Imported, Row};
use crate::output::Output;

/// The columns of a file.
pub(super) const COLUMNS: &[&str] = &["email", "name", "role", "locale"];

#[derive(Clone)]
struct UserRow(NewUser);

impl Row for UserRow {
    const COLUMNS: &'static [&'static str] = COLUMNS;
    const REQUIRED: &'static [&'static str] = &["email"];

    fn read(fields: &mut Fields) -> Option<Self> {
        let email = fields.required("email");
        let name = fields.optional("name");
        let role = fields.optional("role").map(|RoleWord(role)| role);
        let locale = fields.optional("locale").map(|Language(locale)| locale);
        Some(Self(NewUser {
            email: email?,
            name,
            role,
            locale,
            password_hash: None,
        }))
    }

    fn key(&self) -> String {
        self.0.email.to_string()
    }
}

/// A role, in any case and also in German.
struct RoleWord(Role);

impl FromStr for RoleWord {
    type Err = <Role as FromStr>::Err;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        import::word(text).parse().map(Self)
    }
}

/// A language, also with a region, such as `de-AT`.
struct Language(Locale);

impl FromStr for Language {
    type Err = <Locale as FromStr>::Err;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let word = import::word(text);
        let language = word.split(['-', '_']).next().unwrap_or_default();
        language.parse().map(Self)
    }
}

/// Creates or changes the users of a file.
pub(super) async fn run(
    context: &Context,
    args: &ImportArgs,
    send_invitations: bool,
) -> anyhow::Result<Output> {
    import::run(context, args, async |op, UserRow(new)| {
        Ok(match profiles::import(op, new, send_invitations).await? {
            UserImport::Created => Imported::Created,
            UserImport::Updated => Imported::Updated,
            UserImport::Unchanged => Imported::Unchanged,
        })
    })
    .await
}
