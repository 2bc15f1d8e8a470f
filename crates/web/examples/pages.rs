//! The portal's pages over a temporary database with the demo data, to look at while working on
//! them: templates and files are compiled in, so restart it after a change.
//!
//! `cargo run -p portal-web --example pages`
#![expect(
    clippy::print_stdout,
    reason = "it tells where it listens and who can sign in"
)]

use std::error::Error;
use std::sync::Arc;

use actix_web::HttpServer;
use actix_web::web::Data;
use portal_auth::state::MemoryState;
use portal_auth::{Argon2Params, PasswordHasher, SecretKey};
use portal_demo::DEMO_PASSWORD;
use portal_domain::environment::{Environment, SystemEnvironment};
use portal_domain::files::{FileDepot, FileLimits};
use portal_files::ObjectFiles;
use portal_persistence::{Database, DatabaseConfig, Target};
use portal_session::{HttpConfig, Portal};
use tokio_util::task::TaskTracker;

const ADDRESS: &str = "127.0.0.1:8090";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let target = Target::Sqlite(folder.path().join("portal.db"));
    let database = Database::open(DatabaseConfig::new(target))?;
    database.migrate().await?;
    let env: Arc<dyn Environment> = Arc::new(SystemEnvironment);
    let passwords = PasswordHasher::new(Argon2Params::default())?;
    let hash = passwords.hash(&DEMO_PASSWORD.into()).await?;
    let files = FileDepot {
        store: Arc::new(ObjectFiles::in_folder(&folder.path().join("files"))?),
        scanner: None,
        limits: FileLimits::DEFAULT,
    };
    let demo = portal_demo::load(&database, &files, &*env, &hash).await?;

    let config = HttpConfig {
        allow_loopback_origins: true,
        ..HttpConfig::new(format!("http://{ADDRESS}").parse()?)
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
    println!("http://{ADDRESS}, with the password {DEMO_PASSWORD}, as one of:");
    for sign_in in &demo.sign_ins {
        println!("  {sign_in}");
    }
    let server = HttpServer::new(move || {
        let pages = Data::clone(&portal);
        portal_http::app_with(Data::clone(&portal), None, &|config| {
            portal_web::routes(&pages, config);
        })
    });
    Ok(server.workers(2).bind(ADDRESS)?.run().await?)
}
