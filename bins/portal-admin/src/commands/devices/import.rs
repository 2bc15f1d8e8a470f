//! `portal-admin device import`

use std::path::Path;

use chrono::{DateTime, Utc};
use portal_domain::devices::{
    Device, DeviceRecord, DeviceStatus, DisplayName, Hostname, OsType, OsVersion, Upserted, upsert,
};
use portal_domain::{instant, text};

use super::DEFAULT_STATUS;
use crate::answer::Answer;
use crate::context::Context;
use crate::import::{FieldReader, Import, Row, Tally, boolean, progress, read};
use crate::values::OrganizationArg;

/// One line of an inventory.
struct DeviceRow {
    hostname: Hostname,
    display_name: Option<DisplayName>,
    os_type: OsType,
    os_version: OsVersion,
    status: Option<DeviceStatus>,
    last_seen_at: Option<DateTime<Utc>>,
    is_ephemeral: Option<bool>,
    is_loanable: Option<bool>,
}

impl Row for DeviceRow {
    const COLUMNS: &'static [&'static str] = &[
        "hostname",
        "display_name",
        "os_type",
        "os_version",
        "status",
        "last_seen_at",
        "is_ephemeral",
        "is_loanable",
    ];
    const REQUIRED: &'static [&'static str] = &["hostname", "os_type", "os_version"];

    fn read(fields: &mut FieldReader<'_>) -> Option<Self> {
        // Every field is read before the first missing one ends it, so that all are reported.
        let hostname = fields.required("hostname");
        let display_name = fields.optional("display_name");
        let os_type = fields.required("os_type");
        let os_version = fields.required("os_version");
        let status = fields.optional("status");
        let last_seen_at = fields.optional_by("last_seen_at", instant::parse);
        let is_ephemeral = fields.optional_by("is_ephemeral", boolean);
        let is_loanable = fields.optional_by("is_loanable", boolean);
        Some(Self {
            hostname: hostname?,
            display_name,
            os_type: os_type?,
            os_version: os_version?,
            status,
            last_seen_at,
            is_ephemeral,
            is_loanable,
        })
    }

    fn key(&self) -> String {
        text::fold_case(self.hostname.as_str())
    }
}

impl DeviceRow {
    /// The whole device, where the line leaves something open as it is at present.
    fn over(self, present: Option<Device>) -> DeviceRecord {
        let Self {
            hostname,
            display_name,
            os_type,
            os_version,
            status,
            last_seen_at,
            is_ephemeral,
            is_loanable,
        } = self;
        let known = present.as_ref();
        DeviceRecord {
            hostname,
            os_type,
            os_version,
            status: status
                .or(known.map(|device| device.status))
                .unwrap_or(DEFAULT_STATUS),
            last_seen_at: last_seen_at.or(known.and_then(|device| device.last_seen_at)),
            is_ephemeral: is_ephemeral
                .or(known.map(|device| device.is_ephemeral))
                .unwrap_or(false),
            is_loanable: is_loanable
                .or(known.map(|device| device.is_loanable))
                .unwrap_or(true),
            display_name: display_name.or(present.and_then(|device| device.display_name)),
        }
    }
}

/// Adds or changes the devices of an inventory, in one transaction.
pub(super) async fn run(
    context: &Context,
    of: &OrganizationArg,
    file: &Path,
    skip_bad: bool,
) -> anyhow::Result<Answer> {
    let Import::<DeviceRow> { rows, skipped } = read(file, skip_bad)?;
    let tally = context
        .transact(&of.organization, async |op| {
            let mut tally = Tally {
                skipped,
                ..Tally::default()
            };
            for row in progress(rows) {
                let present = op.tx.device_by_hostname(&row.hostname).await?;
                match upsert(op, row.over(present)).await? {
                    Upserted::Created(_) => tally.created += 1,
                    Upserted::Updated(_) => tally.updated += 1,
                    Upserted::Unchanged(_) => tally.unchanged += 1,
                }
            }
            anyhow::Ok(tally)
        })
        .await?;
    Ok(Answer::record(tally))
}
