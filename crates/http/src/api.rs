//! Assembles the API.

use std::collections::BTreeMap;

use actix_cors::Cors;
use actix_http::Request;
use actix_service::IntoServiceFactory as _;
use actix_service::boxed::{self, BoxServiceFactory};
use actix_web::body::BoxBody;
use actix_web::dev::{AppConfig, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{
    ACCEPT_RANGES, AUTHORIZATION, CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_TYPE, ETAG,
    HeaderName, IF_NONE_MATCH, IF_RANGE, RANGE, RETRY_AFTER,
};
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data};
use actix_web::{App, Error, HttpResponse};
use portal_session::{
    CSRF_HEADER, IDEMPOTENCY_HEADER, Portal, SESSION_COOKIE, cookies, is_cors_allowed,
    require_valid_host,
};
use tracing_actix_web::{StreamSpan, TracingLogger};
use url::Url;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::link::LinkBuilder;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::request_body::RequestBody;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{RefOr, Required, Schema};
use utoipa::{IntoResponses as _, OpenApi};
use utoipa_actix_web::AppExt as _;
use utoipa_actix_web::scope::Scope;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::docs::{CommonErrors, LINKS, NOT_REPEATABLE, PUBLIC, RepeatErrors};
use crate::error::ErrorBody;
use crate::normal_path::normal_path;
use crate::operations::{self, RenderMetrics};
use crate::response_defaults::response_defaults;
use crate::routes::{RouteTable, fallback};
use crate::telemetry::RequestSpan;
use crate::{
    assets, auth, billing, branding, colleagues, devices, health, profile, sessions, tickets,
    unsubscribe, uploads,
};

/// The path prefix of the API.
pub const PREFIX: &str = "/api/v1/portal";

/// The path of the OpenAPI document.
const OPENAPI_PATH: &str = "/api/v1/portal/openapi.json";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Breeze customer portal",
        description = "Self-service for the users of managed organizations: tickets, devices, \
                       equipment and their profile.",
    ),
    tags(
        (name = "auth", description = "Sign-in, sign-out, passwords and invitations"),
        (name = "branding", description = "An organization's branding and features"),
        (name = "devices", description = "The organization's devices"),
        (name = "tickets", description = "Tickets, their comments, and who takes part in them"),
        (name = "files", description = "Files for tickets and comments"),
        (name = "colleagues", description = "The directory of the organization's people"),
        (name = "assets", description = "Borrowing and returning shared devices"),
        (name = "profile", description = "The user's profile and password"),
        (name = "sessions", description = "Where the user is signed in"),
        (name = "billing", description = "Quotes and invoices, which this portal does not have"),
    ),
    components(schemas(ErrorBody, tickets::TicketScope, tickets::TicketSort)),
)]
struct Document;

/// The app of one worker, as `HttpServer::new` takes it. It is boxed so that the program does not
/// compile the types of all routes and middlewares again.
pub type BoxedApp =
    BoxServiceFactory<AppConfig, Request, ServiceResponse<StreamSpan<BoxBody>>, Error, ()>;

/// The app of one worker: the API, the health checks, and with `metrics` the routes of
/// [`operations`](fn@crate::operations).
pub fn app(portal: Data<Portal>, metrics: Option<RenderMetrics>) -> BoxedApp {
    app_with(portal, metrics, &|_| ())
}

/// [`app`] with more routes, registered by `pages` after those of the API. They share the app's
/// data, log, metrics and request ids, and must leave the paths of
/// [`is_api_path`](crate::is_api_path) alone.
pub fn app_with(
    portal: Data<Portal>,
    metrics: Option<RenderMetrics>,
    pages: &dyn Fn(&mut web::ServiceConfig),
) -> BoxedApp {
    let (app, document) = App::new()
        // Before the API, whose scope would answer 404.
        .route(OPENAPI_PATH, web::get().to(serve_document))
        .route(unsubscribe::PATH, web::get().to(unsubscribe::ask))
        .route(unsubscribe::PATH, web::post().to(unsubscribe::unsubscribe))
        .into_utoipa_app()
        .openapi(Document::openapi())
        .service(api(&portal))
        .split_for_parts();
    let document = finished(document);
    let get = &[Method::GET][..];
    let mut others = vec![
        (OPENAPI_PATH, get),
        (unsubscribe::PATH, &[Method::GET, Method::POST]),
        ("/healthz", get),
        ("/readyz", get),
    ];
    if metrics.is_some() {
        others.extend(operations::PATHS.map(|path| (path, get)));
    }
    let routes = RouteTable::new(&document, &others);
    let app = app
        .app_data(Data::clone(&portal))
        .app_data(Data::new(routes))
        .app_data(Data::new(document))
        .configure(|config| {
            config
                .route("/healthz", web::get().to(health::healthz))
                .route("/readyz", web::get().to(health::readyz));
            if let Some(render) = metrics {
                operations::operations(portal.clone(), render, config);
            }
        })
        .default_service(web::to(fallback))
        .configure(pages)
        .wrap(cors(portal))
        .wrap(from_fn(require_valid_host))
        .wrap(from_fn(response_defaults))
        .wrap(TracingLogger::<RequestSpan>::new())
        .wrap(from_fn(normal_path));
    boxed::factory(app.into_factory())
}

