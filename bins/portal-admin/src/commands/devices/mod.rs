//! `portal-admin device …`

mod import;

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use portal_domain::devices::{
    DeviceChanges, DeviceFilter, DeviceRecord, DeviceStatus, DisplayName, Hostname, OsType,
    OsVersion, create, update,
};
use portal_domain::instant;
use portal_domain::pagination::{Page, PageRequest};

use crate::answer::Answer;
use crate::context::Context;
use crate::values::{Clearable, OrganizationArg};
use crate::views::devices::DeviceView;

/// The state of a device of which nothing is known: nobody has heard from it.
const DEFAULT_STATUS: DeviceStatus = DeviceStatus::Offline;

/// What is done with devices.
#[derive(Debug, Subcommand)]
pub(crate) enum DeviceCommand {
    /// Add a device
    Add(Box<AddArgs>),
    /// Change a device
    ///
    /// What is not named stays as it is; an empty display name takes it away.
    Update(Box<UpdateArgs>),
    /// Add or change devices from an inventory's file
    ///
    /// The columns are hostname, `display_name`, `os_type`, `os_version`, status, `last_seen_at`,
    /// `is_ephemeral` and `is_loanable`; devices are told apart by their hostname, case ignored. An
    /// empty or missing value leaves a known device as it is; a new one is offline, never seen, not
    /// ephemeral and loanable.
    Import {
        #[command(flatten)]
        of: OrganizationArg,
        /// A CSV file with a header, or a JSON array of objects
        file: PathBuf,
        /// Import the good lines of a file that also has bad ones
        #[arg(long)]
        skip_bad: bool,
    },
    /// List an organization's devices, also the ephemeral ones that customers never see
    List(OrganizationArg),
}

/// The flags that describe a new device.
#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    #[command(flatten)]
    of: OrganizationArg,
    /// The name by which it knows itself, unique within the organization
    #[arg(long)]
    hostname: Hostname,
    /// Its operating system: windows, macos or linux
    #[arg(long)]
    os: OsType,
    /// The version of its operating system
    #[arg(long, value_name = "VERSION")]
    os_version: OsVersion,
    /// The name by which people know it
    #[arg(long, value_name = "NAME")]
    display_name: Option<DisplayName>,
    /// The state that it is in, such as online or maintenance
    #[arg(long, default_value_t = DEFAULT_STATUS)]
    status: DeviceStatus,
    /// Nobody may borrow it
    #[arg(long)]
    not_loanable: bool,
    /// It is short-lived, so customers never see it
    #[arg(long)]
    ephemeral: bool,
}

/// The flags of what can be changed.
#[derive(Debug, Args)]
pub(crate) struct UpdateArgs {
    #[command(flatten)]
    of: OrganizationArg,
    /// The device's hostname, case ignored
    #[arg(long)]
    hostname: Hostname,
    /// Another operating system: windows, macos or linux
    #[arg(long)]
    os: Option<OsType>,
    /// Another version of it
    #[arg(long, value_name = "VERSION")]
    os_version: Option<OsVersion>,
    /// Another name for people
    #[arg(long, value_name = "NAME")]
    display_name: Option<Clearable<DisplayName>>,
    /// Another state, such as online or maintenance
    #[arg(long)]
    status: Option<DeviceStatus>,
    /// When it was last in touch, in RFC 3339
    #[arg(long, value_name = "TIME", value_parser = instant::parse)]
    last_seen_at: Option<DateTime<Utc>>,
    /// Whether people may borrow it
    #[arg(long, value_name = "true|false")]
    loanable: Option<bool>,
    /// Whether it is short-lived
    #[arg(long, value_name = "true|false")]
    ephemeral: Option<bool>,
}

impl DeviceCommand {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<Answer> {
        match self {
            Self::Add(args) => add(context, *args).await,
            Self::Update(args) => change(context, *args).await,
            Self::Import { of, file, skip_bad } => import::run(context, &of, &file, skip_bad).await,
            Self::List(of) => list(context, &of).await,
        }
    }
}

async fn add(context: &Context, args: AddArgs) -> anyhow::Result<Answer> {
    let AddArgs {
        of,
        hostname,
        os,
        os_version,
        display_name,
        status,
        not_loanable,
        ephemeral,
    } = args;
    let record = DeviceRecord {
        hostname,
        display_name,
        os_type: os,
        os_version,
        status,
        last_seen_at: None,
        is_ephemeral: ephemeral,
        is_loanable: !not_loanable,
    };
    let device = context
        .transact(&of.organization, async |op| create(op, record).await)
        .await?;
    Ok(Answer::record(DeviceView::from(device)))
}

async fn change(context: &Context, args: UpdateArgs) -> anyhow::Result<Answer> {
    let UpdateArgs {
        of,
        hostname,
        os,
        os_version,
        display_name,
        status,
        last_seen_at,
        loanable,
        ephemeral,
    } = args;
    let changes = DeviceChanges {
        display_name: display_name.map(|Clearable(name)| name),
        os_type: os,
        os_version,
        status,
        last_seen_at: last_seen_at.map(Some),
        is_ephemeral: ephemeral,
        is_loanable: loanable,
    };
    let device = context
        .transact(&of.organization, async |op| {
            update(op, &hostname, changes).await
        })
        .await?;
    Ok(Answer::record(DeviceView::from(device)))
}

async fn list(context: &Context, of: &OrganizationArg) -> anyhow::Result<Answer> {
    let reader = context.reader(&of.organization).await?;
    let filter = DeviceFilter {
        include_ephemeral: true,
        ..DeviceFilter::default()
    };
    let mut devices = Vec::new();
    for page in 1..=PageRequest::MAX_PAGE {
        let page = PageRequest::new(page, PageRequest::MAX_LIMIT);
        let Page { items, total: _ } = reader.devices(filter, page).await?;
        if items.is_empty() {
            break;
        }
        devices.extend(items.into_iter().map(DeviceView::from));
    }
    Ok(Answer::list(devices))
}
