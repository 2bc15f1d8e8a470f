//! Malformed requests: never a 5xx, always the documented error.

use std::sync::Arc;

use actix_web::http::Method;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::web::Data;
use async_trait::async_trait;
use portal_auth::state::MemoryState;
use portal_auth::{SessionRecord, Sessions};
use portal_domain::store::{
    Asker, LookupReader, RequestStore, SharedStore, StorageError, TenantReader, TenantScope,
    TenantStore, TenantTransaction,
};
use portal_session::Portal;
use portal_test_support::{BearerUser, Caller, Response, TestApp, cheap_hasher};
use serde_json::{Value, json};
use tokio_util::task::TaskTracker;

use crate::support::endpoints::{Endpoint, World, endpoints};

const MALFORMED: &str = "Malformed JSON in request body";
const JSON: &str = "application/json";

/// The operations that take a body of JSON.
fn with_body() -> impl Iterator<Item = Endpoint> {
    let endpoints = endpoints().into_iter();
    endpoints
        .filter(|endpoint| endpoint.method != Method::GET && endpoint.operation != "create_upload")
}

async fn send(
    caller: &impl Caller,
    world: &World,
    endpoint: &Endpoint,
    content_type: &str,
    body: Vec<u8>,
) -> Response {
    let call = caller.call(endpoint.method.clone(), &world.path(endpoint));
    call.body(content_type, body).send().await
}

async fn ada(world: &World) -> BearerUser {
    world.app.bearer(&world.app.acme.ada).await
}

#[actix_web::test]
async fn malformed_json_is_rejected_everywhere() {
    let world = World::start().await;
    let ada = ada(&world).await;
    let long_number = format!(r#"{{"subject":{}}}"#, "9".repeat(100_000) + "e999");
    let bodies = [
        b"{".to_vec(),
        b"}".to_vec(),
        b" ".to_vec(),
        b"nonsense".to_vec(),
        b"{\"subject\": \"a\"".to_vec(),
        b"{\"subject\": \"a\",}".to_vec(),
        b"{'subject': 'a'}".to_vec(),
        b"{} {}".to_vec(),
        b"\xef\xbb\xbf{}".to_vec(),
        b"{\"subject\": \"\xff\"}".to_vec(),
        b"\xff\xfe".to_vec(),
        b"{\"subject\": \"\\ud800\"}".to_vec(),
        b"{\"subject\": \"a\nb\"}".to_vec(),
        b"{\"subject\": 1e999}".to_vec(),
        b"{\"subject\": NaN}".to_vec(),
        vec![0; 100],
        vec![b'['; 10_000],
        [vec![b'['; 10_000], vec![b']'; 10_000]].concat(),
        br#"{"subject":"#.repeat(10_000),
        long_number.into_bytes(),
    ];
    for endpoint in with_body() {
        for body in &bodies {
            let response = send(&ada, &world, &endpoint, JSON, body.clone()).await;
            let start: String = String::from_utf8_lossy(body).chars().take(40).collect();
            assert_eq!(
                response.parts(),
                (400, json!({ "error": MALFORMED })),
                "{} {start:?}",
                endpoint.operation
            );
        }
    }
}

#[actix_web::test]
async fn json_other_than_an_object_is_rejected_everywhere() {
    let world = World::start().await;
    let ada = ada(&world).await;
    for endpoint in with_body() {
        for body in ["[]", "[{}]", "null", "true", "7", "\"text\"", "-0.0"] {
            let response = send(&ada, &world, &endpoint, JSON, body.into()).await;
            assert_eq!(response.status(), 400, "{} {body}", endpoint.operation);
            let details = response.json()["details"].clone();
            assert_eq!(details["fieldErrors"], json!({}), "{body}");
            let messages = details["formErrors"].as_array().unwrap();
            assert_eq!(messages.len(), 1, "{body}");
            assert_eq!(messages[0], response.error(), "{body}");
        }
    }
}

#[actix_web::test]
async fn all_fields_of_a_wrong_type_are_reported_together() {
    let world = World::start().await;
    let ada = ada(&world).await;
    let fields: &[(&str, &[&str])] = &[
        ("login", &["email", "orgId", "password"]),
        ("forgot_password", &["email", "orgId"]),
        ("reset_password", &["password", "token"]),
        ("accept_invite", &["name", "password", "token"]),
        (
            "create_ticket",
            &[
                "description",
                "deviceId",
                "onBehalfOf",
                "priority",
                "subject",
            ],
        ),
        ("add_ticket_participant", &["email", "userId"]),
        ("create_ticket_comment", &["content"]),
        ("update_ticket_comment", &["content"]),
        ("extend_checkout", &["expectedReturnAt"]),
        (
            "checkout_asset",
            &["checkoutNotes", "condition", "expectedReturnAt"],
        ),
        ("checkin_asset", &["checkinNotes", "condition"]),
        (
            "update_profile",
            &[
                "locale",
                "name",
                "notifyLoans",
                "notifyOwnTickets",
                "notifySharedTickets",
                "password",
                "receiveNotifications",
            ],
        ),
        ("change_password", &["currentPassword", "newPassword"]),
    ];
    for endpoint in with_body() {
        let known = fields.iter().find(|(name, _)| *name == endpoint.operation);
        let Some((name, fields)) = known else {
            continue;
        };
        for wrong in [json!(17), json!([]), json!({ "a": {} }), json!(0.1)] {
            let body: serde_json::Map<_, _> = fields
                .iter()
                .map(|field| ((*field).to_owned(), wrong.clone()))
                .collect();
            let body = Value::Object(body).to_string().into_bytes();
            let response = send(&ada, &world, &endpoint, JSON, body).await;
            assert_eq!(response.status(), 400, "{name} {wrong}");
            let errors = response.json()["details"]["fieldErrors"].clone();
            let named: Vec<_> = errors.as_object().unwrap().keys().collect();
            assert_eq!(&named, fields, "{name} {wrong}");
            let mut sentences: Vec<_> = errors
                .as_object()
                .unwrap()
                .iter()
                .map(|(field, messages)| format!("{field}: {}", messages[0].as_str().unwrap()))
                .collect();
            sentences.sort();
            let error = response.error();
            let mut told: Vec<_> = error.split("; ").collect();
            told.sort_unstable();
            assert_eq!(told, sentences, "{name}");
        }
    }
}

#[actix_web::test]
async fn unknown_keys_are_ignored_and_the_last_duplicate_counts() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let body = r#"{
        "subject": 7, "subject": "Printer", "description": "D",
        "id": "mine", "status": "closed", "__proto__": {"x": [1e300]}, "": null
    }"#;
    let call = ada.call(Method::POST, "/tickets").body(JSON, body);
    let response = call.send().await;
    assert_eq!(response.status(), 201);
    let ticket = &response.json()["ticket"];
    assert_eq!(ticket["subject"], "Printer");
    assert_eq!(ticket["status"], "new");
    assert_ne!(ticket["id"], "mine");
}

