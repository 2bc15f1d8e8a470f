//! `portal-admin checkout …`

use anyhow::Context as _;
use clap::Subcommand;
use portal_domain::assets::{CheckinRequest, Condition, Loan, LoanNotes, take_back};

use crate::context::Context;
use crate::output::Output;
use crate::values::{DeviceRef, OrganizationArg};
use crate::views::checkouts::CheckoutView;

/// Commands on loans.
#[derive(Debug, Subcommand)]
pub(crate) enum CheckoutCommand {
    /// List the devices that people have out, oldest first
    List {
        #[command(flatten)]
        of: OrganizationArg,
        /// Only those that were expected back by now
        #[arg(long)]
        overdue: bool,
    },
    /// Take a device back, whoever has it: for a borrower who has left
    Checkin {
        #[command(flatten)]
        of: OrganizationArg,
        /// The device: its id or its hostname
        #[arg(long, value_name = "ID")]
        device: DeviceRef,
        /// Anything worth knowing about the return
        #[arg(long)]
        notes: Option<LoanNotes>,
        /// The condition that the device is in
        #[arg(long)]
        condition: Option<Condition>,
    },
}

impl CheckoutCommand {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<Output> {
        let now = context.env().now();
        match self {
            Self::List { of, overdue } => {
                let reader = context.reader(&of).await?;
                let loans = reader.loans_out(overdue.then_some(now)).await?;
                let views = loans.iter().map(|loan| CheckoutView::new(loan, now));
                Output::list(CheckoutView::COLUMNS, views)
            }
            Self::Checkin {
                of,
                device,
                notes,
                condition,
            } => {
                let request = CheckinRequest { notes, condition };
                let loan = context
                    .transact(&of, async |op| {
                        let device = match &device {
                            DeviceRef::Id(id) => op.tx.device(*id).await?,
                            DeviceRef::Hostname(name) => op.tx.device_by_hostname(name).await?,
                        };
                        let device = device.context("the organization has no such device")?;
                        let checkout = take_back(op, device.id, request).await?;
                        anyhow::Ok(Loan { checkout, device })
                    })
                    .await?;
                Output::record(&CheckoutView::new(&loan, now))
            }
        }
    }
}
