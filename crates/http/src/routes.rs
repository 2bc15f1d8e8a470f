//! 404 and 405 for paths and methods without a handler.

use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::PathItem;

use crate::error::{ApiError, Missing};

/// The routes of the API, as the OpenAPI document has them.
pub(crate) struct RouteTable(Vec<(String, Vec<Method>)>);

impl RouteTable {
    /// The routes in the document, and others that answer `GET` alone.
    pub(crate) fn new(document: &OpenApi, others: &[&str]) -> Self {
        let documented = document
            .paths
            .paths
            .iter()
            .map(|(path, item)| (path.clone(), methods(item)));
        let others = others
            .iter()
            .map(|path| ((*path).to_owned(), vec![Method::GET]));
        Self(documented.chain(others).collect())
    }

    /// The methods of the routes with this path. A path that is spelled out wins over a pattern.
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

/// Whether the API answers on this path, be it to say that nothing is there: everything under
/// `/api`, and what programs ask for at the root.
pub fn is_api_path(path: &str) -> bool {
    matches!(path, "/api" | "/healthz" | "/readyz" | "/metrics") || path.starts_with("/api/")
}

/// Answers whatever no handler takes: 405 where the path is known, else 404.
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
