//! A minimal HTTP client that accepts only complete responses.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The path prefix of the API.
const PREFIX: &str = "/api/v1/portal";

/// How long a response may take before it counts as none.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A response.
#[derive(Debug)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: String,
    head: String,
}

impl Response {
    /// Reads a response to its end.
    pub async fn read(stream: &mut TcpStream) -> io::Result<Self> {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await?;
        let text = String::from_utf8(bytes).map_err(|error| malformed(&error.to_string()))?;
        Self::parse(&text)
    }

    /// Parses a complete response.
    pub fn parse(text: &str) -> io::Result<Self> {
        let parts = text.split_once("\r\n\r\n");
        let (head, body) = parts.ok_or_else(|| malformed(text))?;
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
        let response = Self {
            status: status.ok_or_else(|| malformed(head))?,
            body: body.to_owned(),
            head: head.to_owned(),
        };
        let length = body.len().to_string();
        if response.header("content-length") == Some(&length) {
            Ok(response)
        } else {
            Err(malformed(text))
        }
    }

    /// The same, which must have this status.
    #[track_caller]
    #[expect(
        clippy::return_self_not_must_use,
        reason = "often only the status matters"
    )]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers(name).next()
    }

    /// All headers of a name.
    pub fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        let headers = self.head.lines().filter_map(|line| line.split_once(": "));
        let named = headers.filter(move |(header, _)| header.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value)
    }

    /// The body, which is JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// A text in the body, by its JSON pointer.
    pub fn text(&self, pointer: &str) -> String {
        let json = self.json();
        let text = json.pointer(pointer).and_then(Value::as_str);
        text.unwrap_or_else(|| panic!("no {pointer}: {self:?}"))
            .to_owned()
    }

    /// Whether this is a well-formed 503.
    pub fn is_unavailable(&self) -> bool {
        let seconds = self.header("retry-after").map(str::parse::<u32>);
        self.status == 503
            && matches!(seconds, Some(Ok(_)))
            && self.text("/error") == "Service temporarily unavailable"
    }
}

fn malformed(text: &str) -> io::Error {
    io::Error::new(ErrorKind::UnexpectedEof, text.to_owned())
}

/// A client that sends each request on a new connection.
#[derive(Clone)]
pub struct Client {
    address: SocketAddr,
    came_from: String,
    token: Option<String>,
}

impl Client {
    /// A client that is not signed in.
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            came_from: "198.51.100.1".to_owned(),
            token: None,
        }
    }

    /// The same from another address, forwarded by a proxy.
    #[must_use]
    pub fn coming_from(mut self, address: String) -> Self {
        self.came_from = address;
        self
    }

    /// The token of the session, once signed in.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The head of a request. Paths are below the API's prefix, or from the root with `//` before.
    pub fn head(&self, method: &str, path: &str, length: usize) -> String {
        let path = match path.strip_prefix("//") {
            Some(path) => format!("/{path}"),
            None => format!("{PREFIX}{path}"),
        };
        let authorization = match &self.token {
            Some(token) => format!("Authorization: Bearer {token}\r\n"),
            None => String::new(),
        };
        format!(
            "{method} {path} HTTP/1.1\r\nHost: portal.test\r\nConnection: close\r\n\
             X-Forwarded-For: {}\r\n{authorization}Content-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n",
            self.came_from
        )
    }

    async fn send(&self, method: &str, path: &str, body: &str) -> io::Result<Response> {
        let response = async {
            let mut stream = TcpStream::connect(self.address).await?;
            let request = self.head(method, path, body.len()) + body;
            stream.write_all(request.as_bytes()).await?;
            Response::read(&mut stream).await
        };
        tokio::time::timeout(TIMEOUT, response).await?
    }

    /// Sends a GET.
    pub async fn get(&self, path: &str) -> io::Result<Response> {
        self.send("GET", path, "").await
    }

    /// Sends a POST.
    pub async fn post(&self, path: &str, body: &Value) -> io::Result<Response> {
        self.send("POST", path, &body.to_string()).await
    }

    /// Signs in; from then on requests carry the token, if there was one.
    pub async fn sign_in(&mut self, email: &str, password: &str) -> io::Result<Response> {
        let body = json!({ "email": email, "password": password });
        let response = self.post("/auth/login", &body).await?;
        if response.status == 200 {
            self.token = Some(response.text("/accessToken"));
        }
        Ok(response)
    }

    /// Forgets the session.
    pub fn forget(&mut self) {
        self.token = None;
    }

    /// Submits a ticket.
    pub async fn submit(&self, subject: &str) -> io::Result<Response> {
        let body = json!({ "subject": subject, "description": "It makes a noise." });
        self.post("/tickets", &body).await
    }

    /// The ids of the customer's tickets whose texts have a word.
    pub async fn tickets(&self, word: &str) -> Vec<String> {
        let mut ids = Vec::new();
        for page in 1.. {
            let path = format!("/tickets?q={word}&limit=100&page={page}");
            let response = self.get(&path).await.unwrap();
            assert_eq!(response.status, 200, "{response:?}");
            let json = response.json();
            let tickets = json.pointer("/data").and_then(Value::as_array).unwrap();
            if tickets.is_empty() {
                break;
            }
            let new = tickets
                .iter()
                .filter_map(|ticket| ticket.get("id")?.as_str());
            ids.extend(new.map(str::to_owned));
        }
        ids
    }
}
