//! The table of all operations, and a portal with objects for each.

use actix_web::http::Method;
use portal_domain::branding::BrandingChanges;
use portal_domain::tickets::TicketStatus;
use portal_session::HttpConfig;
use portal_test_support::{Call, Caller as _, PASSWORD, Person, Response, Tenant, TestApp};
use serde_json::{Value, json};

use super::devices::{put, record};
use super::id;
use super::tickets::{set_ticket_status, ticket_id};

pub(crate) const DOMAIN: &str = "support.acme.example";
const TOKEN: &str = "kJ0nSLbT4mYc2H8qWvXzR1pE6uF3dA9gN7tB5iKoCsM";

/// What the `{id}` in a path stands for.
#[derive(Clone, Copy)]
pub(crate) enum Named {
    Nothing,
    Ticket,
    FreeDevice,
    LentDevice,
    Checkout,
    Session,
}

/// Who calls an operation on what is `ada`'s.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    Nobody,
    /// `ada`, by bearer token.
    Owner,
    /// The same by cookie, but without the CSRF header.
    OwnerWithoutHeader,
    /// Somebody else of the organization.
    Colleague,
    /// Somebody of another organization.
    Stranger,
    /// A colleague who takes part in the ticket.
    Participant,
    /// A colleague who took part in the ticket, and was removed.
    FormerParticipant,
    /// A manager of the organization.
    Manager,
    /// A manager of another organization.
    ForeignManager,
}

impl By {
    pub(crate) const ALL: [Self; 9] = [
        Self::Nobody,
        Self::Owner,
        Self::OwnerWithoutHeader,
        Self::Colleague,
        Self::Stranger,
        Self::Participant,
        Self::FormerParticipant,
        Self::Manager,
        Self::ForeignManager,
    ];
}

/// An operation, a body that it takes, and the status for each caller in the order of [`By::ALL`].
pub(crate) struct Endpoint {
    pub(crate) operation: &'static str,
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) named: Named,
    pub(crate) body: Option<Value>,
    pub(crate) statuses: [u16; By::ALL.len()],
}