#[actix_web::test]
async fn nul_character_is_rejected_in_every_text() {
    let world = World::start().await;
    let ada = ada(&world).await;
    for endpoint in with_body() {
        let Some(Value::Object(good)) = &endpoint.body else {
            continue;
        };
        for field in good.keys() {
            let mut body = good.clone();
            body.insert(field.clone(), json!("Ab1\0defgh"));
            let body = Value::Object(body).to_string().into_bytes();
            let response = send(&ada, &world, &endpoint, JSON, body).await;
            assert_eq!(
                response.status(),
                400,
                "{} {field}: {response:?}",
                endpoint.operation
            );
        }
    }
    for (path, field) in [
        ("/auth/accept-invite", "name"),
        ("/auth/login", "orgId"),
        ("/tickets", "priority"),
    ] {
        let mut body = json!({
            "token": "x", "password": "Winter-Birds-47", "email": "ada@acme.example",
            "subject": "S", "description": "D",
        });
        body[field] = json!("a\0b");
        assert_eq!(ada.post(path, &body).await.status(), 400, "{path}");
    }
}

#[actix_web::test]
async fn body_up_to_the_limit_is_accepted() {
    let world = World::start().await;
    let ada = ada(&world).await;
    let too_large = (413, json!({ "error": "Request body too large" }));
    let limit = 1024 * 1024;
    for endpoint in with_body() {
        let name = endpoint.operation;
        let mut body = b"{\"unknown\":0}".to_vec();
        body.resize(limit, b' ');
        let response = send(&ada, &world, &endpoint, JSON, body.clone()).await;
        assert_ne!(response.status(), 413, "{name}");
        body.push(b' ');
        let world = World::start().await;
        let ada = world.app.bearer(&world.app.acme.ada).await;
        let response = send(&ada, &world, &endpoint, JSON, body).await;
        assert_eq!(response.parts(), too_large, "{name}");

        // What is announced is refused before it is read.
        for length in ["1048577", "18446744073709551615"] {
            let call = ada.call(endpoint.method.clone(), &world.path(&endpoint));
            let call = call
                .body(JSON, "{}")
                .replace_header("content-length", length);
            assert_eq!(call.send().await.parts(), too_large, "{name}");
        }
    }
}

