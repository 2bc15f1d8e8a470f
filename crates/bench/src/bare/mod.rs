//! The limit: a server of the same kind that does what a script says, and nothing else.
//!
//! It has no sessions, checks, mapping or validation. Each worker has connections of its own to the
//! databases, which it drives itself, and all statements are prepared. It sends what the portal sent
//! for a request, in as many round trips, decodes every column of every row, and answers with the
//! body that the portal answered with. Rows are counted: a statement that finds another number of
//! rows than the portal's did is an error.

mod plan;
mod pool;
mod postgres;
mod redis;
mod sqlite;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use anyhow::Context as _;
use portal_domain::environment::{Environment as _, SystemEnvironment};
use uuid::{NoContext, Timestamp, Uuid};

use crate::script::Script;
use plan::{Plan, PlannedCommand, PlannedRequest, PlannedStep, Values};
use postgres::Held;

/// The path of one request of a script, below which it is done for one lane.
pub fn path(case: usize, request: usize, lane: usize) -> String {
    format!("/{case}/{request}/{lane}")
}

/// Serves a script until the process is killed.
pub async fn serve(script: Script, port: u16) -> anyhow::Result<()> {
    let plan = Arc::new(Plan::new(script)?);
    let server = HttpServer::new(move || {
        let worker = Rc::new(Worker::new(Arc::clone(&plan)));
        App::new()
            .app_data(worker)
            .route("/ready", web::get().to(HttpResponse::Ok))
            .default_service(web::to(answer))
    });
    server
        .tcp_nodelay(true)
        .bind(("127.0.0.1", port))?
        .run()
        .await
        .context("the listener failed")
}

/// The body is read, as the portal reads it.
async fn answer(request: HttpRequest, _body: Bytes) -> HttpResponse {
    let Some(worker) = request.app_data::<Rc<Worker>>() else {
        return HttpResponse::InternalServerError().finish();
    };
    match worker.answer(request.path()).await {
        Ok(response) => response,
        Err(error) => HttpResponse::InternalServerError().body(format!("{error:#}")),
    }
}

/// What a worker has for itself.
struct Worker {
    plan: Arc<Plan>,
    postgres: Vec<Rc<postgres::Login>>,
    redis: redis::Redis,
    sqlite: Option<sqlite::Sqlite>,
    /// The ids that were made for a lane of a case.
    made: RefCell<HashMap<(usize, usize), Vec<Uuid>>>,
}

impl Worker {
    fn new(plan: Arc<Plan>) -> Self {
        let login = |url: &String| Rc::new(postgres::Login::new(url, &plan));
        Self {
            postgres: plan.postgres.iter().map(login).collect(),
            redis: redis::Redis::new(plan.redis.clone()),
            sqlite: sqlite::Sqlite::new(&plan),
            made: RefCell::default(),
            plan,
        }
    }

    async fn answer(self: &Rc<Self>, path: &str) -> anyhow::Result<HttpResponse> {
        let mut numbers = path.trim_start_matches('/').splitn(3, '/').map(str::parse);
        let mut number =
            || -> anyhow::Result<usize> { Ok(numbers.next().context("a path of three numbers")??) };
        let (case, index, lane) = (number()?, number()?, number()?);
        let request = self.plan.request(case, index).context("no such request")?;
        let values = Rc::new(self.values(request, case, lane));
        let mut held = Held::default();
        for (number, step) in request.steps.iter().enumerate() {
            if !step.awaited {
                self.finish_later((case, index), number, values, held);
                break;
            }
            self.run(step, &values, &mut held).await?;
        }
        Ok(response(request))
    }

    /// Ids for this request, and what the lane has in place of the first one's values.
    fn values(&self, request: &PlannedRequest, case: usize, lane: usize) -> Values {
        let mut made = self.made.borrow_mut();
        let ids = made.entry((case, lane)).or_default();
        ids.resize(self.plan.fresh(case), Uuid::nil());
        for id in ids
            .iter_mut()
            .skip(request.fresh.start)
            .take(request.fresh.len())
        {
            *id = new_id();
        }
        Values {
            ids: ids.clone(),
            lane: self.plan.lane(case, lane),
        }
    }

    /// What the portal sends after its response.
    fn finish_later(
        self: &Rc<Self>,
        (case, index): (usize, usize),
        from: usize,
        values: Rc<Values>,
        mut held: Held,
    ) {
        let worker = Rc::clone(self);
        actix_web::rt::spawn(async move {
            let Some(request) = worker.plan.request(case, index) else {
                return;
            };
            for step in request.steps.iter().skip(from) {
                // Its connections are not used again after an error.
                if worker.run(step, &values, &mut held).await.is_err() {
                    return;
                }
            }
        });
    }

    async fn run(
        &self,
        step: &PlannedStep,
        values: &Values,
        held: &mut Held,
    ) -> anyhow::Result<()> {
        if !step.parts.is_empty() {
            let sqlite = self.sqlite.as_ref().context("no SQLite")?;
            return sqlite.run(&step.parts, values).await;
        }
        for command in &step.commands {
            if let Some((connection, login)) = command.connection() {
                let login = self.postgres.get(login).context("no such login")?;
                held.take(connection, login).await?;
            }
        }
        let held = &*held;
        // In this order: what is polled first is sent first.
        let sent = step.commands.iter().map(|command| async move {
            match command {
                PlannedCommand::Query {
                    connection, query, ..
                } => {
                    held.get(*connection)?
                        .query(&self.plan, query, values)
                        .await
                }
                PlannedCommand::Batch {
                    connection, sql, ..
                } => held.get(*connection)?.batch(sql).await,
                PlannedCommand::Redis(command) => self.redis.run(command).await,
            }
        });
        let outcome = futures_util::future::try_join_all(sent).await;
        if outcome.is_err() {
            held.spoil();
        }
        outcome.map(drop)
    }
}

fn response(request: &PlannedRequest) -> HttpResponse {
    let status = StatusCode::from_u16(request.status).unwrap_or(StatusCode::OK);
    let mut response = HttpResponse::build(status);
    for (name, value) in &request.headers {
        response.insert_header((HeaderName::clone(name), HeaderValue::clone(value)));
    }
    response.body(request.body.clone())
}

/// An id as the portal makes them.
fn new_id() -> Uuid {
    let now = SystemEnvironment.now();
    let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
    Uuid::new_v7(Timestamp::from_unix(
        NoContext,
        seconds,
        now.timestamp_subsec_nanos(),
    ))
}