async fn serve_document(document: Data<utoipa::openapi::OpenApi>) -> HttpResponse {
    HttpResponse::Ok().json(document.get_ref())
}

/// The OpenAPI document of the API.
pub fn openapi(portal: &Portal) -> utoipa::openapi::OpenApi {
    let app = App::new()
        .into_utoipa_app()
        .openapi(Document::openapi())
        .service(api(portal));
    finished(app.split_for_parts().1)
}

fn api(
    portal: &Portal,
) -> Scope<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse,
        Error = Error,
        InitError = (),
    > + use<>,
> {
    utoipa_actix_web::scope(PREFIX)
        .service(utoipa_actix_web::scope("/branding").configure(branding::routes))
        .service(with_sessions(portal, "/auth", auth::routes).wrap(from_fn(auth::ignore_cookies)))
        .service(with_sessions(portal, "/devices", devices::routes))
        .service(with_sessions(portal, "/tickets", tickets::routes))
        .service(with_sessions(portal, "/uploads", uploads::routes))
        .service(with_sessions(portal, "/colleagues", colleagues::routes))
        .service(with_sessions(portal, "/assets", assets::routes))
        .service(with_sessions(portal, "/profile", profile::routes))
        .service(with_sessions(portal, "/sessions", sessions::routes))
        .service(with_sessions(portal, "/quotes", billing::quotes))
        .service(with_sessions(portal, "/invoices", billing::invoices))
}