#[actix_web::test]
async fn unsupported_media_type_is_rejected_everywhere() {
    let world = World::start().await;
    let ada = ada(&world).await;
    for endpoint in with_body() {
        for content_type in [
            "text/plain",
            "text/json",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/jsonp",
            "application/octet-stream",
            "json",
            "",
        ] {
            let response = send(&ada, &world, &endpoint, content_type, b"{}".into()).await;
            assert_eq!(
                response.parts(),
                (
                    415,
                    json!({ "error": "Content-Type must be application/json" })
                ),
                "{} {content_type}",
                endpoint.operation
            );
        }
    }
    for content_type in [
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "Application/JSON",
    ] {
        let call = ada.call(Method::PATCH, "/profile");
        let response = call.body(content_type, "{}").send().await;
        assert_eq!(response.status(), 200, "{content_type}");
    }
}

#[actix_web::test]
async fn empty_body_is_accepted_where_nothing_is_required() {
    for endpoint in with_body() {
        let name = endpoint.operation;
        let needs_nothing = endpoint
            .body
            .as_ref()
            .is_none_or(|body| body.as_object().unwrap().is_empty());
        for content_type in [None, Some(JSON), Some("application/json; charset=utf-8")] {
            let world = World::start().await;
            let ada = ada(&world).await;
            let call = ada.call(endpoint.method.clone(), &world.path(&endpoint));
            let call = match content_type {
                Some(content_type) => call.body(content_type, ""),
                None => call,
            };
            let status = call.send().await.status();
            if needs_nothing {
                assert!(matches!(status, 200 | 201), "{name} {content_type:?}");
            } else {
                assert_eq!(status, 400, "{name} {content_type:?}");
            }
        }
    }
}

#[actix_web::test]
async fn invalid_path_parameter_is_not_found() {
    let world = World::start().await;
    let ada = ada(&world).await;
    let long = "a".repeat(10_000);
    for endpoint in endpoints() {
        if !endpoint.path.contains('{') {
            continue;
        }
        for garbage in [
            "%00",
            "%ff",
            "%c3%28",
            "..%2f",
            "..%2f..%2fprofile",
            "%2e%2e",
            "%",
            "%zz",
            "%25",
            "%F0%9F%94%A5",
            "'%20OR%201=1--",
            "%0d%0aset-cookie:a=b",
            "-1",
            "+",
            ";",
            &long,
        ] {
            let path = endpoint
                .path
                .replace("{id}", garbage)
                .replace("{commentId}", garbage)
                .replace("{userId}", garbage)
                .replace("{domain}", garbage);
            let call = ada.call(endpoint.method.clone(), &path);
            let call = match &endpoint.body {
                Some(body) => call.json(body),
                None => call,
            };
            let response = call.send().await;
            assert_eq!(response.status(), 404, "{} {garbage}", endpoint.operation);
            assert!(response.error().ends_with("not found") || response.error() == "Not Found");
            assert_eq!(response.header("set-cookie"), None);
        }
    }
}

