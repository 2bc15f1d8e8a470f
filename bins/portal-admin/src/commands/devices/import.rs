//! `portal-admin device import`

use std::collections::HashMap;

use portal_domain::devices::{
    Device, DeviceChanges, DeviceRecord, Hostname, OsType, OsVersion, Upserted, create, save,
};
use portal_domain::text;
use portal_wire::Timestamp;

use super::DEFAULT_STATUS;
use crate::context::Context;
use crate::import::{self, Boolean, Fields, ImportArgs, Imported, Row};
use crate::output::Output;

/// The columns of a file.
pub(super) const COLUMNS: &[&str] = &[
    "hostname",
    "display_name",
    "os_type",
    "os_version",
    "status",
    "last_seen_at",
    "is_ephemeral",
    "is_loanable",
];

#[derive(Clone)]
struct DeviceRow {
    hostname: Hostname,
    os_type: OsType,
    os_version: OsVersion,
    /// To a device that is known already.
    changes: DeviceChanges,
}

impl Row for DeviceRow {
    const COLUMNS: &'static [&'static str] = COLUMNS;
    const REQUIRED: &'static [&'static str] = &["hostname", "os_type", "os_version"];

    fn read(fields: &mut Fields) -> Option<Self> {
        let hostname = fields.required("hostname");
        let changes = DeviceChanges {
            display_name: fields.optional("display_name").map(Some),
            os_type: fields.required_word("os_type"),
            os_version: fields.required("os_version"),
            status: fields.optional_word("status"),
            last_seen_at: fields
                .optional("last_seen_at")
                .map(|Timestamp(at)| Some(at)),
            is_ephemeral: fields.optional("is_ephemeral").map(|Boolean(is)| is),
            is_loanable: fields.optional("is_loanable").map(|Boolean(is)| is),
        };
        Some(Self {
            hostname: hostname?,
            os_type: changes.os_type?,
            os_version: changes.os_version.clone()?,
            changes,
        })
    }

    fn key(&self) -> String {
        text::name_key(self.hostname.as_str())
    }
}

impl DeviceRow {
    /// What differs from a device, other than white space that was trimmed.
    fn changes_to(self, device: &Device) -> DeviceChanges {
        let is_known = |known: &str, new: &str| text::trim(known) == new;
        let DeviceChanges {
            display_name,
            os_version,
            ..
        } = &self.changes;
        let same_name = match (&device.display_name, display_name) {
            (Some(known), Some(Some(new))) => is_known(known.as_str(), new.as_str()),
            _ => false,
        };
        let same_version = os_version
            .as_ref()
            .is_some_and(|new| is_known(device.os_version.as_str(), new.as_str()));
        let mut changes = self.changes;
        changes.display_name.take_if(|_| same_name);
        changes.os_version.take_if(|_| same_version);
        changes
    }

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
    let hostnames = &Hostnames::of(super::all(context, &args.of).await?);
    import::run(context, args, async |op, row: DeviceRow| {
        let hostname = hostnames.known(&row.hostname);
        let Some(device) = op.tx.device_by_hostname(hostname).await? else {
            create(op, row.into_new_device()).await?;
            return Ok(Imported::Created);
        };
        let changes = row.changes_to(&device);
        Ok(match save(op, device, changes).await? {
            Upserted::Created(_) => Imported::Created,
            Upserted::Updated(_) => Imported::Updated,
            Upserted::Unchanged(_) => Imported::Unchanged,
        })
    })
    .await
}

/// Hostnames that earlier releases stored under keys that only they find.
pub(super) struct Hostnames(HashMap<String, Hostname>);

impl Hostnames {
    pub(super) fn of(devices: Vec<Device>) -> Self {
        let names = devices.into_iter().map(|device| device.hostname);
        let keyed = names.map(|name| (text::name_key(name.as_str()), name));
        Self(
            keyed
                .filter(|(key, name)| text::fold_case(name.as_str()) != *key)
                .collect(),
        )
    }

    /// The stored spelling of a hostname, or else the given one.
    pub(super) fn known<'h>(&'h self, hostname: &'h Hostname) -> &'h Hostname {
        let key = text::name_key(hostname.as_str());
        self.0.get(&key).unwrap_or(hostname)
    }
}
