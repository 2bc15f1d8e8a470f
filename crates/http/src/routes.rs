//! 404 and 405 for paths and methods without a handler.

use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::PathItem;

use crate::error::{ApiError, Missing};

/// The routes of the OpenAPI document, and their methods.
pub(crate) struct RouteTable(Vec<(String, Vec<Method>)>);

impl RouteTable {
    /// The routes in the document, and others with their methods.
    pub(crate) fn new(document: &OpenApi, others: &[(&str, &[Method])]) -> Self {
        let documented = document
            .paths
            .paths
            .iter()
            .map(|(path, item)| (path.clone(), methods(item)));
        let others = others
            .iter()
            .map(|(path, methods)| ((*path).to_owned(), methods.to_vec()));
        Self(documented.chain(others).collect())
    }

    /// The methods of a path. A literal path takes precedence over a pattern.
    fn methods(&self, path: &str) -> Option<&[Method]> {
        let exact = self.0.iter().find(|(template, _)| template == path);
        let found = exact.or_else(|| self.0.iter().find(|(template, _)| fits(template, path)));
        found.map(|(_, methods)| methods.as_slice())
    }
}

fn methods(item: &PathItem) -> Vec<Method> {
    let PathItem {
        get,
        post,
        put,
        patch,
        delete,
        ..
    } = item;
    [
        (get, Method::GET),
        (post, Method::POST),
        (put, Method::PUT),
        (patch, Method::PATCH),
        (delete, Method::DELETE),
    ]
    .into_iter()
    .filter_map(|(operation, method)| operation.is_some().then_some(method))
    .collect()
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path) = (template.split('/'), path.split('/'));
    template.clone().count() == path.clone().count()
        && template.zip(path).all(|(part, given)| {
            if part.starts_with('{') {
                !given.is_empty()
            } else {
                part == given
            }
        })
}

/// Whether a path belongs to the API, even if it does not exist: everything under `/api`, the
/// health checks and the metrics.
pub fn is_api_path(path: &str) -> bool {
    matches!(path, "/api" | "/healthz" | "/readyz" | "/metrics") || path.starts_with("/api/")
}

/// For requests without a handler: 405 if the path is known, else 404.
pub(crate) async fn fallback(
    request: HttpRequest,
    routes: Data<RouteTable>,
) -> Result<HttpResponse, ApiError> {
    let methods = routes.methods(request.path()).ok_or(Missing::Route)?;
    let mut allow: Vec<&str> = methods.iter().map(Method::as_str).collect();
    if methods.contains(&Method::GET) {
        allow.push("HEAD");
    }
    Err(ApiError::method_not_allowed(&allow.join(", ")))
}
