//! `growth`: what requests cost in a small and in a large database.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;

use super::{Common, mark};
use crate::backend::Kind;
use crate::cases::{API, Session};
use crate::client::{Call, Connection};
use crate::plot::{self, Curve};
use crate::seed::{self, Seeded, Sizes, User};
use crate::server::Server;
use crate::stats::median;

/// Items of a page.
const LIMIT: usize = 50;

/// For an ordinary user, in times of the small database.
const ORDINARY: f64 = 1.5;

/// For those who have very much, in times of an ordinary user in the small database …
const BIG: f64 = 3.0;

/// … or in milliseconds.
const BIG_MILLISECONDS: f64 = 10.0;

/// For a search, which reads every ticket that its user may see: microseconds for each, on top of an
/// ordinary user's search in the small database.
const SEARCH_MICROSECONDS: f64 = 2.5;

/// Options of `growth`.
#[derive(Debug, Clone, Args)]
pub struct GrowthArgs {
    /// What all measurements need
    #[command(flatten)]
    pub common: Common,
    /// On PostgreSQL; on SQLite it is a tenth of the tickets.
    #[command(flatten)]
    pub sizes: Sizes,
    /// Requests for each median
    #[arg(long, default_value_t = 200)]
    pub samples: usize,
    /// How long to measure a kind of request at most
    #[arg(long, value_name = "SECONDS", default_value_t = 6.0)]
    pub seconds: f64,
    /// A file for the tables too
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// A folder for the plots
    #[arg(long, value_name = "FOLDER", default_value = "target/bench")]
    pub plots: PathBuf,
}

/// A kind of request, by what is asked below the API's prefix, or of the pages.
struct Route {
    name: String,
    path: String,
    is_page: bool,
    /// How many tickets are searched.
    searched: Option<usize>,
}

impl Route {
    fn api(name: &str, path: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            path: path.into(),
            is_page: false,
            searched: None,
        }
    }

    fn page(name: &str, path: impl Into<String>) -> Self {
        Self {
            is_page: true,
            ..Self::api(name, path)
        }
    }

    fn call(&self, session: &Session) -> anyhow::Result<Call> {
        if self.is_page {
            session.page(&self.path)
        } else {
            session.api(&self.path)
        }
    }
}

/// The last page that is full, so that pages of all sizes show the same number of rows.
fn last_page(count: usize) -> usize {
    (count / LIMIT).max(1)
}

/// What there is to see of tickets, for somebody who sees so many in a scope.
fn tickets_of(scope: &str, count: usize) -> Vec<Route> {
    let last = last_page(count);
    let mut routes = vec![
        Route::api("tickets", format!("/tickets?{scope}")),
        Route::api(
            "tickets, last page",
            format!("/tickets?{scope}&page={last}"),
        ),
        Route::api(
            "tickets, middle page",
            format!("/tickets?{scope}&page={}", (last / 2).max(1)),
        ),
    ];
    for (name, query) in [
        ("status=new,open", "status=new,open"),
        ("status=closed", "status=closed"),
        ("priority=urgent", "priority=urgent"),
        (
            "status and priority",
            "status=new,open&priority=high,urgent",
        ),
        ("sort=createdAt", "sort=createdAt"),
        ("sort=updatedAt", "sort=updatedAt"),
        ("sort=-updatedAt", "sort=-updatedAt"),
        ("sort=priority", "sort=priority"),
        ("sort=-priority", "sort=-priority"),
    ] {
        routes.push(Route::api(
            &format!("tickets, {name}"),
            format!("/tickets?{scope}&{query}"),
        ));
    }
    for (name, words) in [
        ("q=drucker", "drucker"),
        ("q, two words", "printer+monday"),
        ("q, nothing found", "xyzzy"),
    ] {
        routes.push(Route {
            searched: Some(count),
            ..Route::api(
                &format!("tickets, {name}"),
                format!("/tickets?{scope}&q={words}"),
            )
        });
    }
    routes.push(Route::page("page `/`", "/"));
    routes.push(Route::page("page `/tickets`", format!("/tickets?{scope}")));
    routes
}

fn ticket_of(user: &User) -> Vec<Route> {
    let id = user.ticket.unwrap_or_default();
    vec![
        Route::api("ticket", format!("/tickets/{id}")),
        Route::api(
            "comments of a ticket",
            format!("/tickets/{id}/comments?limit=50"),
        ),
        Route::page("page of a ticket", format!("/tickets/{id}")),
    ]
}

