//! Clients of the app, one type for each kind of caller.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use actix_web::cookie::Cookie;
use actix_web::http::header::{AUTHORIZATION, COOKIE, HeaderMap, SET_COOKIE};
use actix_web::http::{Method, StatusCode};
use actix_web::test::TestRequest;
use actix_web::web::Bytes;
use portal_http::PREFIX;
use portal_session::{CSRF_COOKIE, CSRF_HEADER, SESSION_COOKIE};
use serde_json::{Value, json};

use crate::people::{PASSWORD, Person};

/// Sends a request to the app.
pub(super) type Send = Rc<dyn Fn(TestRequest) -> Pin<Box<dyn Future<Output = Response>>>>;

/// A response.
#[derive(Debug, Clone)]
pub struct Response {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Response {
    pub(crate) fn new(status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        Self {
            status,
            headers,
            body,
        }
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    /// The body as it is.
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Status and body at once, for comparing.
    pub fn parts(&self) -> (u16, Value) {
        (self.status(), self.json())
    }

    /// The created object under this key of the body.
    pub fn created(&self, key: &str) -> Value {
        assert_eq!(self.status(), 201, "{self:?}");
        self.json()[key].take()
    }

    /// The message of an error.
    pub fn error(&self) -> String {
        self.json()["error"]
            .as_str()
            .unwrap_or_else(|| panic!("no error: {self:?}"))
            .to_owned()
    }

    /// A header; several of the same name are joined by commas.
    pub fn header(&self, name: &str) -> Option<String> {
        let values: Vec<_> = self
            .headers
            .get_all(name)
            .map(|value| value.to_str().expect("text"))
            .collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// The `Set-Cookie` headers.
    pub fn set_cookies(&self) -> Vec<String> {
        let values = self.headers.get_all(SET_COOKIE);
        values
            .map(|value| value.to_str().expect("text").to_owned())
            .collect()
    }

    /// The value of a cookie that the response sets.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.set_cookies()
            .into_iter()
            .filter_map(|cookie| Cookie::parse(cookie).ok())
            .find(|cookie| cookie.name() == name)
            .map(|cookie| cookie.value().to_owned())
    }
}

/// A request that is being put together; [`send`](Self::send) sends it.
#[must_use = "a call has to be sent"]
pub struct Call {
    send: Send,
    request: TestRequest,
}

impl Call {
    /// Adds a header.
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.request = self.request.append_header((name, value.to_owned()));
        self
    }

    /// Replaces a header.
    pub fn replace_header(mut self, name: &'static str, value: &str) -> Self {
        self.request = self.request.insert_header((name, value.to_owned()));
        self
    }

    /// Gives the request a body of JSON.
    pub fn json(mut self, body: &Value) -> Self {
        self.request = self.request.set_json(body);
        self
    }

    /// Gives the request a body as it is, of a type.
    pub fn body(mut self, content_type: &str, body: impl Into<Bytes>) -> Self {
        let content_type = ("content-type", content_type.to_owned());
        self.request = self.request.insert_header(content_type).set_payload(body);
        self
    }

    /// Has the request come from an address.
    pub fn from_address(mut self, address: &str) -> Self {
        let ip: std::net::IpAddr = address.parse().expect("an address");
        self.request = self.request.peer_addr((ip, 50_000).into());
        self
    }

    /// Sends the request.
    pub async fn send(self) -> Response {
        (self.send)(self.request).await
    }
}

/// A client of the app.
#[expect(
    async_fn_in_trait,
    reason = "the app and its callers stay on one thread"
)]
pub trait Caller {
    /// A request of this client to a path below the API's prefix, or from the root with `//` before
    /// it.
    fn call(&self, method: Method, path: &str) -> Call;

    /// Sends a GET.
    fn get(&self, path: &str) -> impl Future<Output = Response> {
        self.call(Method::GET, path).send()
    }

    /// Sends a POST with a body of JSON.
    fn post(&self, path: &str, body: &Value) -> impl Future<Output = Response> {
        self.call(Method::POST, path).json(body).send()
    }

    /// Sends a POST without a body.
    fn post_empty(&self, path: &str) -> impl Future<Output = Response> {
        self.call(Method::POST, path).send()
    }

    /// Sends a PATCH with a body of JSON.
    fn patch(&self, path: &str, body: &Value) -> impl Future<Output = Response> {
        self.call(Method::PATCH, path).json(body).send()
    }

    /// Sends a DELETE.
    fn delete(&self, path: &str) -> impl Future<Output = Response> {
        self.call(Method::DELETE, path).send()
    }

    /// Submits a ticket, and returns it.
    async fn submit_ticket(&self, subject: &str) -> Value {
        let body = json!({ "subject": subject, "description": "It is on fire." });
        self.post("/tickets", &body).await.created("ticket")
    }

