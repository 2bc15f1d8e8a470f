//! `portal-admin device import`

use portal_domain::devices::{
    DeviceChanges, DeviceRecord, Hostname, OsType, OsVersion, Upserted, create, save,
};
use portal_domain::{text, timestamp};

use super::DEFAULT_STATUS;
use crate::context::Context;
use crate::import::{self, Fields, ImportArgs, Imported, Row, boolean};
use crate::output::Output;

struct DeviceRow {
    hostname: Hostname,
    os_type: OsType,
    os_version: OsVersion,
    /// To a device that is known already.
    changes: DeviceChanges,
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

    fn read(fields: &mut Fields) -> Option<Self> {
        let hostname = fields.required("hostname");
        let changes = DeviceChanges {
            display_name: fields.optional("display_name").map(Some),
            os_type: fields.required("os_type"),
            os_version: fields.required("os_version"),
            status: fields.optional("status"),
            last_seen_at: fields
                .optional_by("last_seen_at", timestamp::parse)
                .map(Some),
            is_ephemeral: fields.optional_by("is_ephemeral", boolean),
            is_loanable: fields.optional_by("is_loanable", boolean),
        };
        Some(Self {
            hostname: hostname?,
            os_type: changes.os_type?,
            os_version: changes.os_version.clone()?,
            changes,
        })
    }

    fn key(&self) -> String {
        text::fold_case(self.hostname.as_str())
    }
}

impl DeviceRow {
    fn into_new_device(self) -> DeviceRecord {
        let Self {
            hostname,
            os_type,
            os_version,
            changes,
        } = self;
        DeviceRecord {
            hostname,
            display_name: changes.display_name.flatten(),
            os_type,
            os_version,
            status: changes.status.unwrap_or(DEFAULT_STATUS),
            last_seen_at: changes.last_seen_at.flatten(),
            is_ephemeral: changes.is_ephemeral.unwrap_or(false),
            is_loanable: changes.is_loanable.unwrap_or(true),
        }
    }
}

/// Adds or changes the devices of a file.
pub(super) async fn run(context: &Context, args: &ImportArgs) -> anyhow::Result<Output> {
    import::run(context, args, async |op, row: DeviceRow| {
        let Some(device) = op.tx.device_by_hostname(&row.hostname).await? else {
            create(op, row.into_new_device()).await?;
            return Ok(Imported::Created);
        };
        Ok(match save(op, device, row.changes).await? {
            Upserted::Created(_) => Imported::Created,
            Upserted::Updated(_) => Imported::Updated,
            Upserted::Unchanged(_) => Imported::Unchanged,
        })
    })
    .await
}