fn endpoint(
    operation: &'static str,
    (method, path): (Method, &'static str),
    named: Named,
    body: Option<Value>,
    statuses: [u16; By::ALL.len()],
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

pub(crate) fn endpoints() -> Vec<Endpoint> {
    use Named::{Checkout, FreeDevice, LentDevice, Nothing, Session, Ticket};
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
    let colleague = json!({ "email": "bob@acme.example" });
    let public = [200; 9];
    let own = [401, 200, 200, 200, 200, 200, 200, 200, 200];
    let change = [401, 200, 403, 200, 200, 200, 200, 200, 200];
    let of_ada = [401, 200, 403, 404, 404, 404, 404, 404, 404];
    #[rustfmt::skip]
    let endpoints = vec![
        endpoint("login", post("/auth/login"), Nothing, Some(credentials), public),
        endpoint("logout", post("/auth/logout"), Nothing, None, change),
        endpoint("forgot_password", post("/auth/forgot-password"), Nothing, Some(email), public),
        endpoint("reset_password", post("/auth/reset-password"), Nothing, Some(token.clone()), [400; 9]),
        endpoint("accept_invite", post("/auth/accept-invite"), Nothing, Some(token), [400; 9]),
        endpoint("get_branding", get("/branding"), Nothing, None, public),
        endpoint("get_domain_branding", get("/branding/{domain}"), Nothing, None, public),
        endpoint("list_devices", get("/devices"), Nothing, None, own),
        endpoint("list_tickets", get("/tickets"), Nothing, None, own),
        endpoint("create_ticket", post("/tickets"), Nothing, Some(ticket), [401, 201, 403, 201, 201, 201, 201, 201, 201]),
        endpoint("list_ticket_forms", get("/tickets/forms"), Nothing, None, own),
        endpoint("get_ticket", get("/tickets/{id}"), Ticket, None, [401, 200, 200, 404, 404, 200, 404, 200, 404]),
        endpoint("close_ticket", post("/tickets/{id}/close"), Ticket, None, [401, 200, 403, 404, 404, 403, 404, 200, 404]),
        endpoint("list_ticket_comments", get("/tickets/{id}/comments"), Ticket, None, [401, 200, 200, 404, 404, 200, 404, 200, 404]),
        endpoint("create_ticket_comment", post("/tickets/{id}/comments"), Ticket, Some(content.clone()), [401, 201, 403, 404, 404, 201, 404, 201, 404]),
        endpoint("update_ticket_comment", patch("/tickets/{id}/comments/{commentId}"), Ticket, Some(content), of_ada),
        endpoint("delete_ticket_comment", delete("/tickets/{id}/comments/{commentId}"), Ticket, None, of_ada),
        endpoint("add_ticket_participant", post("/tickets/{id}/participants"), Ticket, Some(colleague), [401, 201, 403, 404, 404, 403, 404, 201, 404]),
        endpoint("remove_ticket_participant", delete("/tickets/{id}/participants/{userId}"), Ticket, None, [401, 200, 403, 404, 404, 200, 404, 200, 404]),
        endpoint("create_upload", post("/uploads"), Nothing, Some(json!("a file")), [401, 201, 403, 201, 201, 201, 201, 201, 201]),
        endpoint("get_ticket_attachment", get("/tickets/{id}/attachments/{attachmentId}"), Ticket, None, [401, 200, 200, 404, 404, 200, 404, 200, 404]),
        endpoint("list_colleagues", get("/colleagues"), Nothing, None, [401, 200, 200, 200, 403, 200, 200, 200, 403]),
        endpoint("list_assets", get("/assets"), Nothing, None, own),
        endpoint("list_checkouts", get("/assets/checkouts"), Nothing, None, own),
        endpoint("extend_checkout", patch("/assets/checkouts/{id}"), Checkout, Some(date), of_ada),
        endpoint("checkout_asset", post("/assets/{id}/checkout"), FreeDevice, None, [401, 201, 403, 201, 404, 201, 201, 201, 404]),
        endpoint("checkin_asset", post("/assets/{id}/checkin"), LentDevice, None, [401, 200, 403, 403, 404, 403, 403, 403, 404]),
        endpoint("list_quotes", get("/quotes"), Nothing, None, own),
        endpoint("list_invoices", get("/invoices"), Nothing, None, own),
        endpoint("get_profile", get("/profile"), Nothing, None, own),
        endpoint("update_profile", patch("/profile"), Nothing, Some(json!({})), change),
        endpoint("change_password", post("/profile/password"), Nothing, Some(passwords), change),
        endpoint("list_sessions", get("/sessions"), Nothing, None, own),
        endpoint("end_session", delete("/sessions/{id}"), Session, None, of_ada),
    ];
    endpoints
}

/// A request to each route that needs a session, as a HEAD too where there is a GET. Their ids do
/// not exist.
pub(crate) fn protected() -> Vec<(Method, String)> {
    let unknown = "018f3e2a-0000-7000-8000-000000000000";
    let mut requests = Vec::new();
    for endpoint in endpoints() {
        let [anonymous, ..] = endpoint.statuses;
        if anonymous != 401 {
            continue;
        }
        let path = endpoint
            .path
            .replace("{id}", unknown)
            .replace("{commentId}", unknown)
            .replace("{attachmentId}", unknown)
            .replace("{userId}", unknown);
        if endpoint.method == Method::GET {
            requests.push((Method::HEAD, path.clone()));
        }
        requests.push((endpoint.method, path));
    }
    assert!(!requests.is_empty());
    requests
}

/// The protected requests that change something.
pub(crate) fn protected_changes() -> Vec<(Method, String)> {
    let mut requests = protected();
    requests.retain(|(method, _)| !method.is_safe());
    assert!(!requests.is_empty());
    requests
}

/// A portal with objects of `ada` for every operation.
pub(crate) struct World {
    pub(crate) app: TestApp,
    ticket: String,
    comment: String,
    attachment: String,
    free_device: String,
    lent_device: String,
    checkout: String,
    session: String,
    participant: Person,
    former_participant: Person,
    manager: Person,
    foreign_manager: Person,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::with(|_| ()).await
    }

    /// One with changed HTTP settings.
    pub(crate) async fn with(configure: impl FnOnce(&mut HttpConfig)) -> Self {
        let app = TestApp::with(configure).await;
        app.own_domain(&app.acme, DOMAIN).await;
        let ada = app.bearer(&app.acme.ada).await;
        let upload = ada.upload("a.txt", "a").await.created("upload");
        let body = json!({
            "subject": "Printer",
            "description": "It is on fire.",
            "attachmentIds": [id(&upload)],
        });
        let ticket = ada.post("/tickets", &body).await.created("ticket");
        let said = ada.comment(&ticket, "Hello").await;
        set_ticket_status(&app, &ticket, TicketStatus::Resolved).await;
        let named = async |name: &str, tenant: &Tenant| {
            app.person(tenant.id, &format!("{name}@acme.example")).await
        };
        let participant = named("participant", &app.acme).await;
        let former_participant = named("former", &app.acme).await;
        let manager = named("manager", &app.acme).await;
        let foreign_manager = named("manager", &app.globex).await;
        for manager in [&manager, &foreign_manager] {
            app.make_manager(manager).await;
        }
        let on = ticket_id(&ticket);
        for colleague in [&participant, &former_participant] {
            app.add_participant(&app.acme.ada, on, colleague).await;
        }
        app.remove_participant(&app.acme.ada, on, &former_participant)
            .await;
        let changes = BrandingChanges {
            enable_colleagues: Some(true),
            ..BrandingChanges::default()
        };
        app.change_branding(&app.acme, changes).await;
        let free_device = put(&app, &app.acme, record("free")).await;
        let lent_device = put(&app, &app.acme, record("lent")).await;
        let checkout = ada.check_out(&lent_device, &json!({})).await;
        Self {
            ticket: id(&ticket).to_owned(),
            comment: id(&said).to_owned(),
            attachment: id(&upload).to_owned(),
            checkout: id(&checkout).to_owned(),
            session: id(&ada.get("/sessions").await.json()["data"][0]).to_owned(),
            app,
            free_device,
            lent_device,
            participant,
            former_participant,
            manager,
            foreign_manager,
        }
    }

    /// A request by one of the callers.
    pub(crate) async fn call(&self, by: By, method: Method, path: &str) -> Call {
        let app = &self.app;
        let person = match by {
            By::Nobody => return app.anonymous().call(method, path),
            By::OwnerWithoutHeader => {
                let browser = app.cookie(&app.acme.ada).await;
                return browser.call_without_header(method, path);
            }
            By::Owner => &app.acme.ada,
            By::Colleague => &app.acme.bob,
            By::Stranger => &app.globex.ada,
            By::Participant => &self.participant,
            By::FormerParticipant => &self.former_participant,
            By::Manager => &self.manager,
            By::ForeignManager => &self.foreign_manager,
        };
        app.bearer(person).await.call(method, path)
    }

    /// The path of an operation on an existing object.
    pub(crate) fn path(&self, endpoint: &Endpoint) -> String {
        let id = match endpoint.named {
            Named::Nothing => "",
            Named::Ticket => &self.ticket,
            Named::FreeDevice => &self.free_device,
            Named::LentDevice => &self.lent_device,
            Named::Checkout => &self.checkout,
            Named::Session => &self.session,
        };
        endpoint
            .path
            .replace("{id}", id)
            .replace("{commentId}", &self.comment)
            .replace("{attachmentId}", &self.attachment)
            .replace("{userId}", &self.participant.id.to_string())
            .replace("{domain}", DOMAIN)
    }
}

impl Endpoint {
    /// Sends a valid request.
    pub(crate) async fn send(&self, call: Call) -> Response {
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

/// The operations of the document: method, path below the prefix, and definition.
pub(crate) fn documented(app: &TestApp) -> Vec<(String, String, Value)> {
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
