//! Starting, serving and stopping.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use actix_web::{App, HttpServer};
use anyhow::{Context as _, ensure};
use metrics_exporter_prometheus::PrometheusBuilder;
use portal_auth::PasswordHasher;
use portal_demo::{DEMO_PASSWORD, DemoReport};
use portal_dns::{DomainMonitor, SystemResolver};
use portal_domain::environment::{Environment, SystemEnvironment};
use portal_domain::store::Store;
use portal_files::Sweeper;
use portal_http::RenderMetrics;
use portal_mail::ReminderScheduler;
use portal_persistence::{Access, Database};
use portal_session::Portal;
use portal_settings::{ServerSettings, StateBackend};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::{gauges, to_stderr, wiring};

/// The time for requests in flight to finish after the listener is closed.
const SHUTDOWN_SECONDS: u64 = 30;

/// The time for a client to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// Upper bounds of the buckets of all durations, in seconds.
const BUCKETS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

/// Runs the portal until a signal ends it.
pub(crate) async fn serve(settings: ServerSettings, demo: bool) -> anyhow::Result<()> {
    let metrics = PrometheusBuilder::new()
        .set_buckets(&BUCKETS)?
        .install_recorder()?;
    let env: Arc<dyn Environment> = Arc::new(SystemEnvironment);
    let secret = wiring::secret_key(&settings)?;
    let mail = wiring::mail(&settings, &secret)?;
    let files = settings.files.open()?;
    let database = wiring::database(&settings, Access::Serve)?;
    database.check_pooler().await?;
    migrate(&database).await?;
    database
        .check_isolation(settings.general.mode.is_production())
        .await?;
    tokio::spawn({
        let (metrics, database, env) = (metrics.clone(), database.clone(), Arc::clone(&env));
        async move { gauges::run(metrics, database, &*env).await }
    });
    let render: RenderMetrics = {
        let database = database.clone();
        Arc::new(move || {
            gauges::measure_pools(&database);
            metrics.render()
        })
    };
    let store: Arc<dyn Store> = Arc::new(database);
    let passwords = PasswordHasher::new(settings.argon2.into())?;
    if demo {
        let hash = passwords.hash(&DEMO_PASSWORD.into()).await?;
        // The server's own access does not allow creating organizations.
        let operator = wiring::database(&settings, Access::Operate)?;
        let report = portal_demo::load(&operator, &files, &*env, &hash)
            .await
            .context("the demo data could not be loaded")?;
        announce_demo(&report);
    }
    log_what_a_restart_loses(&settings);

    let background = TaskTracker::new();
    let stop_background = CancellationToken::new();
    let sender = wiring::mail_sender(mail, Arc::clone(&store), Arc::clone(&env));
    let reminders = ReminderScheduler::new(Arc::clone(&store), Arc::clone(&env), sender.notifier());
    background.spawn(sender.run(stop_background.clone()));
    background.spawn(reminders.run(stop_background.clone()));
    let sweeper = Sweeper::new(
        Arc::clone(&store),
        Arc::clone(&files.store),
        Arc::clone(&env),
    );
    background.spawn(sweeper.run(stop_background.clone()));
    // The domains of the demo have no records.
    if settings.general.mode.is_production() {
        let (store, env) = (Arc::clone(&store), Arc::clone(&env));
        let domains = DomainMonitor::new(store, env, Arc::new(SystemResolver));
        background.spawn(domains.run(stop_background.clone()));
    }

    let portal = Portal::new(
        store,
        wiring::state(&settings, &env)?,
        env,
        passwords,
        &secret,
        wiring::http_config(&settings),
        background.clone(),
    );
    let portal = Data::new(portal.with_files(files));
    listen(&settings, portal, render).await?;

    stop_background.cancel();
    background.close();
    background.wait().await;
    tracing::info!("stopped");
    Ok(())
}