fn devices_of(count: usize) -> Vec<Route> {
    let last = last_page(count);
    vec![
        Route::api("devices", "/devices?limit=50"),
        Route::api(
            "devices, last page",
            format!("/devices?limit=50&page={last}"),
        ),
        Route::page("page `/devices`", "/devices"),
        Route::page("page `/devices`, q", "/devices?q=host-00001"),
        Route::api("assets", "/assets?limit=50"),
        Route::api("assets, last page", format!("/assets?limit=50&page={last}")),
        Route::page("page `/equipment`", "/equipment"),
        Route::api("loans", "/assets/checkouts"),
    ]
}

fn ordinary(seeded: &Seeded) -> Vec<Route> {
    let mut routes = vec![
        Route::api("profile", "/profile"),
        Route::api("branding", format!("/branding/{}", seeded.domain)),
        Route::api("colleagues", "/colleagues"),
        Route::api("tickets, scope=shared", "/tickets?scope=shared"),
    ];
    routes.extend(tickets_of("scope=mine", seeded.ordinary.tickets));
    routes.extend(ticket_of(&seeded.ordinary));
    routes.extend(devices_of(seeded.devices.len()));
    routes
}

/// Somebody who has very much of something, and what they see of it.
fn big(seeded: &Seeded, sizes: &Sizes) -> Vec<(&'static str, User, Vec<Route>)> {
    let managed = sizes.managed_tickets;
    vec![
        (
            "own tickets",
            seeded.prolific.clone(),
            tickets_of("scope=mine", seeded.prolific.tickets),
        ),
        (
            "the organization's tickets",
            seeded.manager.clone(),
            tickets_of("scope=organization", managed),
        ),
        (
            "devices",
            seeded.equipped.clone(),
            devices_of(sizes.devices),
        ),
        (
            "comments on a ticket",
            seeded.talker.clone(),
            ticket_of(&seeded.talker),
        ),
    ]
}

/// Measures on each database, and prints the ratios.
pub async fn run(arguments: &GrowthArgs) -> anyhow::Result<()> {
    let program = arguments.common.program()?;
    fs::create_dir_all(&arguments.plots)?;
    let mut report = String::new();
    for kind in arguments.common.kinds() {
        let section = on(kind, &program, arguments).await?;
        println!("{section}");
        report.push_str(&section);
        report.push('\n');
    }
    if let Some(file) = &arguments.output {
        fs::write(file, report)?;
    }
    Ok(())
}

/// A portal over a database that was filled.
struct Place {
    portal: Server,
    seeded: Seeded,
}

async fn on(kind: Kind, program: &Path, arguments: &GrowthArgs) -> anyhow::Result<String> {
    let sizes = match kind {
        Kind::Postgres => arguments.sizes.clone(),
        Kind::Sqlite => arguments.sizes.tenth(),
    };
    let servers = arguments.common.servers(kind, 2, 0)?;
    let (small, large) = (servers.database().await?, servers.database().await?);
    let seeded = seed::seed(&small, &Sizes::small()).await?;
    let started = Instant::now();
    let much = seed::seed(&large, &sizes).await?;
    let filled = started.elapsed();
    let place = async |database: &crate::backend::BenchDatabase, seeded| {
        Ok::<_, anyhow::Error>(Place {
            portal: Server::portal(program, &database.settings(arguments.common.pool)).await?,
            seeded,
        })
    };
    let small = place(&small, seeded).await?;
    let large = place(&large, much).await?;

    let mut text = format!(
        "### {}: {} tickets, filled in {} s\n\n\
         | who | | small ms | large ms | ratio, or µs a ticket | target |\n|---|---|---|---|---|---|\n",
        kind.label(),
        sizes.tickets,
        filled.as_secs()
    );
    let in_small = Session::open(small.portal.port, &small.seeded.ordinary).await?;
    let in_large = Session::open(large.portal.port, &large.seeded.ordinary).await?;
    let mut references = Vec::new();
    // The same kinds of request in both, each for its own user's ids.
    for (base, route) in ordinary(&small.seeded).iter().zip(ordinary(&large.seeded)) {
        let compared = [
            (&small, base.call(&in_small)?),
            (&large, route.call(&in_large)?),
        ];
        let Some([before, after]) = medians(&compared, arguments).await? else {
            continue;
        };
        let ratio = after / before;
        writeln!(
            text,
            "| ordinary | {} | {before:.2} | {after:.2} | {ratio:.2}{} | {ORDINARY} |",
            route.name,
            mark(ratio <= ORDINARY)
        )?;
        references.push((route.name, before));
    }
    for (who, user, routes) in big(&large.seeded, &sizes) {
        let session = Session::open(large.portal.port, &user).await?;
        for route in routes {
            let compared = [(&large, route.call(&session)?)];
            let Some([after]) = medians(&compared, arguments).await? else {
                continue;
            };
            let known = references.iter().find(|(name, _)| *name == route.name);
            let before = known.map_or(f64::NAN, |(_, before)| *before);
            let (figure, is_met, target) = if let Some(tickets) = route.searched {
                #[expect(clippy::cast_precision_loss, reason = "not so many tickets")]
                let each = (after - before) * 1e3 / tickets as f64;
                let target = format!("{SEARCH_MICROSECONDS} µs a ticket");
                (format!("{each:.1} µs"), each <= SEARCH_MICROSECONDS, target)
            } else {
                let ratio = after / before;
                let is_met = ratio <= BIG || after <= BIG_MILLISECONDS;
                let target = format!("{BIG} or {BIG_MILLISECONDS} ms");
                (format!("{ratio:.2}"), is_met, target)
            };
            writeln!(
                text,
                "| {who} | {} | {before:.2} | {after:.2} | {figure}{} | {target} |",
                route.name,
                mark(is_met)
            )?;
        }
    }
    let curves = curves(&large, arguments).await?;
    let name = match kind {
        Kind::Postgres => "growth-postgres.svg",
        Kind::Sqlite => "growth-sqlite.svg",
    };
    let file = arguments.plots.join(name);
    let title = format!("{}, {} tickets in all", kind.label(), sizes.tickets);
    plot::draw(&file, &title, &curves)?;
    writeln!(text, "\nThe plot is in {}.", file.display())?;
    Ok(text)
}

