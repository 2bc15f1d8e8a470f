//! Middleware that applies the defaults of every response.

use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS,
    CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, ORIGIN, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpMessage as _, HttpResponse};
use metrics::{counter, histogram};
use portal_session::Portal;
use serde_json::json;
use tracing_actix_web::RequestId;

/// Middleware that handles HEAD as GET, and gives every response its request id, a cache policy,
/// and an error body in the API's form, even if a library rejected the request.
pub(crate) async fn response_defaults<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let started = Instant::now();
    let method = request.method().clone();
    if method == Method::HEAD {
        // The HTTP codec knows that it was HEAD and omits the body.
        request.head_mut().method = Method::GET;
    }
    let common = Common {
        request_id: request
            .extensions()
            .get::<RequestId>()
            .map(ToString::to_string),
        varies_by_origin: request.headers().contains_key(ORIGIN)
            || Portal::of(request.request())
                .is_ok_and(|portal| portal.config.allows_other_origins()),
    };
    match next.call(request).await {
        Ok(response) => {
            let mut response = response.map_into_boxed_body();
            let status = response.status();
            if is_foreign_error(status, response.headers()) {
                response = response.map_body(|head, _| {
                    head.headers
                        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                    foreign_error(status)
                });
            }
            common.put(response.headers_mut());
            let route = response.request().match_pattern();
            measure(&method, route.as_deref(), status, started);
            Ok(response)
        }
        Err(error) => {
            let mut response = error.error_response();
            let status = response.status();
            if is_foreign_error(status, response.headers()) {
                response = HttpResponse::build(status)
                    .content_type("application/json")
                    .body(foreign_error(status));
            }
            common.put(response.headers_mut());
            measure(&method, None, status, started);
            Err(InternalError::from_response(error, response).into())
        }
    }
}

/// The headers of every response.
struct Common {
    request_id: Option<String>,
    /// Where other origins may call the API, a response without an `Origin` is another one too
    /// (Fetch Standard, "CORS protocol and HTTP caches").
    varies_by_origin: bool,
}

impl Common {
    fn put(&self, headers: &mut HeaderMap) {
        let request_id = self.request_id.as_deref().map(HeaderValue::from_str);
        if let Some(Ok(id)) = request_id {
            headers.insert(HeaderName::from_static("x-request-id"), id);
        }
        if !headers.contains_key(CACHE_CONTROL) {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        if self.varies_by_origin {
            headers.append(VARY, HeaderValue::from_static("Origin"));
        }
        if !headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN) {
            // The CORS middleware sends these to every origin, allowed or not.
            headers.remove(ACCESS_CONTROL_ALLOW_CREDENTIALS);
            headers.remove(ACCESS_CONTROL_EXPOSE_HEADERS);
        }
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    }
}

/// Whether a library rejected the request: errors of the API are JSON, those of pages HTML.
fn is_foreign_error(status: StatusCode, headers: &HeaderMap) -> bool {
    let ours = headers.get(CONTENT_TYPE).is_some_and(|content_type| {
        let content_type = content_type.as_bytes();
        content_type.starts_with(b"application/json") || content_type.starts_with(b"text/html")
    });
    (status.is_client_error() || status.is_server_error()) && !ours
}

fn foreign_error(status: StatusCode) -> BoxBody {
    let sentence = if status.is_server_error() {
        "Internal Server Error"
    } else {
        status.canonical_reason().unwrap_or("Bad Request")
    };
    BoxBody::new(json!({ "error": sentence }).to_string())
}

fn measure(method: &Method, route: Option<&str>, status: StatusCode, started: Instant) {
    let method = match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    };
    let route = route.unwrap_or("none").to_owned();
    histogram!("http_request_duration_seconds", "method" => method, "route" => route.clone())
        .record(started.elapsed());
    let status = status.as_str().to_owned();
    counter!("http_requests_total", "method" => method, "route" => route, "status" => status)
        .increment(1);
}