#[actix_web::test]
async fn invalid_query_string_is_read_leniently() {
    let world = World::start().await;
    let ada = ada(&world).await;
    for path in ["/devices", "/tickets", "/assets", "/assets/checkouts"] {
        for query in [
            "?",
            "?&&&=&=&",
            "?%",
            "?%zz=%",
            "?%00",
            "?%ff=%ff",
            "?page=%ff&limit=%00",
            "?page[]=1&page[a]=2",
            "?page=1e999&limit=-1e999",
            "?page=NaN&limit=Infinity",
            "?page=0x10",
            "?page=18446744073709551616&limit=18446744073709551616",
            "?page=1.5",
            "?page=%F0%9F%94%A5",
            "?page=1;limit=2",
            "?unknown=1&__proto__=2",
        ] {
            let response = ada.get(&format!("{path}{query}")).await;
            assert_eq!(response.status(), 200, "{path}{query}");
            let body = response.json();
            let page = body["pagination"]["page"].as_u64().unwrap();
            let limit = body["pagination"]["limit"].as_u64().unwrap();
            assert!((1..=1_000_000).contains(&page), "{path}{query}");
            assert!((1..=100).contains(&limit), "{path}{query}");
        }
        let long = format!("{path}?page={}", "9".repeat(20_000));
        assert_eq!(ada.get(&long).await.status(), 200);
    }
    for (query, status) in [
        ("q=%ff", 200),
        ("q=%", 200),
        ("q=%E2%80%AE", 200),
        ("q=%00", 400),
        ("q=a%00b", 400),
        ("status=%ff", 400),
        ("sort=%00", 400),
        ("priority=%", 400),
    ] {
        let response = ada.get(&format!("/tickets?{query}")).await;
        assert_eq!(response.status(), status, "{query}");
    }
    let long = format!("/tickets?q={}", "a%20".repeat(10_000));
    let response = ada.get(&long).await;
    assert_eq!(response.status(), 400);
    assert!(response.error().starts_with("q: "));
}

#[actix_web::test]
async fn unknown_path_is_not_found_for_every_caller() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    let browser = app.cookie(&app.acme.ada).await;
    let not_found = (404, json!({ "error": "Not Found" }));
    for path in [
        "",
        "/",
        "/nowhere",
        "/tickets/",
        "//tickets",
        "//api/v1/portal",
        "//api/v2/portal/tickets",
        "//",
        "//metrics",
        "/Tickets",
        "/tickets/a/b/c/d/e",
        "/assets/a/b",
        "/auth",
        "/auth/login/",
        "/auth/../profile",
        "/%2e%2e/profile",
        "/profile%00",
        "/profile;a=b",
        "/branding/",
        "/branding/a/b",
        "/openapi.json/",
    ] {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            let responses = [
                app.anonymous().call(method.clone(), path).send().await,
                ada.call(method.clone(), path).send().await,
                browser.call(method.clone(), path).send().await,
            ];
            for response in responses {
                assert_eq!(response.parts(), not_found, "{method} {path}");
                assert!(response.header("x-request-id").is_some());
            }
        }
    }
}

#[actix_web::test]
async fn method_not_allowed_lists_the_allowed_methods() {
    let app = TestApp::start().await;
    let ada = app.bearer(&app.acme.ada).await;
    for (method, path, allow) in [
        (Method::PUT, "/tickets", "GET, POST, HEAD"),
        (Method::POST, "/tickets/forms", "GET, HEAD"),
        (Method::DELETE, "/tickets/x", "GET, HEAD"),
        (Method::GET, "/tickets/x/comments/y", "PATCH, DELETE"),
        (Method::HEAD, "/auth/login", "POST"),
        (Method::GET, "/auth/login", "POST"),
        (Method::POST, "/branding", "GET, HEAD"),
        (Method::DELETE, "/profile", "GET, PATCH, HEAD"),
        (Method::POST, "/openapi.json", "GET, HEAD"),
        (Method::POST, "//healthz", "GET, HEAD"),
    ] {
        let by_anybody = app.anonymous().call(method.clone(), path);
        let by_ada = ada.call(method.clone(), path);
        for call in [by_anybody, by_ada] {
            let response = call.send().await;
            assert_eq!(
                response.parts(),
                (405, json!({ "error": "Method not allowed" })),
                "{method} {path}"
            );
            assert_eq!(response.header("allow").as_deref(), Some(allow), "{path}");
        }
    }
}

#[actix_web::test]
async fn invalid_headers_cause_no_server_error() {
    let app = TestApp::start().await;
    for (name, value) in [
        ("authorization", "Bearer"),
        ("authorization", "Bearer \u{e9}"),
        ("authorization", "Basic YTpi"),
        ("cookie", "breeze_portal_session=%ff; =; ;;"),
        ("cookie", "breeze_portal_session="),
        ("host", "a b:c"),
        ("host", ""),
        ("if-none-match", "\"\u{e9}"),
        ("content-length", "x"),
        ("origin", "null"),
        ("origin", "\u{e9}"),
        ("x-forwarded-for", ",,,"),
        ("user-agent", "\u{e9}"),
        ("accept-encoding", "br;q=x"),
        ("content-type", "\u{e9}"),
    ] {
        for (method, path) in [
            (Method::GET, "/profile"),
            (Method::GET, "/branding"),
            (Method::POST, "/auth/login"),
            (Method::POST, "/tickets"),
        ] {
            let call = app.anonymous().call(method.clone(), path);
            let response = call.replace_header(name, value).send().await;
            let status = response.status();
            assert!((400..500).contains(&status), "{name} {method} {path}");
            assert!(!response.error().is_empty(), "{name} {method} {path}");
        }
    }
}

