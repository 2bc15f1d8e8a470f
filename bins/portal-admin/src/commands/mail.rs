//! `portal-admin mail …`

use anyhow::ensure;
use clap::Subcommand;
use portal_domain::ids::OutboxMailId;
use portal_domain::notifications::OutboxState;
use portal_domain::store::StorageError;
use serde::Serialize;

use crate::answer::Answer;
use crate::context::Context;
use crate::views::mail::MailView;

/// What is done with mails.
#[derive(Debug, Subcommand)]
pub(crate) enum MailCommand {
    /// List the mails that were given up, and those that wait to be sent, oldest first
    List {
        /// Only those that were given up
        #[arg(long)]
        dead: bool,
    },
    /// Let the server try again at once; without an id, every mail that was given up
    Retry {
        /// The mail
        id: Option<OutboxMailId>,
        /// Every mail that is not sent, also those that wait for their next try
        #[arg(long, conflicts_with = "id")]
        all: bool,
    },
}

/// How many mails are due again.
#[derive(Debug, Serialize)]
struct Retried {
    retried: usize,
}

impl MailCommand {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<Answer> {
        match self {
            Self::List { dead } => {
                let mails = context
                    .transact_system(async |op| {
                        let mut mails = op.tx.mails(OutboxState::Dead, u32::MAX).await?;
                        if !dead {
                            mails.extend(op.tx.mails(OutboxState::Waiting, u32::MAX).await?);
                        }
                        Ok::<_, StorageError>(mails)
                    })
                    .await?;
                let views: Vec<_> = mails
                    .into_iter()
                    .map(MailView::new)
                    .collect::<anyhow::Result<_>>()?;
                Ok(Answer::list(views))
            }
            Self::Retry {
                id: Some(id),
                all: _,
            } => retry(context, id).await,
            Self::Retry { id: None, all } => retry_all(context, all).await,
        }
    }
}

async fn retry(context: &Context, id: OutboxMailId) -> anyhow::Result<Answer> {
    let now = context.env().now();
    let found = context
        .transact_system(async |op| op.tx.retry_mail(id, now).await)
        .await?;
    ensure!(found, "there is no unsent mail {id}");
    Ok(Answer::record(Retried { retried: 1 }))
}

async fn retry_all(context: &Context, waiting_too: bool) -> anyhow::Result<Answer> {
    let now = context.env().now();
    let retried = context
        .transact_system(async |op| {
            let mut mails = op.tx.mails(OutboxState::Dead, u32::MAX).await?;
            if waiting_too {
                mails.extend(op.tx.mails(OutboxState::Waiting, u32::MAX).await?);
            }
            let mut retried = 0;
            for mail in mails {
                // A server may have sent it since.
                retried += usize::from(op.tx.retry_mail(mail.id, now).await?);
            }
            Ok::<_, StorageError>(retried)
        })
        .await?;
    Ok(Answer::record(Retried { retried }))
}
