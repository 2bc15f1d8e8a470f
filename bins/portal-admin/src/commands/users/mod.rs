//! `portal-admin user …`

mod import;

use std::io::{self, Read as _};
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use portal_auth::{Argon2Params, PasswordHasher};
use portal_domain::actors::Operator;
use portal_domain::operation::Operation;
use portal_domain::profiles::{
    Locale, NewUser, Password, PortalUser, UserChanges, UserError, create, disable, enable, invite,
    update,
};
use portal_domain::store::TenantScope;
use portal_domain::values::{EmailAddress, PersonName};
use portal_settings::Argon2Settings;
use secrecy::zeroize::Zeroizing;

use crate::answer::Answer;
use crate::context::Context;
use crate::values::OrganizationArg;
use crate::views::users::UserView;

/// The most that is read of standard input, far above the longest password.
const MAX_STDIN_BYTES: u64 = 4096;

/// What is done with users.
#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Create a user, who is invited by mail unless a password is given
    Create {
        #[command(flatten)]
        account: AccountArgs,
        /// Their name
        #[arg(long)]
        name: Option<PersonName>,
        /// Their language, en or de, which their invitation is written in
        #[arg(long)]
        locale: Option<Locale>,
        /// Read their password from standard input, instead of inviting them
        #[arg(long)]
        password_stdin: bool,
    },
    /// Send another invitation to somebody who has not set up their account
    Invite(AccountArgs),
    /// Shut somebody out and end their sessions
    Disable(AccountArgs),
    /// Let somebody in again
    Enable(AccountArgs),
    /// List an organization's users, by address
    List {
        #[command(flatten)]
        of: OrganizationArg,
        /// Only the user with this address
        #[arg(long)]
        email: Option<EmailAddress>,
    },
    /// Change somebody's address or name
    Update {
        #[command(flatten)]
        account: AccountArgs,
        /// Their new address
        #[arg(long)]
        new_email: Option<EmailAddress>,
        /// Their new name
        #[arg(long)]
        name: Option<PersonName>,
    },
    /// Create or rename users from a file with the columns email, name and locale; only who is
    /// created is invited
    Import {
        #[command(flatten)]
        of: OrganizationArg,
        /// A CSV file with a header, or a JSON array of objects
        file: PathBuf,
        /// Invite nobody
        #[arg(long)]
        no_invite: bool,
        /// Import the good lines of a file that also has bad ones
        #[arg(long)]
        skip_bad: bool,
    },
}

/// The flags that name a user.
#[derive(Debug, Args)]
pub(crate) struct AccountArgs {
    #[command(flatten)]
    of: OrganizationArg,
    /// The user's address
    #[arg(long)]
    email: EmailAddress,
}

impl UserCommand {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<Answer> {
        match self {
            Self::Create {
                account: AccountArgs { of, email },
                name,
                locale,
                password_stdin,
            } => {
                // An unknown organization is told before anybody has to type a password.
                context.organization(&of.organization).await?;
                let password_hash = if password_stdin {
                    Some(hash(context.settings.argon2, &read_password()?).await?)
                } else {
                    None
                };
                let new = NewUser {
                    email,
                    name,
                    locale,
                    password_hash,
                };
                change(context, &of, async |op| create(op, new, true).await).await
            }
            Self::Invite(AccountArgs { of, email }) => {
                change(context, &of, async |op| invite(op, &email).await).await
            }
            Self::Disable(AccountArgs { of, email }) => {
                change(context, &of, async |op| disable(op, &email).await).await
            }
            Self::Enable(AccountArgs { of, email }) => {
                change(context, &of, async |op| enable(op, &email).await).await
            }
            Self::Update {
                account: AccountArgs { of, email },
                new_email,
                name,
            } => {
                let changes = UserChanges {
                    email: new_email,
                    name,
                };
                change(context, &of, async |op| update(op, &email, changes).await).await
            }
            Self::List { of, email } => list(context, &of, email.as_ref()).await,
            Self::Import {
                of,
                file,
                no_invite,
                skip_bad,
            } => import::run(context, &of, &file, skip_bad, !no_invite).await,
        }
    }
}

/// Changes a user, and shows them as they are then.
async fn change(
    context: &Context,
    of: &OrganizationArg,
    change: impl AsyncFnOnce(&Operation<'_, Operator>) -> Result<PortalUser, UserError>,
) -> anyhow::Result<Answer> {
    let organization = context.organization(&of.organization).await?;
    let scope = TenantScope::of(organization.id);
    let user = context
        .transact_in(scope, &context.operator, change)
        .await?;
    Ok(UserView::new(&user, &organization).into_answer())
}

async fn list(
    context: &Context,
    of: &OrganizationArg,
    email: Option<&EmailAddress>,
) -> anyhow::Result<Answer> {
    let organization = context.organization(&of.organization).await?;
    let scope = TenantScope::of(organization.id);
    let reader = context.store().reader(scope).await?;
    let users = match email {
        Some(email) => reader.user_by_email(email).await?.into_iter().collect(),
        None => reader.users().await?,
    };
    Ok(Answer::list(
        users.iter().map(|user| UserView::new(user, &organization)),
    ))
}

/// A password from standard input, without the newline that a shell's `echo` ends it with.
fn read_password() -> anyhow::Result<Password> {
    let mut text = Zeroizing::new(String::new());
    io::stdin()
        .take(MAX_STDIN_BYTES)
        .read_to_string(&mut text)
        .context("the password cannot be read from standard input")?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    Ok(line.strip_suffix('\r').unwrap_or(line).parse()?)
}

async fn hash(settings: Argon2Settings, password: &Password) -> anyhow::Result<String> {
    let Argon2Settings {
        memory_kib,
        iterations,
        parallelism,
        queue,
    } = settings;
    let hasher = PasswordHasher::new(Argon2Params {
        memory_kib,
        iterations,
        parallelism,
        queue,
    })?;
    Ok(hasher.hash(password.secret()).await?)
}