/// A store that refuses to begin a transaction.
struct ReadOnly<S: ?Sized>(Box<S>);

#[async_trait]
impl SharedStore for ReadOnly<dyn SharedStore> {
    fn on_behalf_of(&self, asker: Asker) -> Box<dyn RequestStore> {
        Box::new(ReadOnly::<dyn RequestStore>(self.0.on_behalf_of(asker)))
    }

    async fn ping(&self) -> Result<(), StorageError> {
        self.0.ping().await
    }
}

#[async_trait]
impl TenantStore for ReadOnly<dyn RequestStore> {
    async fn reader(&self, scope: TenantScope) -> Result<Box<dyn TenantReader>, StorageError> {
        self.0.reader(scope).await
    }

    async fn begin(&self, _: TenantScope) -> Result<Box<dyn TenantTransaction>, StorageError> {
        Err(StorageError::Missing("no transaction"))
    }
}

#[async_trait]
impl RequestStore for ReadOnly<dyn RequestStore> {
    async fn lookup(&self) -> Result<Box<dyn LookupReader>, StorageError> {
        self.0.lookup().await
    }
}

#[actix_web::test]
async fn an_invalid_body_opens_no_write_transaction() {
    let app = TestApp::start().await;
    let env = Arc::clone(&app.portal.env);
    let state = Arc::new(MemoryState::new(Arc::clone(&env)));
    let ada = &app.acme.ada;
    let account = app.reader(ada.scope()).await.account(ada.id).await;
    let user = account.unwrap().unwrap().user;
    let record = SessionRecord {
        user_id: user.id,
        org_id: user.organization_id,
        version: user.session_version,
        signed_in_at: env.now(),
        client: None,
        ip_address: None,
    };
    let sessions = Sessions::new(Arc::clone(&state) as _, Arc::clone(&env));
    let session = sessions.create(&record).await.unwrap();
    let portal = Portal::new(
        Arc::new(ReadOnly::<dyn SharedStore>(Box::new(
            app.database.database.clone(),
        ))),
        state,
        env,
        cheap_hasher(),
        &TestApp::secret(),
        app.portal.config.clone(),
        TaskTracker::new(),
    );
    let service = init_service(portal_http::app(Data::new(portal), None)).await;
    let id = "018f3e2a-0000-7000-8000-000000000000";
    for (method, path, body, status) in [
        (Method::POST, "/tickets".to_owned(), json!({}), 400),
        (
            Method::POST,
            format!("/tickets/{id}/comments"),
            json!({ "content": 5 }),
            400,
        ),
        (
            Method::PATCH,
            format!("/tickets/{id}/comments/{id}"),
            json!({}),
            400,
        ),
        (
            Method::POST,
            format!("/assets/{id}/checkout"),
            json!({ "condition": 1 }),
            400,
        ),
        (
            Method::POST,
            format!("/assets/{id}/checkin"),
            json!([]),
            400,
        ),
        (
            Method::PATCH,
            format!("/assets/checkouts/{id}"),
            json!({}),
            400,
        ),
        (
            Method::PATCH,
            "/profile".to_owned(),
            json!({ "name": " " }),
            400,
        ),
        (Method::POST, "/tickets/7/close".to_owned(), json!({}), 404),
        // Valid, it does begin one.
        (
            Method::PATCH,
            "/profile".to_owned(),
            json!({ "name": "Ada" }),
            500,
        ),
    ] {
        let request = TestRequest::default()
            .insert_header(("host", "portal.example"))
            .method(method)
            .uri(&format!("{}{path}", portal_http::PREFIX))
            .insert_header((
                "authorization",
                format!("Bearer {}", session.token.expose()),
            ))
            .set_json(&body);
        let response = call_service(&service, request.to_request()).await;
        assert_eq!(response.status(), status, "{path} {body}");
    }
}
