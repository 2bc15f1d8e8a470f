//! `portal-admin mail …`

use anyhow::ensure;
use clap::Subcommand;
use portal_domain::actors::Operator;
use portal_domain::ids::OutboxMailId;
use portal_domain::notifications::{OutboxMail, OutboxState};
use portal_domain::operation::SystemOperation;
use portal_domain::store::StorageError;
use serde::Serialize;

use crate::context::Context;
use crate::output::Output;
use crate::views::mail::MailView;

/// Commands on mails.
#[derive(Debug, Subcommand)]
pub(crate) enum MailCommand {
    /// List the mails that were given up, and those that wait to be sent, oldest first
    List {
        /// Only those that were given up
        #[arg(long)]
        dead: bool,
    },
    /// Make a mail due again at once; without an id, every mail that was given up
    Retry {
        /// The mail's id
        id: Option<OutboxMailId>,
        /// Every unsent mail, including those that wait for their next attempt
        #[arg(long, conflicts_with = "id")]
        all: bool,
    },
}

/// The number of mails that are due again.
#[derive(Debug, Serialize)]
struct Retried {
    retried: usize,
}

impl MailCommand {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<Output> {
        match self {
            Self::List { dead } => {
                let mails = context.transact_system(async |op| Ok(unsent(op, !dead).await?));
                let views = mails.await?.into_iter().map(MailView::new);
                Output::list(
                    MailView::COLUMNS,
                    views.collect::<anyhow::Result<Vec<_>>>()?,
                )
            }
            Self::Retry { id, all } => {
                let now = context.env().now();
                let retried = context.transact_system(async |op| {
                    let ids: Vec<_> = match id {
                        Some(id) => vec![id],
                        None => unsent(op, all).await?.iter().map(|mail| mail.id).collect(),
                    };
                    let mut retried = 0;
                    for id in ids {
                        // False if a server has sent it meanwhile.
                        retried += usize::from(op.tx.retry_mail(id, now).await?);
                    }
                    Ok(retried)
                });
                let retried = retried.await?;
                if let Some(id) = id {
                    ensure!(retried > 0, "there is no unsent mail {id}");
                }
                Output::record(&Retried { retried })
            }
        }
    }
}

/// The mails that were given up, and on request those that wait.
async fn unsent(
    op: &SystemOperation<'_, Operator>,
    waiting_too: bool,
) -> Result<Vec<OutboxMail>, StorageError> {
    let mut mails = op.tx.mails(OutboxState::Dead, u32::MAX).await?;
    if waiting_too {
        mails.extend(op.tx.mails(OutboxState::Waiting, u32::MAX).await?);
    }
    Ok(mails)
}