/// What users with more and more tickets wait for.
async fn curves(large: &Place, arguments: &GrowthArgs) -> anyhow::Result<Vec<Curve>> {
    let mut curves: Vec<Curve> = Vec::new();
    for user in &large.seeded.ladder {
        let session = Session::open(large.portal.port, user).await?;
        let last = last_page(user.tickets);
        let routes = [
            Route::api("list", "/tickets"),
            Route::api("last page", format!("/tickets?page={last}")),
            Route::api("by last change", "/tickets?sort=-updatedAt"),
            Route::api("by priority", "/tickets?sort=-priority"),
            Route::api("search", "/tickets?q=drucker"),
            Route::page("home page", "/"),
        ];
        for route in routes {
            let compared = [(large, route.call(&session)?)];
            let Some([milliseconds]) = medians(&compared, arguments).await? else {
                continue;
            };
            if milliseconds.is_infinite() {
                continue;
            }
            #[expect(clippy::cast_precision_loss, reason = "not so many tickets")]
            let point = (user.tickets as f64, milliseconds);
            match curves.iter_mut().find(|curve| curve.name == route.name) {
                Some(curve) => curve.points.push(point),
                None => curves.push(Curve {
                    name: route.name,
                    points: vec![point],
                }),
            }
        }
    }
    Ok(curves)
}

/// The median time of each request, in milliseconds: they take turns, so that a machine whose speed
/// changes is as fast for each. `None` for what this portal does not have; endless where it fails,
/// such as by its own limit on a query's time.
async fn medians<const N: usize>(
    sides: &[(&Place, Call); N],
    arguments: &GrowthArgs,
) -> anyhow::Result<Option<[f64; N]>> {
    const WARM_UPS: usize = 5;
    let mut connections = Vec::new();
    for (place, call) in sides {
        let mut connection = Connection::open(place.portal.port).await?;
        if matches!(connection.send(call).await?.status, 403..=405) {
            eprintln!("there is no {}", call.line().replace(API, ""));
            return Ok(None);
        }
        connections.push(connection);
    }
    let mut times = vec![Vec::new(); N];
    let (started, limit) = (Instant::now(), Duration::from_secs_f64(arguments.seconds));
    for sample in 0..arguments.samples + WARM_UPS {
        // A few samples are better than none, whatever they cost.
        if sample > WARM_UPS + 3 && started.elapsed() > limit {
            break;
        }
        for ((connection, (_, call)), times) in connections.iter_mut().zip(sides).zip(&mut times) {
            let sent = Instant::now();
            let answer = connection.send(call).await?;
            let time = match answer.status {
                200 => sent.elapsed().as_secs_f64() * 1e3,
                _ => f64::INFINITY,
            };
            if sample >= WARM_UPS {
                times.push(time);
            }
        }
    }
    let mut medians = [0.0; N];
    for (slot, times) in medians.iter_mut().zip(&times) {
        *slot = median(times).unwrap_or_default();
    }
    Ok(Some(medians))
}
