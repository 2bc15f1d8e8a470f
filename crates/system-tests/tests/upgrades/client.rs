//! A client of whichever server it is told to ask.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::program::{Deeds, Server};

/// How long a response may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// What was answered.
#[derive(Debug)]
pub(crate) struct Response {
    /// The status.
    pub(crate) status: u16,
    head: String,
    body: String,
}

impl Response {
    /// The same, which has to be of this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    /// The body, which is JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// A text in the body, by its JSON pointer.
    pub(crate) fn text(&self, pointer: &str) -> String {
        let json = self.json();
        let text = json.pointer(pointer).and_then(Value::as_str);
        text.unwrap_or_else(|| panic!("no {pointer}: {self:?}"))
            .to_owned()
    }

    fn cookies(&self) -> impl Iterator<Item = (String, String)> {
        let headers = self.head.lines().filter_map(|line| line.split_once(": "));
        let set = headers.filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
        set.filter_map(|(_, value)| {
            let (name, value) = value.split(';').next()?.split_once('=')?;
            Some((name.to_owned(), value.to_owned()))
        })
    }
}

/// Somebody who sends requests, each on a connection of its own, from an address of their own.
#[derive(Clone)]
pub(crate) struct Client {
    server: SocketAddr,
    done: Deeds,
    host: &'static str,
    came_from: String,
    token: Option<String>,
    cookies: BTreeMap<String, String>,
}

impl Client {
    /// A client of a server, who is not signed in.
    pub(crate) fn of(server: SocketAddr, done: Deeds) -> Self {
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

    /// The same person, with the same session, at another server.
    pub(crate) fn at(&self, server: &Server) -> Self {
        Self {
            server: server.address(),
            done: server.done(),
            ..self.clone()
        }
    }

    /// The same person, who goes to a domain.
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
            let deed = (method, path.to_owned());
            self.done.lock().unwrap().push(deed);
        }
        response
    }

    fn send(&self, request: &str) -> Response {
        let mut stream = TcpStream::connect(self.server).unwrap();
        stream.set_read_timeout(Some(TIMEOUT)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap();
        Response {
            status: status.parse().unwrap(),
            head: head.to_owned(),
            body: body.to_owned(),
        }
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

    /// Signs in as a browser does; from then on requests carry both cookies.
    pub(crate) fn sign_in_with_cookies(&mut self, email: &str, password: &str) {
        let response = self.sign_in(email, password, None).expect(200);
        self.token = None;
        self.cookies = response.cookies().collect();
        assert_eq!(self.cookies.len(), 2, "{response:?}");
    }
}
