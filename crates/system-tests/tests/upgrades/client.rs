//! A client that can switch between servers.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use portal_test_support::program::Response;
use serde_json::{Value, json};

use crate::program::{Operations, Server};

/// How long a response may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A client with an address of its own, which sends each request on a new connection.
#[derive(Clone)]
pub(crate) struct Client {
    server: SocketAddr,
    done: Operations,
    host: &'static str,
    came_from: String,
    token: Option<String>,
    cookies: BTreeMap<String, String>,
}

impl Client {
    /// A client that is not signed in.
    pub(crate) fn new(server: SocketAddr, done: Operations) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Self {
            server,
            done,
            host: "portal.test",
            came_from: format!("198.51.{}.{}", number / 250, number % 250 + 1),
            token: None,
            cookies: BTreeMap::new(),
        }
    }

    /// The same client, with the same session, at another server.
    pub(crate) fn at(&self, server: &Server) -> Self {
        Self {
            server: server.address(),
            done: server.done(),
            ..self.clone()
        }
    }

    /// The same client at a custom domain.
    pub(crate) fn on(&self, host: &'static str) -> Self {
        Self {
            host,
            ..self.clone()
        }
    }

    /// Sends a request. Paths are below the API's prefix, or from the root with `//` before.
    pub(crate) fn call(&self, method: &'static str, path: &str, body: Option<&Value>) -> Response {
        let full = match path.strip_prefix("//") {
            Some(path) => format!("/{path}"),
            None => format!("/api/v1/portal{path}"),
        };
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut head = vec![
            format!("{method} {full} HTTP/1.1"),
            format!("Host: {}", self.host),
            "Connection: close".to_owned(),
            format!("X-Forwarded-For: {}", self.came_from),
            "Content-Type: application/json".to_owned(),
            format!("Content-Length: {}", body.len()),
        ];
        if let Some(token) = &self.token {
            head.push(format!("Authorization: Bearer {token}"));
        }
        if !self.cookies.is_empty() {
            let cookies = self.cookies.iter();
            let cookies: Vec<_> = cookies
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            head.push(format!("Cookie: {}", cookies.join("; ")));
        }
        if let Some(csrf) = self.cookies.get("breeze_portal_csrf_token") {
            head.push(format!("X-Breeze-CSRF: {csrf}"));
        }
        let head = head.join("\r\n");
        let response = self.send(&format!("{head}\r\n\r\n{body}"));
        if response.status < 300 {
            let operation = (method, path.to_owned());
            self.done.lock().unwrap().push(operation);
        }
        response
    }

    fn send(&self, request: &str) -> Response {
        let mut stream = TcpStream::connect(self.server).unwrap();
        stream.set_read_timeout(Some(TIMEOUT)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        Response::parse(&text).unwrap()
    }

    /// Sends a GET.
    pub(crate) fn get(&self, path: &str) -> Response {
        self.call("GET", path, None)
    }

    /// Sends a POST.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Response {
        self.call("POST", path, Some(body))
    }

    /// Signs in to an organization; from then on requests carry the token.
    pub(crate) fn sign_in(&mut self, email: &str, password: &str, org: Option<&str>) -> Response {
        let mut body = json!({ "email": email, "password": password });
        if let Some(org) = org {
            body["orgId"] = org.into();
        }
        let response = self.post("/auth/login", &body);
        if response.status == 200 {
            self.token = Some(response.text("/accessToken"));
        }
        response
    }

    /// Signs in as a browser does; from then on requests carry the cookies.
    pub(crate) fn sign_in_with_cookies(&mut self, email: &str, password: &str) {
        let response = self.sign_in(email, password, None).expect(200);
        self.token = None;
        let cookies = response.headers("set-cookie");
        let cookies = cookies.filter_map(|cookie| cookie.split(';').next()?.split_once('='));
        self.cookies = cookies
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        // Those of the session and of its CSRF token; later releases know the browser by another.
        for name in ["breeze_portal_session", "breeze_portal_csrf_token"] {
            assert!(self.cookies.contains_key(name), "{name}: {response:?}");
        }
    }
}
