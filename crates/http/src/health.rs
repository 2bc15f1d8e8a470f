//! `/healthz` and `/readyz`.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde_json::json;

use crate::portal::Portal;

/// How long a part may take to answer before it counts as gone.
const PATIENCE: Duration = Duration::from_secs(2);

/// `GET /healthz`: the process is alive, whatever it depends on.
pub(crate) async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "ok" }))
}

/// `GET /readyz`: requests can be answered here; else 503, naming what is missing.
pub(crate) async fn readyz(portal: Data<Portal>) -> HttpResponse {
    let answers = |answered: Option<bool>| answered == Some(true);
    let (database, state) = futures_util::future::join(
        tokio::time::timeout(PATIENCE, portal.store.ping()),
        tokio::time::timeout(PATIENCE, portal.state.ping()),
    )
    .await;
    let database = answers(database.ok().map(|result| result.is_ok()));
    let state = answers(state.ok().map(|result| result.is_ok()));
    let missing: Vec<&str> = [
        (!database).then_some("database"),
        (!state).then_some("state"),
        portal.draining.is_cancelled().then_some("draining"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if missing.is_empty() {
        HttpResponse::Ok().json(json!({ "status": "ready" }))
    } else {
        HttpResponse::ServiceUnavailable()
            .insert_header((actix_web::http::header::RETRY_AFTER, "2"))
            .json(json!({ "error": "Service temporarily unavailable", "unavailable": missing }))
    }
}