    /// Comments on a ticket, and returns the comment.
    async fn comment(&self, ticket: &Value, content: &str) -> Value {
        let path = format!(
            "/tickets/{}/comments",
            ticket["id"].as_str().expect("an id")
        );
        let body = json!({ "content": content });
        self.post(&path, &body).await.created("comment")
    }

    /// Uploads a file.
    fn upload(&self, name: &str, content: impl Into<Bytes>) -> impl Future<Output = Response> {
        self.call(Method::POST, "/uploads")
            .header(
                "content-disposition",
                &format!("attachment; filename=\"{name}\""),
            )
            .body("application/octet-stream", content)
            .send()
    }

    /// Checks a device out, and returns the checkout.
    async fn check_out(&self, device: &str, body: &Value) -> Value {
        let path = format!("/assets/{device}/checkout");
        self.post(&path, body).await.created("checkout")
    }
}

/// A client that is not signed in.
#[derive(Clone)]
pub struct Anonymous {
    send: Send,
}

impl Anonymous {
    pub(crate) fn new(send: Send) -> Self {
        Self { send }
    }

    /// Signs in as a person.
    pub async fn login(&self, person: &Person) -> Response {
        let body = json!({
            "email": person.email,
            "password": PASSWORD,
            "orgId": person.organization.to_string(),
        });
        self.post("/auth/login", &body).await
    }

    /// Has strangers use up the attempts at an account.
    pub async fn lock_out(&self, person: &Person) {
        let body = json!({ "email": person.email, "password": "Wrong-Horse-7" });
        for number in 0..10 {
            let call = self.call(Method::POST, "/auth/login");
            let call = call.from_address(&format!("198.51.100.{number}"));
            let guess = call.json(&body).send().await;
            assert_eq!(guess.status(), 401, "{guess:?}");
        }
    }
}

impl Caller for Anonymous {
    fn call(&self, method: Method, path: &str) -> Call {
        let uri = match path.strip_prefix("//") {
            Some(root) => format!("/{root}"),
            None => format!("{PREFIX}{path}"),
        };
        let request = TestRequest::default()
            .method(method)
            .uri(&uri)
            .peer_addr(([203, 0, 113, 9], 50_000).into())
            .insert_header(("host", "portal.example"))
            .insert_header(("user-agent", "test"));
        Call {
            send: Rc::clone(&self.send),
            request,
        }
    }
}

/// A signed-in client with a bearer token.
#[derive(Clone)]
pub struct BearerUser {
    anonymous: Anonymous,
    /// The session token.
    pub token: String,
}

impl BearerUser {
    pub(crate) async fn sign_in(anonymous: &Anonymous, person: &Person) -> Self {
        let response = anonymous.login(person).await;
        assert_eq!(response.status(), 200, "{response:?}");
        let token = response.json()["accessToken"]
            .as_str()
            .expect("a token")
            .to_owned();
        Self {
            anonymous: anonymous.clone(),
            token,
        }
    }
}

impl Caller for BearerUser {
    fn call(&self, method: Method, path: &str) -> Call {
        let bearer = format!("Bearer {}", self.token);
        self.anonymous
            .call(method, path)
            .header(AUTHORIZATION.as_str(), &bearer)
    }
}

/// A signed-in browser, with a script that sends the CSRF token back.
pub struct CookieUser {
    anonymous: Anonymous,
    /// The value of the session cookie.
    pub session: RefCell<String>,
    /// The value of the CSRF cookie.
    pub csrf: RefCell<String>,
}

impl CookieUser {
    pub(crate) async fn sign_in(anonymous: &Anonymous, person: &Person) -> Self {
        let response = anonymous.login(person).await;
        assert_eq!(response.status(), 200, "{response:?}");
        let cookie = |name| RefCell::new(response.cookie(name).expect("a cookie"));
        let (session, csrf) = (cookie(SESSION_COOKIE), cookie(CSRF_COOKIE));
        Self {
            anonymous: anonymous.clone(),
            session,
            csrf,
        }
    }

    /// The same browser, whose next requests go to another instance.
    #[must_use]
    pub fn at(&self, instance: &Anonymous) -> Self {
        Self {
            anonymous: instance.clone(),
            session: self.session.clone(),
            csrf: self.csrf.clone(),
        }
    }

    /// A request with the cookies, but without what the script adds.
    pub fn call_without_header(&self, method: Method, path: &str) -> Call {
        let (session, csrf) = (self.session.borrow(), self.csrf.borrow());
        let cookies = format!("{SESSION_COOKIE}={session}; {CSRF_COOKIE}={csrf}");
        self.anonymous
            .call(method, path)
            .header(COOKIE.as_str(), &cookies)
    }
}

impl Caller for CookieUser {
    fn call(&self, method: Method, path: &str) -> Call {
        let csrf = self.csrf.borrow().clone();
        self.call_without_header(method, path)
            .header(CSRF_HEADER, &csrf)
    }
}
