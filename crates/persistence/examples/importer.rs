//! Brings an inventory of three devices into the portal's database, as another program would.
//!
//! `cargo run -p portal-persistence --example importer [FILE]`, where FILE is a database of
//! SQLite's; without one, a temporary one is used. Run it twice on the same file: the second time
//! nothing changes.

#![expect(clippy::print_stdout, reason = "it tells what happened")]

use std::error::Error;
use std::path::PathBuf;

use portal_domain::actors::Operator;
use portal_domain::devices::{self, DeviceRecord, DeviceStatus, OsType, Upserted};
use portal_domain::environment::SystemEnvironment;
use portal_domain::operation::Operation;
use portal_domain::organizations::{self, NewOrganization, Organization};
use portal_domain::store::{Store, TenantScope, TenantStore as _};
use portal_domain::values::TimeZone;
use portal_persistence::{Database, DatabaseConfig, Target};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let temporary = tempfile::tempdir()?;
    let path = std::env::args_os()
        .nth(1)
        .map_or_else(|| temporary.path().join("portal.db"), PathBuf::from);
    println!("database {}", path.display());
    let database = Database::open(DatabaseConfig::new(Target::Sqlite(path)))?;
    for migration in database.migrate().await? {
        println!("migrated {migration}");
    }

    let organization = any_organization(&database).await?;
    println!("organization {} ({})", organization.name, organization.id);

    // Either all of the inventory is brought in, or nothing of it.
    let importer = importer()?;
    let tx = database.begin(TenantScope::of(organization.id)).await?;
    let op = Operation::new(&*tx, &importer, &SystemEnvironment);
    for record in inventory()? {
        let upserted = devices::upsert(&op, record).await?;
        let what = match upserted {
            Upserted::Created(_) => "created",
            Upserted::Updated(_) => "updated",
            Upserted::Unchanged(_) => "unchanged",
        };
        println!("{what} {}", upserted.into_device().hostname);
    }
    tx.commit().await?;
    Ok(())
}

/// The first organization there is, or else a new one.
async fn any_organization(store: &dyn Store) -> Result<Organization, Box<dyn Error>> {
    let present = store.system_reader().await?.organizations().await?;
    if let Some(organization) = present.into_iter().next() {
        return Ok(organization);
    }
    let new = NewOrganization {
        name: "Acme".parse()?,
        slug: None,
        time_zone: TimeZone::UTC,
    };
    let tx = store.begin_system().await?;
    let importer = importer()?;
    let op = Operation::new(&*tx, &importer, &SystemEnvironment);
    let organization = organizations::create(&op, new).await?;
    tx.commit().await?;
    Ok(organization)
}

/// Who did it, for the audit log.
fn importer() -> Result<Operator, Box<dyn Error>> {
    Ok(Operator::named("importer".parse()?))
}

/// What an inventory would report.
fn inventory() -> Result<Vec<DeviceRecord>, Box<dyn Error>> {
    [
        ("build-01", OsType::Linux, "Debian 13", false),
        ("design-mac", OsType::MacOs, "26.1", true),
        ("meeting-room", OsType::Windows, "11 25H2", true),
    ]
    .into_iter()
    .map(|(hostname, os_type, os_version, is_loanable)| {
        Ok(DeviceRecord {
            hostname: hostname.parse()?,
            display_name: None,
            os_type,
            os_version: os_version.parse()?,
            status: DeviceStatus::Online,
            last_seen_at: None,
            is_ephemeral: false,
            is_loanable,
        })
    })
    .collect()
}
