//! `portal-admin user …`

mod import;

use std::io::{self, Read as _};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use portal_auth::PasswordHasher;
use portal_domain::actors::Operator;
use portal_domain::operation::Operation;
use portal_domain::profiles::{
    Locale, NewUser, Password, PortalUser, Role, UserChanges, UserError, create, disable, enable,
    invite, update,
};
use portal_domain::store::TenantScope;
use portal_domain::values::{EmailAddress, PersonName};
use secrecy::zeroize::Zeroizing;

use crate::context::Context;
use crate::export::{self, ExportArgs, Record};
use crate::import::ImportArgs;
use crate::output::Output;
use crate::values::OrganizationArg;
use crate::views::users::UserView;

/// The limit for reading standard input, far above the longest password.
const MAX_STDIN_BYTES: u64 = 4096;

/// Commands on users.
#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Create a user, who is invited by mail unless a password is given
    Create {
        #[command(flatten)]
        account: AccountArgs,
        /// Their name
        #[arg(long)]
        name: Option<PersonName>,
        /// What they may do: member or manager
        #[arg(long)]
        role: Option<Role>,
        /// Their language and that of their invitation: en or de
        #[arg(long)]
        locale: Option<Locale>,
        /// Read their password from standard input instead of inviting them
        #[arg(long)]
        password_stdin: bool,
    },
    /// Send another invitation to a user who has not set up their account
    Invite(AccountArgs),
    /// Lock a user out and end their sessions
    Disable(AccountArgs),
    /// Let a user sign in again
    Enable(AccountArgs),
    /// List an organization's users, by address
    List {
        #[command(flatten)]
        of: OrganizationArg,
        /// Only the user with this address
        #[arg(long)]
        email: Option<EmailAddress>,
    },
    /// Change a user's address, name or role
    Update {
        #[command(flatten)]
        account: AccountArgs,
        /// Their new address
        #[arg(long)]
        new_email: Option<EmailAddress>,
        /// Their new name
        #[arg(long)]
        name: Option<PersonName>,
        /// What they may do: member or manager
        #[arg(long)]
        role: Option<Role>,
    },
    /// Create or change users from a file; new ones are invited
    ///
    /// The columns are email, name, role (member or manager) and locale (en or de, for new users),
    /// also under their usual other names in English and German. Users are told apart by their address.
    Import {
        #[command(flatten)]
        args: ImportArgs,
        /// Invite nobody
        #[arg(long)]
        no_invite: bool,
    },
    /// Write all users to a file, which can be imported again
    Export(ExportArgs),
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
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<Output> {
        match self {
            Self::Create {
                account: AccountArgs { of, email },
                name,
                role,
                locale,
                password_stdin,
            } => {
                // An unknown organization is reported before somebody types a password.
                context.organization(&of).await?;
                let password_hash = if password_stdin {
                    let hasher = PasswordHasher::new(context.settings.argon2.into())?;
                    Some(hasher.hash(read_password()?.secret()).await?)
                } else {
                    None
                };
                let new = NewUser {
                    email,
                    name,
                    role,
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
                role,
            } => {
                let changes = UserChanges {
                    email: new_email,
                    name,
                    role,
                };
                change(context, &of, async |op| update(op, &email, changes).await).await
            }
            Self::List { of, email } => list(context, &of, email.as_ref()).await,
            Self::Export(args) => export(context, &args).await,
            Self::Import { args, no_invite } => import::run(context, &args, !no_invite).await,
        }
    }
}

/// Changes a user and outputs them.
async fn change(
    context: &Context,
    of: &OrganizationArg,
    change: impl AsyncFnOnce(&Operation<'_, Operator>) -> Result<PortalUser, UserError>,
) -> anyhow::Result<Output> {
    let organization = context.organization(of).await?;
    let scope = TenantScope::of(organization.id);
    let user = context
        .transact_in(scope, &context.operator, async |op| Ok(change(op).await?))
        .await?;
    UserView::new(&user, &organization).output()
}

async fn list(
    context: &Context,
    of: &OrganizationArg,
    email: Option<&EmailAddress>,
) -> anyhow::Result<Output> {
    let organization = context.organization(of).await?;
    let scope = TenantScope::of(organization.id);
    let reader = context.store().reader(scope).await?;
    let users = match email {
        Some(email) => reader.user_by_email(email).await?.into_iter().collect(),
        None => reader.users().await?,
    };
    let views = users.iter().map(|user| UserView::new(user, &organization));
    Output::list(UserView::COLUMNS, views)
}

async fn export(context: &Context, args: &ExportArgs) -> anyhow::Result<Output> {
    let users = context.reader(&args.of).await?.users().await?;
    let records: Vec<Record> = users.into_iter().map(record).collect();
    let more = [
        "status",
        "receive_notifications",
        "invited_at",
        "last_login_at",
        "created_at",
        "updated_at",
    ];
    export::run(args, &[import::COLUMNS, &more].concat(), &records)
}

fn record(user: PortalUser) -> Record {
    Record::from([
        ("email", user.email.as_str().into()),
        ("name", user.name.map(PersonName::into_string).into()),
        ("role", user.role.as_str().into()),
        ("locale", user.locale.map(Locale::as_str).into()),
        ("status", user.status.as_str().into()),
        ("receive_notifications", user.notifications.enabled.into()),
        ("invited_at", user.invited_at.map(export::time).into()),
        ("last_login_at", user.last_login_at.map(export::time).into()),
        ("created_at", export::time(user.created_at)),
        ("updated_at", export::time(user.updated_at)),
    ])
}

/// Reads a password from standard input, without the line break at its end.
fn read_password() -> anyhow::Result<Password> {
    let mut text = Zeroizing::new(String::new());
    io::stdin()
        .take(MAX_STDIN_BYTES)
        .read_to_string(&mut text)
        .context("the password cannot be read from standard input")?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    Ok(line.strip_suffix('\r').unwrap_or(line).parse()?)
}
