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
    /// List the devices that are checked out, oldest loan first
    List {
        #[command(flatten)]
        of: OrganizationArg,
        /// Only overdue ones
        #[arg(long)]
        overdue: bool,
    },
    /// Check a device in for its borrower, for example one who has left
    Checkin {
        #[command(flatten)]
        of: OrganizationArg,
        /// The device: its id or its hostname
        #[arg(long, value_name = "ID")]
        device: DeviceRef,
        /// Notes on the return
        #[arg(long)]
        notes: Option<LoanNotes>,
        /// The device's condition
        #[arg(long)]
        condition: Option<Condition>,
    },
}

impl CheckoutCommand {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<Output> {
        let now = context.env().now();
        let (Self::List { of, .. } | Self::Checkin { of, .. }) = &self;
        let zone = context.organization(of).await?.time_zone;
        match self {
            Self::List { of, overdue } => {
                let reader = context.reader(&of).await?;
                let mut loans = reader.loans_out().await?;
                loans.retain(|loan| !overdue || loan.checkout.is_overdue(zone, now));
                let views = loans
                    .into_iter()
                    .map(|loan| CheckoutView::new(loan, zone, now));
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
                        Ok(Loan { checkout, device })
                    })
                    .await?;
                Output::record(&CheckoutView::new(loan, zone, now))
            }
        }
    }
}
