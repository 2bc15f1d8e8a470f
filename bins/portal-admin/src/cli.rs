//! The command line as a whole.

use clap::{Parser, Subcommand};
use portal_domain::values::PersonName;
use portal_settings::{AdminSettings, SettingsArgs};

use crate::commands::audit::AuditCommand;
use crate::commands::branding::BrandingCommand;
use crate::commands::checkouts::CheckoutCommand;
use crate::commands::devices::DeviceCommand;
use crate::commands::domain::DomainCommand;
use crate::commands::mail::MailCommand;
use crate::commands::migrate;
use crate::commands::organizations::OrganizationCommand;
use crate::commands::tickets::TicketCommand;
use crate::commands::users::UserCommand;
use crate::context::Context;
use crate::operator;
use crate::output::Output;
use crate::values::Clearable;

/// Operates the customer portal: organizations, users, branding, devices, loans and tickets
#[derive(Debug, Parser)]
#[command(name = "portal-admin", version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Print one JSON document instead of text for a person
    #[arg(long, global = true, display_order = 1000)]
    pub(crate) json: bool,

    /// Also log what happens to standard error
    #[arg(long, short, global = true, display_order = 1000)]
    pub(crate) verbose: bool,

    /// Who operates, for the audit log [default: the system's name of the user]
    #[arg(
        long = "as",
        env = "PORTAL_OPERATOR",
        value_name = "NAME",
        global = true,
        display_order = 1000
    )]
    pub(crate) operator: Option<Clearable<PersonName>>,

    #[command(flatten)]
    pub(crate) settings: SettingsArgs<AdminSettings>,
}

/// What is operated on.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create the database or bring its tables up to date; does nothing when they are
    Migrate,
    /// Organizations, the tenants of the portal
    #[command(subcommand, name = "org")]
    Organization(OrganizationCommand),
    /// The people who sign in
    #[command(subcommand)]
    User(UserCommand),
    /// How an organization's portal looks and what it offers
    #[command(subcommand)]
    Branding(BrandingCommand),
    /// An organization's own domain
    #[command(subcommand)]
    Domain(DomainCommand),
    /// The devices of an organization
    #[command(subcommand)]
    Device(DeviceCommand),
    /// Devices that people have out
    #[command(subcommand)]
    Checkout(CheckoutCommand),
    /// Support tickets, as the team works on them
    #[command(subcommand)]
    Ticket(TicketCommand),
    /// Who did what, and when
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Mails that are not sent yet, or were given up
    #[command(subcommand)]
    Mail(MailCommand),
}

impl Command {
    /// Does what is asked for.
    pub(crate) async fn run(
        self,
        settings: AdminSettings,
        operator: Option<Clearable<PersonName>>,
    ) -> anyhow::Result<Output> {
        if let Self::Migrate = self {
            return migrate::run(&settings).await;
        }
        let operator = operator::identify(operator.and_then(|Clearable(name)| name))?;
        let context = &Context::open(settings, operator).await?;
        match self {
            Self::Migrate => migrate::run(&context.settings).await,
            Self::Organization(command) => command.run(context).await,
            Self::User(command) => command.run(context).await,
            Self::Branding(command) => command.run(context).await,
            Self::Domain(command) => command.run(context).await,
            Self::Device(command) => command.run(context).await,
            Self::Checkout(command) => command.run(context).await,
            Self::Ticket(command) => command.run(context).await,
            Self::Audit(command) => command.run(context).await,
            Self::Mail(command) => command.run(context).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn json_may_stand_anywhere() {
        for line in [
            ["portal-admin", "--json", "org", "list"],
            ["portal-admin", "org", "list", "--json"],
        ] {
            assert!(Cli::try_parse_from(line).unwrap().json, "{line:?}");
        }
    }
}