/// Brings the schema up to date, if the login may.
async fn migrate(database: &Database) -> anyhow::Result<()> {
    let pending = database
        .pending_migrations()
        .await
        .context("the state of the database cannot be read")?;
    if pending.is_empty() {
        return Ok(());
    }
    ensure!(
        database.may_migrate().await?,
        "the database is not up to date, and this login may not change it; run \
         `portal-admin migrate` first"
    );
    let applied = database
        .migrate()
        .await
        .context("the database could not be migrated")?;
    if !applied.is_empty() {
        tracing::info!(migrations = applied.join(", "), "the database was migrated");
    }
    Ok(())
}

/// Accepts requests until a signal, then lets those in flight finish.
async fn listen(
    settings: &ServerSettings,
    portal: Data<Portal>,
    render: RenderMetrics,
) -> anyhow::Result<()> {
    let render_here = settings
        .http
        .ops_bind()
        .is_none()
        .then(|| Arc::clone(&render));
    let draining = portal.draining.clone();
    let operated = Data::clone(&portal);
    // Before the address is printed: until then a signal would kill the process.
    let stop = stop_signal().context("signals cannot be received")?;
    let server = HttpServer::new(move || {
        let pages = Data::clone(&portal);
        portal_http::app_with(Data::clone(&portal), render_here.clone(), &|config| {
            portal_web::routes(&pages, config);
        })
    });
    let server = server
        // A proxy that keeps a connection for longer would send a request into one that is closing.
        .keep_alive(settings.http.keep_alive)
        .client_request_timeout(HEAD_TIMEOUT)
        // A client that closes its connection is gone, or the client of the proxy that closes it is:
        // its request is dropped.
        .h1_allow_half_closed(false)
        // A compressed stylesheet is sent in two writes; with Nagle's algorithm the second would wait
        // for the first one's acknowledgement, 40 ms on a kept-alive connection.
        .tcp_nodelay(true)
        .shutdown_timeout(SHUTDOWN_SECONDS)
        .disable_signals()
        .bind(settings.http.bind)
        .with_context(|| format!("cannot listen on {}", settings.http.bind))?;
    for address in server.addrs() {
        to_stderr(&format!("listening on http://{address}"));
    }
    let server = server.run();
    let handle = server.handle();
    if let Some(bind) = settings.http.ops_bind() {
        tokio::spawn(operations_server(bind, operated, render)?);
    }

    let drain = settings.http.drain;
    tokio::spawn(async move {
        stop.await;
        tracing::info!(
            seconds = drain.as_secs(),
            "stopping; requests are still accepted"
        );
        draining.cancel();
        tokio::time::sleep(drain).await;
        handle.stop(true).await;
    });
    server.await.context("the listener failed")
}

/// A listener for operators and proxies.
fn operations_server(
    bind: std::net::SocketAddr,
    portal: Data<Portal>,
    render: RenderMetrics,
) -> anyhow::Result<actix_web::dev::Server> {
    let server = HttpServer::new(move || {
        let (portal, render) = (Data::clone(&portal), Arc::clone(&render));
        App::new().configure(|config| portal_http::operations(portal, render, config))
    })
    .workers(1)
    .disable_signals()
    .bind(bind)
    .with_context(|| format!("cannot listen on {bind} for metrics"))?;
    for address in server.addrs() {
        to_stderr(&format!("metrics on http://{address}/metrics"));
    }
    Ok(server.run())
}

/// Waits for SIGTERM or SIGINT, whose default actions are off from now on.
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

fn log_what_a_restart_loses(settings: &ServerSettings) {
    if settings.http.secret_key.is_none() {
        tracing::info!("PORTAL_SECRET_KEY is not set: cookies become invalid at the next start");
    }
    if settings.state.backend == StateBackend::Memory {
        tracing::info!("sessions are kept in memory: a restart signs everybody out");
    }
}

fn announce_demo(report: &DemoReport) {
    to_stderr(if report.loaded {
        "demo data loaded"
    } else {
        "demo data was already there"
    });
    to_stderr(&format!(
        "sign in with the password {DEMO_PASSWORD} as one of:"
    ));
    for sign_in in &report.sign_ins {
        to_stderr(&format!("  {sign_in}"));
    }
}
