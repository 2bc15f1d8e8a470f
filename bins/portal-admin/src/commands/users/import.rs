//! `portal-admin user import`

use std::path::Path;

use portal_domain::profiles::{NewUser, UserImport, import};

use crate::answer::Answer;
use crate::context::Context;
use crate::import::{FieldReader, Import, Row, Tally, progress, read};
use crate::values::OrganizationArg;

/// One line of a list of users.
struct UserRow(NewUser);

impl Row for UserRow {
    const COLUMNS: &'static [&'static str] = &["email", "name", "locale"];
    const REQUIRED: &'static [&'static str] = &["email"];

    fn read(fields: &mut FieldReader<'_>) -> Option<Self> {
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

/// Creates or renames the users of a list, in one transaction.
pub(super) async fn run(
    context: &Context,
    of: &OrganizationArg,
    file: &Path,
    skip_bad: bool,
    send_invitations: bool,
) -> anyhow::Result<Answer> {
    let Import::<UserRow> { rows, skipped } = read(file, skip_bad)?;
    let tally = context
        .transact(&of.organization, async |op| {
            let mut tally = Tally {
                skipped,
                ..Tally::default()
            };
            for UserRow(new) in progress(rows) {
                match import(op, new, send_invitations).await? {
                    UserImport::Created => tally.created += 1,
                    UserImport::Updated => tally.updated += 1,
                    UserImport::Unchanged => tally.unchanged += 1,
                }
            }
            anyhow::Ok(tally)
        })
        .await?;
    Ok(Answer::record(tally))
}
