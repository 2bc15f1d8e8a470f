//! Every operation as every kind of caller meets it.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test whose world is not as it has to be fails"
)]

use actix_web::http::Method;
use portal_domain::tickets::TicketStatus;
use portal_test_support::{Answer, Call, Caller, PASSWORD, TestApp};
use serde_json::{Value, json};

use crate::assets::check_out;
use crate::branding::verify_domain;
use crate::devices::{put, record};
use crate::tickets::{comment, id, set_status, submit};

pub(super) const DOMAIN: &str = "support.acme.example";
const TOKEN: &str = "kJ0nSLbT4mYc2H8qWvXzR1pE6uF3dA9gN7tB5iKoCsM";

/// What the `{id}` in a path stands for.
#[derive(Clone, Copy)]
pub(super) enum Named {
    Nothing,
    Ticket,
    FreeDevice,
    LentDevice,
    Checkout,
}

/// An operation, a body that it takes, and the status for each caller: anonymous, a user by bearer
/// token, the same by cookie but without the CSRF header, a colleague, and somebody of another
/// organization.
pub(super) struct Endpoint {
    pub(super) operation: &'static str,
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) named: Named,
    pub(super) body: Option<Value>,
    statuses: [u16; 5],
}

fn endpoint(
    operation: &'static str,
    (method, path): (Method, &'static str),
    named: Named,
    body: Option<Value>,
    statuses: [u16; 5],
) -> Endpoint {
    Endpoint {
        operation,
        method,
        path,
        named,
        body,
        statuses,
    }
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    use Named::{Checkout, FreeDevice, LentDevice, Nothing, Ticket};
    let get = |path| (Method::GET, path);
    let post = |path| (Method::POST, path);
    let patch = |path| (Method::PATCH, path);
    let delete = |path| (Method::DELETE, path);
    let credentials = json!({ "email": "ada@acme.example", "password": PASSWORD });
    let email = json!({ "email": "ada@acme.example" });
    let token = json!({ "token": TOKEN, "password": "Winter-Birds-47" });
    let ticket = json!({ "subject": "Printer", "description": "It is on fire." });
    let content = json!({ "content": "Hello" });
    let date = json!({ "expectedReturnAt": "2026-02-14T17:00:00Z" });
    let passwords = json!({ "currentPassword": PASSWORD, "newPassword": "Winter-Birds-47" });
    let public = [200; 5];
    let own = [401, 200, 200, 200, 200];
    let of_ada = [401, 200, 403, 404, 404];
    #[rustfmt::skip]
    let endpoints = vec![
        endpoint("login", post("/auth/login"), Nothing, Some(credentials), public),
        endpoint("logout", post("/auth/logout"), Nothing, None, [401, 200, 403, 200, 200]),
        endpoint("forgot_password", post("/auth/forgot-password"), Nothing, Some(email), public),
        endpoint("reset_password", post("/auth/reset-password"), Nothing, Some(token.clone()), [400; 5]),
        endpoint("accept_invite", post("/auth/accept-invite"), Nothing, Some(token), [400; 5]),
        endpoint("get_branding", get("/branding"), Nothing, None, public),
        endpoint("get_domain_branding", get("/branding/{domain}"), Nothing, None, public),
        endpoint("list_devices", get("/devices"), Nothing, None, own),
        endpoint("list_tickets", get("/tickets"), Nothing, None, own),
        endpoint("create_ticket", post("/tickets"), Nothing, Some(ticket), [401, 201, 403, 201, 201]),
        endpoint("list_ticket_forms", get("/tickets/forms"), Nothing, None, own),
        endpoint("get_ticket", get("/tickets/{id}"), Ticket, None, [401, 200, 200, 404, 404]),
        endpoint("close_ticket", post("/tickets/{id}/close"), Ticket, None, of_ada),
        endpoint("create_ticket_comment", post("/tickets/{id}/comments"), Ticket, Some(content.clone()), [401, 201, 403, 404, 404]),
        endpoint("update_ticket_comment", patch("/tickets/{id}/comments/{commentId}"), Ticket, Some(content), of_ada),
        endpoint("delete_ticket_comment", delete("/tickets/{id}/comments/{commentId}"), Ticket, None, of_ada),
        endpoint("list_assets", get("/assets"), Nothing, None, own),
        endpoint("list_checkouts", get("/assets/checkouts"), Nothing, None, own),
        endpoint("extend_checkout", patch("/assets/checkouts/{id}"), Checkout, Some(date), of_ada),
        endpoint("checkout_asset", post("/assets/{id}/checkout"), FreeDevice, None, [401, 201, 403, 201, 404]),
        endpoint("checkin_asset", post("/assets/{id}/checkin"), LentDevice, None, [401, 200, 403, 403, 404]),
        endpoint("get_profile", get("/profile"), Nothing, None, own),
        endpoint("update_profile", patch("/profile"), Nothing, Some(json!({})), [401, 200, 403, 200, 200]),
        endpoint("change_password", post("/profile/password"), Nothing, Some(passwords), [401, 200, 403, 200, 200]),
    ];
    endpoints
}

/// A portal in which every operation has something of `ada`'s to work on.
pub(super) struct World {
    pub(super) app: TestApp,
    ticket: String,
    comment: String,
    free_device: String,
    lent_device: String,
    checkout: String,
}

impl World {
    pub(super) async fn start() -> Self {
        let app = TestApp::start().await;
        verify_domain(&app, &app.acme, DOMAIN).await;
        let ada = app.bearer(&app.acme.ada).await;
        let ticket = submit(&ada, "Printer").await;
        let said = comment(&ada, &ticket, "Hello").await;
        set_status(&app, &ticket, TicketStatus::Resolved).await;
        let free_device = put(&app, &app.acme, record("free")).await;
        let lent_device = put(&app, &app.acme, record("lent")).await;
        let checkout = check_out(&ada, &lent_device, json!({})).await;
        Self {
            ticket: id(&ticket).to_owned(),
            comment: id(&said).to_owned(),
            checkout: id(&checkout).to_owned(),
            app,
            free_device,
            lent_device,
        }
    }

    /// The path of an operation, to what there is.
    pub(super) fn path(&self, endpoint: &Endpoint) -> String {
        let id = match endpoint.named {
            Named::Nothing => "",
            Named::Ticket => &self.ticket,
            Named::FreeDevice => &self.free_device,
            Named::LentDevice => &self.lent_device,
            Named::Checkout => &self.checkout,
        };
        endpoint
            .path
            .replace("{id}", id)
            .replace("{commentId}", &self.comment)
            .replace("{domain}", DOMAIN)
    }
}

impl Endpoint {
    /// A request for this, as it should be.
    pub(super) async fn send(&self, call: Call) -> Answer {
        let call = match &self.body {
            Some(body) => call.json(body),
            None => call,
        };
        match self.operation {
            "get_branding" => call.replace_header("host", DOMAIN).send().await,
            _ => call.send().await,
        }
    }
}

/// The operations of the document: method, path below the prefix, and what is said of it.
pub(super) fn documented(app: &TestApp) -> Vec<(String, String, Value)> {
    let document = serde_json::to_value(portal_http::openapi(&app.portal)).unwrap();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let path = path.strip_prefix(portal_http::PREFIX).expect("the prefix");
        for method in ["get", "put", "post", "delete", "patch"] {
            if let Some(operation) = item.get(method) {
                operations.push((method.to_uppercase(), path.to_owned(), operation.clone()));
            }
        }
    }
    operations
}