/// Routes with the middlewares of sessions.
fn with_sessions(
    portal: &Portal,
    path: &'static str,
    routes: fn(&mut ServiceConfig<'_>),
) -> Scope<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse,
        Error = Error,
        InitError = (),
    > + use<>,
> {
    utoipa_actix_web::scope(path)
        .configure(routes)
        .wrap(from_fn(cookies::csrf_cookie))
        .wrap(cookies::session_cookie(portal))
        .wrap(from_fn(cookies::cookie_policy))
}

/// Credentialed CORS for the configured origins, and in development for loopback origins. Custom
/// domains need none: their pages call their own host.
fn cors(portal: Data<Portal>) -> Cors {
    Cors::default()
        .allowed_origin_fn(move |origin, _| {
            let origin = origin
                .to_str()
                .ok()
                .and_then(|origin| Url::parse(origin).ok());
            origin.is_some_and(|origin| is_cors_allowed(&origin, &portal.config))
        })
        .allowed_methods(["GET", "HEAD", "POST", "PATCH", "DELETE"])
        .allowed_headers([
            AUTHORIZATION,
            CONTENT_TYPE,
            CONTENT_DISPOSITION,
            IF_NONE_MATCH,
            IF_RANGE,
            RANGE,
            HeaderName::from_static(CSRF_HEADER),
            HeaderName::from_static(IDEMPOTENCY_HEADER),
        ])
        .expose_headers([
            ACCEPT_RANGES,
            CONTENT_DISPOSITION,
            CONTENT_RANGE,
            ETAG,
            RETRY_AFTER,
            HeaderName::from_static("x-request-id"),
        ])
        .supports_credentials()
        .max_age(3600)
        // `response_defaults` adds it.
        .disable_vary_header()
}

/// Adds what all operations share: authentication, common errors, links.
fn finished(mut document: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    let components = document.components.get_or_insert_default();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    let cookie = ApiKey::Cookie(ApiKeyValue::with_description(
        SESSION_COOKIE,
        "Every POST, PATCH and DELETE also needs the header `x-breeze-csrf`, equal to the cookie \
         `breeze_portal_csrf_token`.",
    ));
    components.add_security_scheme("cookie", SecurityScheme::ApiKey(cookie));
    let schemas = components.schemas.clone();
    let common = CommonErrors::responses();
    let signed_in: Vec<_> = ["bearer", "cookie"]
        .map(|scheme| SecurityRequirement::new(scheme, [""; 0]))
        .into();
    for item in document.paths.paths.values_mut() {
        if let Some(delete) = &mut item.delete {
            // It would have no meaning (RFC 9110, section 9.3.5).
            delete.request_body = None;
        }
        if let Some(post) = &mut item.post {
            name_key(post);
        }
        for operation in operations(item) {
            operation.responses.responses.extend(common.clone());
            if !operation
                .operation_id
                .as_deref()
                .is_some_and(|id| PUBLIC.contains(&id))
            {
                operation.security = Some(signed_in.clone());
            }
            link(operation);
            for parameter in operation.parameters.iter_mut().flatten() {
                if let RefOr::T(parameter) = parameter
                    && BLANK_IS_NONE.contains(&parameter.name.as_str())
                {
                    // utoipa has no field for it.
                    let may_be_empty = Extensions::from_iter([("allowEmptyValue", true)]);
                    parameter.extensions = Some(may_be_empty);
                }
            }
            if let Some(RefOr::T(body)) = &mut operation.request_body
                && requires_nothing(body, &schemas)
            {
                body.required = Some(Required::False);
            }
        }
    }
    document
}

/// An [`IdempotencyKey`](portal_domain::idempotency::IdempotencyKey), as it is or in quotes.
const KEY_PATTERN: &str =
    r#"^(?:[!#-+\x2d-:<-\x5b\x5d-~]{1,255}|"(?:[!#-\x5b\x5d-~]|\x5c["\x5c]){1,255}")$"#;

/// Names the header `Idempotency-Key` where it counts.
fn name_key(post: &mut Operation) {
    let ignores = |ids: &[&str]| {
        post.operation_id
            .as_deref()
            .is_none_or(|id| ids.contains(&id))
    };
    if ignores(PUBLIC) || ignores(NOT_REPEATABLE) {
        return;
    }
    let key = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(KEY_PATTERN));
    let header = ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "The user's name for this request. When it is sent again within 24 hours, nothing \
             changes, and the first answer is given again",
        ))
        .schema(Some(key))
        .example(Some("8e03978e-40d5-43dd-bc93-6894a57f9324".into()));
    post.parameters
        .get_or_insert_default()
        .push(RefOr::T(header.build()));
    post.responses.responses.extend(RepeatErrors::responses());
}

/// Query parameters that count as absent when they are blank.
const BLANK_IS_NONE: [&str; 4] = ["status", "priority", "sort", "scope"];

/// Adds the links of an operation's successful response.
fn link(operation: &mut Operation) {
    let responses = operation.responses.responses.iter_mut();
    let mut successes = responses.filter(|(status, _)| status.starts_with('2'));
    let Some((_, RefOr::T(success))) = successes.next() else {
        return;
    };
    let name = operation.operation_id.as_deref();
    for (_, to, parameters) in LINKS.iter().filter(|(from, ..)| Some(*from) == name) {
        let link = LinkBuilder::new().operation_id(*to);
        let link = parameters.iter().fold(link, |link, (parameter, place)| {
            link.parameter(*parameter, *place)
        });
        success
            .links
            .insert((*to).to_owned(), RefOr::T(link.build()));
    }
}

/// Whether the body may be absent, as none of its fields is required.
fn requires_nothing(body: &RequestBody, schemas: &BTreeMap<String, RefOr<Schema>>) -> bool {
    let mut referenced = body.content.values().filter_map(|content| match content {
        RefOr::T(content) => match content.schema.as_ref()? {
            RefOr::Ref(reference) => reference.ref_location.rsplit('/').next(),
            RefOr::T(_) => None,
        },
        RefOr::Ref(_) => None,
    });
    referenced.all(|name| match schemas.get(name) {
        Some(RefOr::T(Schema::Object(object))) => object.required.is_empty(),
        _ => false,
    })
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem {
        get,
        post,
        put,
        patch,
        delete,
        ..
    } = item;
    [get, post, put, patch, delete].into_iter().flatten()
}
