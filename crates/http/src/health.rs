//! `/healthz` and `/readyz`.

use actix_web::HttpResponse;
use actix_web::http::header::RETRY_AFTER;
use actix_web::web::Data;
use portal_session::{Fault, Portal, Readiness};
use serde_json::json;

/// `GET /healthz`: the process is alive.
pub(crate) async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "ok" }))
}

/// `GET /readyz`: the process is ready for requests; else 503 with what is missing.
pub(crate) async fn readyz(portal: Data<Portal>) -> HttpResponse {
    let Readiness {
        database,
        state,
        accepting,
    } = portal.readiness().await;
    let parts = [
        ("database", database),
        ("state", state),
        ("draining", accepting),
    ];
    let missing: Vec<_> = parts
        .into_iter()
        .filter_map(|(part, is_ready)| (!is_ready).then_some(part))
        .collect();
    if missing.is_empty() {
        HttpResponse::Ok().json(json!({ "status": "ready" }))
    } else {
        HttpResponse::ServiceUnavailable()
            .insert_header((RETRY_AFTER, Fault::RETRY_AFTER_SECONDS.to_string()))
            .json(json!({ "error": "Service temporarily unavailable", "unavailable": missing }))
    }
}