#[actix_web::test]
async fn the_table_has_every_operation_of_the_document_and_no_other() {
    let app = TestApp::start().await;
    let sorted = |mut operations: Vec<(String, String, String)>| {
        operations.sort();
        operations
    };
    let documented = documented(&app).into_iter().map(|(method, path, said)| {
        let operation = said["operationId"].as_str().expect("an id").to_owned();
        (method, path, operation)
    });
    let tested = endpoints().into_iter().map(|endpoint| {
        let Endpoint {
            method,
            path,
            operation,
            ..
        } = endpoint;
        (method.to_string(), path.to_owned(), operation.to_owned())
    });
    assert_eq!(sorted(tested.collect()), sorted(documented.collect()));
}

#[actix_web::test]
async fn each_caller_gets_what_is_theirs() {
    for endpoint in endpoints() {
        let name = endpoint.operation;
        let mut found = [0; 5];
        let mut said = Value::Null;
        for (caller, status) in found.iter_mut().enumerate() {
            // Each in a portal of their own, as operations change things.
            let world = World::start().await;
            let (app, path) = (&world.app, world.path(&endpoint));
            let method = endpoint.method.clone();
            let call = match caller {
                0 => app.anonymous().call(method, &path),
                1 => app.bearer(&app.acme.ada).await.call(method, &path),
                2 => {
                    let browser = app.cookie(&app.acme.ada).await;
                    browser.call_without_header(method, &path)
                }
                3 => app.bearer(&app.acme.bob).await.call(method, &path),
                _ => app.bearer(&app.globex.ada).await.call(method, &path),
            };
            let answer = endpoint.send(call).await;
            *status = answer.status();
            if said.is_null() {
                said = documented(app)
                    .into_iter()
                    .find(|(_, _, said)| said["operationId"] == name)
                    .expect("documented")
                    .2;
            }
            let responses = &said["responses"];
            assert!(
                responses[status.to_string()].is_object(),
                "{name}: {status} is not documented"
            );
            if *status >= 400 {
                assert!(!answer.error().is_empty(), "{name}");
            }
        }
        assert_eq!(found, endpoint.statuses, "{name}");
    }
}

#[actix_web::test]
async fn a_browser_may_do_what_its_user_may() {
    for endpoint in endpoints() {
        let world = World::start().await;
        let app = &world.app;
        let browser = app.cookie(&app.acme.ada).await;
        let call = browser.call(endpoint.method.clone(), &world.path(&endpoint));
        let answer = endpoint.send(call).await;
        let [_, by_bearer, ..] = endpoint.statuses;
        assert_eq!(answer.status(), by_bearer, "{}", endpoint.operation);
    }
}
