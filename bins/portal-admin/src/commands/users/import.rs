//! `portal-admin user import`

use portal_domain::profiles::{self, NewUser, UserImport};

use crate::context::Context;
use crate::import::{self, Fields, ImportArgs, Imported, Row};
use crate::output::Output;

struct UserRow(NewUser);

impl Row for UserRow {
    const COLUMNS: &'static [&'static str] = &["email", "name", "locale"];
    const REQUIRED: &'static [&'static str] = &["email"];

    fn read(fields: &mut Fields) -> Option<Self> {
        let email = fields.required("email");
        let name = fields.optional("name");
        let locale = fields.optional("locale");
        Some(Self(NewUser {
            email: email?,
            name,
            locale,
            password_hash: None,
        }))
    }

    fn key(&self) -> String {
        self.0.email.to_string()
    }
}

/// Creates or renames the users of a file.
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
