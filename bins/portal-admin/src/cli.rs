//! The command line.

use clap::{Parser, Subcommand};
use portal_domain::values::PersonName;
use portal_settings::{AdminSettings, SettingsArgs};

use crate::commands::audit::AuditCommand;
use crate::commands::branding::BrandingCommand;
use crate::commands::checkouts::CheckoutCommand;
use crate::commands::devices::DeviceCommand;
use crate::commands::domain::DomainCommand;
use crate::commands::files::FilesCommand;
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

    /// Print one JSON document instead of text
    #[arg(long, global = true, display_order = 1000)]
    pub(crate) json: bool,

    /// Log to standard error
    #[arg(long, short, global = true, display_order = 1000)]
    pub(crate) verbose: bool,

    /// The operator's name for the audit log [default: the system's user name]
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

/// A command, or a noun with commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create the database or bring its tables up to date
    Migrate,
    /// Organizations, the tenants of the portal
    #[command(subcommand, name = "org")]
    Organization(OrganizationCommand),
    /// Portal users
    #[command(subcommand)]
    User(UserCommand),
    /// An organization's branding and features
    #[command(subcommand)]
    Branding(BrandingCommand),
    /// An organization's own domain
    #[command(subcommand)]
    Domain(DomainCommand),
    /// The devices of an organization
    #[command(subcommand)]
    Device(DeviceCommand),
    /// Loans of devices
    #[command(subcommand)]
    Checkout(CheckoutCommand),
    /// Support tickets
    #[command(subcommand)]
    Ticket(TicketCommand),
    /// The files of tickets
    #[command(subcommand)]
    Files(FilesCommand),
    /// The audit log
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Mails that wait to be sent or were given up
    #[command(subcommand)]
    Mail(MailCommand),
}

impl Command {
    /// Runs the command.
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
            Self::Files(command) => command.run(context).await,
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
    fn the_command_line_passes_claps_own_checks() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_json_flag_may_stand_anywhere() {
        for line in [
            ["portal-admin", "--json", "org", "list"],
            ["portal-admin", "org", "list", "--json"],
        ] {
            assert!(Cli::try_parse_from(line).unwrap().json, "{line:?}");
        }
    }
}
