//! `portal-admin device …`

mod import;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use portal_domain::devices::{
    Device, DeviceChanges, DeviceError, DeviceFilter, DeviceRecord, DeviceStatus, DisplayName,
    Hostname, OsType, OsVersion, create, update,
};
use portal_domain::timestamp;

use self::import::Hostnames;
use crate::context::{Context, all_pages};
use crate::export::{self, ExportArgs, Record};
use crate::import::ImportArgs;
use crate::output::Output;
use crate::values::{Clearable, OrganizationArg, any_case, trimmed};
use crate::views::devices::DeviceView;

/// The status of a device that has not reported one.
const DEFAULT_STATUS: DeviceStatus = DeviceStatus::Offline;

/// Commands on devices.
#[derive(Debug, Subcommand)]
pub(crate) enum DeviceCommand {
    /// Add a device
    Add(Box<AddArgs>),
    /// Change a device
    ///
    /// Values that are not given stay as they are; an empty display name removes it.
    Update(Box<UpdateArgs>),
    /// Add or change devices from an inventory's file
    ///
    /// The columns are hostname, `display_name`, `os_type`, `os_version`, status, `last_seen_at`,
    /// `is_ephemeral` and `is_loanable`, also under their usual other names in English and German.
    /// Devices are told apart by their hostname; case, invisible characters and the form of
    /// umlauts are ignored. An empty or missing value leaves a known device as it is; a new one is
    /// offline, never seen, not ephemeral and loanable.
    Import(ImportArgs),
    /// Write all devices to a file, which can be imported again
    Export(ExportArgs),
    /// List an organization's devices, including ephemeral ones, which customers never see
    List(OrganizationArg),
}

/// A new device.
#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    #[command(flatten)]
    of: OrganizationArg,
    /// Its hostname, unique within the organization
    #[arg(long, value_parser = trimmed::<Hostname>)]
    hostname: Hostname,
    /// Its operating system: windows, macos or linux
    #[arg(long, value_parser = any_case::<OsType>)]
    os: OsType,
    /// The version of its operating system
    #[arg(long, value_name = "VERSION", value_parser = trimmed::<OsVersion>)]
    os_version: OsVersion,
    /// Its display name
    #[arg(long, value_name = "NAME", value_parser = trimmed::<DisplayName>)]
    display_name: Option<DisplayName>,
    /// Its status, such as online or maintenance
    #[arg(long, default_value_t = DEFAULT_STATUS, value_parser = any_case::<DeviceStatus>)]
    status: DeviceStatus,
    /// Nobody may borrow it
    #[arg(long)]
    not_loanable: bool,
    /// It is short-lived, so customers never see it
    #[arg(long)]
    ephemeral: bool,
}

/// What can be changed.
#[derive(Debug, Args)]
pub(crate) struct UpdateArgs {
    #[command(flatten)]
    of: OrganizationArg,
    /// The device's hostname, case ignored
    #[arg(long)]
    hostname: Hostname,
    /// Its new operating system: windows, macos or linux
    #[arg(long, value_parser = any_case::<OsType>)]
    os: Option<OsType>,
    /// The new version of its operating system
    #[arg(long, value_name = "VERSION")]
    os_version: Option<OsVersion>,
    /// Its new display name
    #[arg(long, value_name = "NAME")]
    display_name: Option<Clearable<DisplayName>>,
    /// Its new status, such as online or maintenance
    #[arg(long, value_parser = any_case::<DeviceStatus>)]
    status: Option<DeviceStatus>,
    /// When it last reported, in RFC 3339
    #[arg(long, value_name = "TIME", value_parser = timestamp::parse)]
    last_seen_at: Option<DateTime<Utc>>,
    /// Whether people may borrow it
    #[arg(long, value_name = "true|false")]
    loanable: Option<bool>,
    /// Whether it is short-lived
    #[arg(long, value_name = "true|false")]
    ephemeral: Option<bool>,
}

impl DeviceCommand {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<Output> {
        match self {
            Self::Add(args) => add(context, *args).await,
            Self::Update(args) => change(context, *args).await,
            Self::Import(args) => import::run(context, &args).await,
            Self::Export(args) => export(context, &args).await,
            Self::List(of) => list(context, &of).await,
        }
    }
}

async fn add(context: &Context, args: AddArgs) -> anyhow::Result<Output> {
    let hostnames = Hostnames::of(all(context, &args.of).await?);
    let known = hostnames.known(&args.hostname);
    if *known != args.hostname {
        return Err(DeviceError::HostnameTaken(known.clone()).into());
    }
    let record = DeviceRecord {
        hostname: args.hostname,
        display_name: args.display_name,
        os_type: args.os,
        os_version: args.os_version,
        status: args.status,
        last_seen_at: None,
        is_ephemeral: args.ephemeral,
        is_loanable: !args.not_loanable,
    };
    let device = context
        .transact(&args.of, async |op| Ok(create(op, record).await?))
        .await?;
    Output::record(&DeviceView::from(device))
}

async fn change(context: &Context, args: UpdateArgs) -> anyhow::Result<Output> {
    let changes = DeviceChanges {
        display_name: args.display_name.map(Clearable::into_inner),
        os_type: args.os,
        os_version: args.os_version,
        status: args.status,
        last_seen_at: args.last_seen_at.map(Some),
        is_ephemeral: args.ephemeral,
        is_loanable: args.loanable,
    };
    let device = context
        .transact(&args.of, async |op| {
            Ok(update(op, &args.hostname, changes).await?)
        })
        .await?;
    Output::record(&DeviceView::from(device))
}

async fn list(context: &Context, of: &OrganizationArg) -> anyhow::Result<Output> {
    let devices = all(context, of).await?;
    let views = devices.into_iter().map(DeviceView::from);
    Output::list(DeviceView::COLUMNS, views)
}

async fn export(context: &Context, args: &ExportArgs) -> anyhow::Result<Output> {
    let devices = all(context, &args.of).await?;
    let records: Vec<Record> = devices.into_iter().map(record).collect();
    let columns = [import::COLUMNS, &["created_at", "updated_at"]].concat();
    export::run(args, &columns, &records)
}

fn record(device: Device) -> Record {
    Record::from([
        ("hostname", device.hostname.as_str().into()),
        (
            "display_name",
            device.display_name.map(DisplayName::into_string).into(),
        ),
        ("os_type", device.os_type.as_str().into()),
        ("os_version", device.os_version.as_str().into()),
        ("status", device.status.as_str().into()),
        ("last_seen_at", device.last_seen_at.map(export::time).into()),
        ("is_ephemeral", device.is_ephemeral.into()),
        ("is_loanable", device.is_loanable.into()),
        ("created_at", export::time(device.created_at)),
        ("updated_at", export::time(device.updated_at)),
    ])
}

async fn all(context: &Context, of: &OrganizationArg) -> anyhow::Result<Vec<Device>> {
    let reader = context.reader(of).await?;
    let filter = DeviceFilter {
        include_ephemeral: true,
        ..DeviceFilter::default()
    };
    Ok(all_pages(async |page| reader.devices(filter, page).await).await?)
}
