//! The API over a temporary database, with one organization and one user: what a program that
//! embeds it has to put together.
//!
//! `cargo run -p portal-http --example serve`
#![expect(clippy::print_stdout, reason = "it tells where it listens")]

use std::error::Error;
use std::sync::Arc;

use actix_web::HttpServer;
use actix_web::web::Data;
use portal_auth::state::MemoryState;
use portal_auth::{Argon2Params, PasswordHasher, SecretKey};
use portal_domain::actors::Operator;
use portal_domain::environment::{Environment, SystemEnvironment};
use portal_domain::files::{FileDepot, FileLimits};
use portal_domain::operation::Operation;
use portal_domain::organizations::{self, NewOrganization};
use portal_domain::profiles::{self, NewUser};
use portal_domain::store::{Store, TenantScope};
use portal_domain::values::TimeZone;
use portal_files::ObjectFiles;
use portal_persistence::{Database, DatabaseConfig, Target};
use portal_session::{HttpConfig, Portal};
use tokio_util::task::TaskTracker;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let target = Target::Sqlite(folder.path().join("portal.db"));
    let database = Database::open(DatabaseConfig::new(target))?;
    database.migrate().await?;
    let passwords = PasswordHasher::new(Argon2Params::default())?;
    one_user(&database, &passwords).await?;

    let env: Arc<dyn Environment> = Arc::new(SystemEnvironment);
    let config = HttpConfig {
        allow_loopback_origins: true,
        ..HttpConfig::new("http://127.0.0.1:8080".parse()?)
    };
    let files = FileDepot {
        store: Arc::new(ObjectFiles::in_folder(&folder.path().join("files"))?),
        scanner: None,
        limits: FileLimits::DEFAULT,
    };
    let portal = Portal::new(
        Arc::new(database),
        Arc::new(MemoryState::new(Arc::clone(&env))),
        env,
        passwords,
        &SecretKey::random(),
        config,
        TaskTracker::new(),
    );
    let portal = Data::new(portal.with_files(files));
    let server = HttpServer::new(move || portal_http::app(Data::clone(&portal), None))
        .bind("127.0.0.1:8080")?;
    println!("http://127.0.0.1:8080/api/v1/portal: ada@acme.example, Portal-Demo-1");
    server.run().await?;
    Ok(())
}

async fn one_user(store: &dyn Store, passwords: &PasswordHasher) -> Result<(), Box<dyn Error>> {
    let operator = Operator::named("Example".parse()?);
    let acme = NewOrganization {
        name: "Acme".parse()?,
        slug: None,
        time_zone: TimeZone::UTC,
    };
    let tx = store.begin_system().await?;
    let op = Operation::new(&*tx, &operator, &SystemEnvironment);
    let acme = organizations::create(&op, acme).await?;
    tx.commit().await?;

    let ada = NewUser {
        email: "ada@acme.example".parse()?,
        name: Some("Ada".parse()?),
        role: None,
        locale: None,
        password_hash: Some(passwords.hash(&"Portal-Demo-1".into()).await?),
    };
    let tx = store.begin(TenantScope::of(acme.id)).await?;
    let op = Operation::new(&*tx, &operator, &SystemEnvironment);
    profiles::create(&op, ada, false).await?;
    Ok(tx.commit().await?)
}
