//! Writes the lines of an import, in small transactions.

use std::io::{self, IsTerminal as _};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use indicatif::ProgressBar;
use portal_domain::actors::Operator;
use portal_domain::devices::DeviceError;
use portal_domain::operation::Operation;
use portal_domain::profiles::UserError;
use portal_domain::store::{StorageError, TenantScope, finish};
use portal_settings::DatabaseUrl;
use serde::Serialize;
use tokio::time::sleep;

use super::{ImportArgs, Row, read, say};
use crate::context::Context;
use crate::output::Output;

/// The lines of one transaction: few, because sign-ins and other imports wait for it meanwhile.
const LINES_AT_ONCE: usize = 25;
/// How often a transaction that fails is tried again. With the pauses, that is half a minute.
const RETRIES: u32 = 20;
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// What happened to an imported line.
pub(crate) enum Imported {
    Created,
    Updated,
    Unchanged,
}

/// The number of lines by what happened to them.
#[derive(Debug, Default, Clone, Copy, Serialize)]
struct Tally {
    created: usize,
    updated: usize,
    unchanged: usize,
    /// Bad lines that were left out.
    skipped: usize,
}

/// Imports a file, each of its lines by `write`.
///
/// Lines are written in the order of their keys, so that imports at the same time take locks in the
/// same order. What another process is in the way of is tried again.
pub(crate) async fn run<R: Row + Clone>(
    context: &Context,
    args: &ImportArgs,
    write: impl AsyncFn(&Operation<'_, Operator>, R) -> anyhow::Result<Imported>,
) -> anyhow::Result<Output> {
    let (mut rows, skipped) = read::<R>(&args.file, args.skip_bad)?;
    rows.sort_by_cached_key(Row::key);
    let scope = TenantScope::of(context.organization(&args.of).await?.id);
    let is_sqlite = matches!(
        context.settings.database.owner_url(),
        DatabaseUrl::Sqlite(_)
    );
    let progress = progress_bar(rows.len());
    let mut tally = Tally {
        skipped,
        ..Tally::default()
    };
    for rows in rows.chunks(LINES_AT_ONCE) {
        let started = Instant::now();
        tally = retried(async || {
            let tx = context.store().begin(scope).await?;
            let op = Operation::new(&*tx, &context.operator, context.env());
            let written = write_all(&op, rows, tally, &write).await;
            if args.dry_run {
                tx.rollback().await?;
                written
            } else {
                finish(tx, written).await
            }
        })
        .await
        .with_context(|| stopped(progress.position(), progress.length(), args.dry_run))?;
        progress.inc(rows.len().try_into()?);
        if is_sqlite {
            // SQLite does not queue writers: without a pause, others would seldom get a turn.
            sleep(started.elapsed()).await;
        }
    }
    if args.dry_run {
        say("nothing was written, because this is a dry run");
    }
    Output::record(&tally)
}

async fn write_all<R: Clone>(
    op: &Operation<'_, Operator>,
    rows: &[R],
    mut tally: Tally,
    write: &impl AsyncFn(&Operation<'_, Operator>, R) -> anyhow::Result<Imported>,
) -> anyhow::Result<Tally> {
    for row in rows {
        match write(op, row.clone()).await? {
            Imported::Created => tally.created += 1,
            Imported::Updated => tally.updated += 1,
            Imported::Unchanged => tally.unchanged += 1,
        }
    }
    Ok(tally)
}

fn progress_bar(lines: usize) -> ProgressBar {
    let lines = lines.try_into().unwrap_or(u64::MAX);
    if io::stderr().is_terminal() {
        ProgressBar::new(lines)
    } else {
        ProgressBar::with_draw_target(Some(lines), indicatif::ProgressDrawTarget::hidden())
    }
}

/// How far an import came that could not go on.
fn stopped(written: u64, total: Option<u64>, dry_run: bool) -> String {
    match (written, total) {
        (1.., Some(total)) if !dry_run => format!(
            "only {written} of {total} lines were written; import the file again for the rest"
        ),
        _ => "nothing was written".to_owned(),
    }
}

/// Runs a transaction, again and again where it failed for a reason that may pass.
async fn retried<T>(attempt: impl AsyncFn() -> anyhow::Result<T>) -> anyhow::Result<T> {
    let mut pause = Duration::from_millis(20);
    for _ in 0..RETRIES {
        match attempt().await {
            Err(error) if may_pass(&error) => sleep(pause).await,
            outcome => return outcome,
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    attempt().await
}

/// Whether the cause may be somebody else's transaction: a lock, a deadlock, or a row that has
/// appeared since it was looked for.
fn may_pass(error: &anyhow::Error) -> bool {
    let storage = match (
        error.downcast_ref::<UserError>(),
        error.downcast_ref::<DeviceError>(),
    ) {
        (Some(UserError::EmailTaken(_)), _) | (_, Some(DeviceError::HostnameTaken(_))) => {
            return true;
        }
        (Some(UserError::Storage(storage)), _) | (_, Some(DeviceError::Storage(storage))) => {
            Some(storage)
        }
        _ => error.downcast_ref::<StorageError>(),
    };
    matches!(
        storage,
        Some(StorageError::Unavailable(_) | StorageError::Query(_))
    )
}
