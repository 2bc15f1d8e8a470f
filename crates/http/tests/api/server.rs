//! Tests that need a real connection.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test whose world is not as it has to be fails"
)]

use std::net::SocketAddr;
use std::time::Duration;

use actix_web::HttpServer;
use actix_web::dev::ServerHandle;
use actix_web::web::Data;
use portal_session::HttpConfig;
use portal_test_support::{BearerUser, TestApp};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Longer than anything here takes, so that a hanging test fails.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The app behind a listener of its own.
struct Server {
    app: TestApp,
    ada: BearerUser,
    address: SocketAddr,
    handle: ServerHandle,
}

impl Server {
    async fn start(configure: impl FnOnce(&mut HttpConfig)) -> Self {
        Self::with_head_timeout(Duration::from_secs(5), configure).await
    }

    async fn with_head_timeout(
        head_timeout: Duration,
        configure: impl FnOnce(&mut HttpConfig),
    ) -> Self {
        let app = TestApp::with(configure).await;
        let portal = Data::clone(&app.portal);
        let server = HttpServer::new(move || portal_http::app(Data::clone(&portal), None))
            .workers(1)
            .client_request_timeout(head_timeout)
            .disable_signals()
            .bind("127.0.0.1:0")
            .unwrap();
        let address = server.addrs()[0];
        let server = server.run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        let ada = app.bearer(&app.acme.ada).await;
        Self {
            app,
            ada,
            address,
            handle,
        }
    }

    async fn connect(&self) -> Connection {
        Connection {
            stream: TcpStream::connect(self.address).await.unwrap(),
            read: Vec::new(),
        }
    }

    /// The response to a request of `ada` on a new connection.
    async fn ask(&self, request: &str, headers: &str, body: &[u8]) -> Response {
        let mut connection = self.connect().await;
        connection.send(&self.head(request, headers)).await;
        connection.send(body).await;
        let is_head = request.starts_with("HEAD ");
        connection.response(is_head).await
    }

    fn head(&self, request: &str, headers: &str) -> Vec<u8> {
        let token = &self.ada.token;
        format!(
            "{request} HTTP/1.1\r\nHost: portal.example\r\nAuthorization: Bearer {token}\r\n\
             {headers}\r\n"
        )
        .into_bytes()
    }

    async fn stop(self) {
        self.handle.stop(false).await;
        drop(self.app);
    }
}

/// A connection that is read one response at a time.
struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

/// A response as it came.
#[derive(Debug)]
struct Response {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Response {
    fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|(known, _)| known == name);
        header.map(|(_, value)| value.as_str())
    }

    fn parts(&self) -> (u16, Value) {
        let body = serde_json::from_slice(&self.body);
        (self.status, body.unwrap_or_else(|_| panic!("{self:?}")))
    }
}

impl Connection {
    async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// Reads more; `false` when the other side has closed.
    async fn fill(&mut self) -> bool {
        let read = self.stream.read_buf(&mut self.read);
        let read = tokio::time::timeout(TIMEOUT, read).await;
        read.expect("an answer in time").unwrap() > 0
    }

    /// The next response; one to HEAD announces a length and has no body.
    async fn response(&mut self, is_to_head: bool) -> Response {
        let end = loop {
            let found = self.read.windows(4).position(|four| four == b"\r\n\r\n");
            if let Some(end) = found {
                break end;
            }
            assert!(self.fill().await, "closed without an answer");
        };
        let head = String::from_utf8(self.read.drain(..end + 4).collect()).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let headers: Vec<_> = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let mut response = Response {
            status: status.parse().unwrap(),
            headers,
            body: Vec::new(),
        };
        let length = response
            .header("content-length")
            .map_or(0, |length| length.parse::<usize>().expect("a length"));
        if !is_to_head && response.status != 304 {
            while self.read.len() < length {
                assert!(self.fill().await, "closed within an answer");
            }
            response.body = self.read.drain(..length).collect();
        }
        response
    }

    /// Waits until the other side closes without another response.
    async fn closed(&mut self) {
        while self.fill().await {}
        assert!(self.read.is_empty());
    }
}

#[actix_web::test]
async fn the_host_in_a_requests_target_counts() {
    let server = Server::start(|_| ()).await;
    server
        .app
        .own_domain(&server.app.acme, "support.acme.example")
        .await;
    let path = "/api/v1/portal/branding";
    for (request, status) in [
        (
            format!("GET http://support.acme.example{path} HTTP/1.1\r\nHost: evil.example\r\n"),
            200,
        ),
        (
            format!("GET http://evil.example{path} HTTP/1.1\r\nHost: support.acme.example\r\n"),
            404,
        ),
        (
            format!("GET http://a@support.acme.example{path} HTTP/1.1\r\nHost: a.example\r\n"),
            400,
        ),
        (format!("GET {path} HTTP/1.1\r\n"), 400),
        (format!("GET {path} HTTP/1.1\r\nHost:\r\n"), 400),
        (
            format!("GET {path} HTTP/1.1\r\nHost: a\r\nHost: a\r\n"),
            400,
        ),
        (
            format!("GET {path} HTTP/1.1\r\nHost: m\u{fc}ller.example\r\n"),
            400,
        ),
        ("GET /healthz HTTP/1.0\r\n".to_owned(), 200),
    ] {
        let mut connection = server.connect().await;
        connection.send(request.as_bytes()).await;
        connection.send(b"\r\n").await;
        let response = connection.response(false).await;
        assert_eq!(response.status, status, "{request}");
    }
    server.stop().await;
}

#[actix_web::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let server = Server::start(|_| ()).await;
    for path in [
        "/api/v1/portal/profile",
        "/api/v1/portal/tickets",
        "/api/v1/portal/tickets/x",
        "/api/v1/portal/branding",
        "/api/v1/portal/openapi.json",
        "/nowhere",
        "/healthz",
    ] {
        let mut connection = server.connect().await;
        connection
            .send(&server.head(&format!("HEAD {path}"), ""))
            .await;
        let head = connection.response(true).await;
        // Had there been a body, this would not be read as a response.
        connection
            .send(&server.head(&format!("GET {path}"), ""))
            .await;
        let get = connection.response(false).await;
        assert_eq!(head.status, get.status, "{path}");
        let comparable = |response: &Response| {
            let mut headers = response.headers.clone();
            headers.retain(|(name, _)| name != "date" && name != "x-request-id");
            headers.sort();
            headers
        };
        assert_eq!(comparable(&head), comparable(&get), "{path}");
        let length = get.body.len().to_string();
        assert_eq!(head.header("content-length"), Some(length.as_str()));
    }
    server.stop().await;
}

#[actix_web::test]
async fn head_is_not_modified_where_get_is() {
    let server = Server::start(|_| ()).await;
    let path = "HEAD /api/v1/portal/profile";
    let full = server.ask(path, "", b"").await;
    let tag = full.header("etag").unwrap();
    let header = format!("If-None-Match: {tag}\r\n");
    let unchanged = server.ask(path, &header, b"").await;
    assert_eq!(unchanged.status, 304);
    assert_eq!(unchanged.header("etag"), Some(tag));
    server.stop().await;
}

#[actix_web::test]
async fn every_response_has_its_own_request_id() {
    let server = Server::start(|_| ()).await;
    let json = "Content-Type: application/json\r\nContent-Length: 1\r\n";
    let mut ids = Vec::new();
    for (request, headers, body, status) in [
        ("GET /api/v1/portal/profile", "", "", 200),
        (
            "GET /api/v1/portal/profile",
            "If-None-Match: *\r\n",
            "",
            304,
        ),
        ("POST /api/v1/portal/tickets", json, "{", 400),
        ("GET /api/v1/portal/tickets/x", "", "", 404),
        ("GET /nowhere", "", "", 404),
        ("PUT /api/v1/portal/profile", "", "", 405),
        ("GET /healthz", "", "", 200),
        ("GET /api/v1/portal/openapi.json", "", "", 200),
    ] {
        let response = server.ask(request, headers, body.as_bytes()).await;
        assert_eq!(response.status, status, "{request}");
        let id = response.header("x-request-id");
        ids.push(id.unwrap_or_else(|| panic!("{request}")).to_owned());
    }
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count);
    server.stop().await;
}

#[actix_web::test]
async fn slow_body_times_out() {
    let server = Server::start(|config| config.body_timeout = Duration::from_millis(100)).await;
    for length in ["Content-Length: 100\r\n", "Transfer-Encoding: chunked\r\n"] {
        let headers = format!("Content-Type: application/json\r\n{length}");
        let response = server
            .ask("POST /api/v1/portal/tickets", &headers, b"5\r\n{\"sub")
            .await;
        assert_eq!(
            response.parts(),
            (408, json!({ "error": "Request timed out" })),
            "{length}"
        );
        assert!(response.header("x-request-id").is_some());
    }
    server.stop().await;
}

#[actix_web::test]
async fn body_over_the_limit_is_rejected() {
    let server = Server::start(|config| config.max_body_bytes = 1024).await;
    let too_large = (413, json!({ "error": "Request body too large" }));
    let announced = "Content-Type: application/json\r\nContent-Length: 1025\r\n";
    let response = server
        .ask("POST /api/v1/portal/tickets", announced, &[b' '; 1025])
        .await;
    assert_eq!(response.parts(), too_large);

    let chunked = "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n";
    let chunk = format!("258\r\n{}\r\n", " ".repeat(600));
    let body = chunk.repeat(2) + "0\r\n\r\n";
    let response = server
        .ask("POST /api/v1/portal/tickets", chunked, body.as_bytes())
        .await;
    assert_eq!(response.parts(), too_large);

    // Nobody has to send what was announced to hear of it.
    let announced = "Content-Type: application/json\r\nContent-Length: 99999999999\r\n";
    let response = server
        .ask("POST /api/v1/portal/tickets", announced, b"{")
        .await;
    assert_eq!(response.parts(), too_large);
    server.stop().await;
}

#[actix_web::test]
async fn chunked_body_is_read() {
    let server = Server::start(|_| ()).await;
    let headers = "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n";
    let body = b"10\r\n{\"subject\":\"S\",\"\r\n12\r\ndescription\":\"D\"} \r\n0\r\n\r\n";
    let response = server
        .ask("POST /api/v1/portal/tickets", headers, body)
        .await;
    assert_eq!(response.status, 201);
    server.stop().await;
}

#[actix_web::test]
async fn malformed_http_is_a_bad_request() {
    let server = Server::start(|_| ()).await;
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(200));
    // To the last byte that is read, as a connection closed with more to read would be reset.
    let mut long = "GET / HTTP/1.1\r\nX-Long: ".to_owned();
    long.extend(std::iter::repeat_n('a', 128 * 1024 - long.len()));
    for (bytes, status) in [
        ("nonsense\r\n\r\n", 400),
        ("GET /a b HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/9.9\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nBad Header\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (
            "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            400,
        ),
        (&many, 431),
        (&long, 431),
    ] {
        let start: String = bytes.chars().take(40).collect();
        let mut connection = server.connect().await;
        connection.send(bytes.as_bytes()).await;
        let response = connection.response(false).await;
        assert_eq!(response.status, status, "{start:?}");
        assert_eq!(response.body, b"", "{start:?}");
        connection.closed().await;
    }
    server.stop().await;
}

#[actix_web::test]
async fn slow_request_head_times_out() {
    let server = Server::with_head_timeout(Duration::from_millis(100), |_| ()).await;
    let mut connection = server.connect().await;
    connection.send(b"GET / HTTP/1.1\r\nHost: port").await;
    let response = connection.response(false).await;
    assert_eq!((response.status, response.body.as_slice()), (408, &b""[..]));
    connection.closed().await;
    server.stop().await;
}

#[actix_web::test]
async fn disconnected_client_does_no_harm() {
    let server = Server::start(|_| ()).await;
    let body = "{\"subject\":\"S\",\"description\":\"D\"}";
    let headers = "Content-Type: application/json\r\nContent-Length: 1000\r\n";
    for part in 0..body.len() {
        let mut connection = server.connect().await;
        let head = server.head("POST /api/v1/portal/tickets", headers);
        connection.send(&head).await;
        connection.send(&body.as_bytes()[..part]).await;
        drop(connection);
    }
    for _ in 0..5 {
        // Gone before the response.
        let mut connection = server.connect().await;
        let head = server.head("GET /api/v1/portal/tickets", "");
        connection.send(&head).await;
    }
    let response = server.ask("GET /api/v1/portal/tickets", "", b"").await;
    let (status, list) = response.parts();
    assert_eq!((status, &list["pagination"]["total"]), (200, &json!(0)));
    server.stop().await;
}

#[actix_web::test]
async fn pipelined_requests_are_answered_in_order() {
    let server = Server::start(|_| ()).await;
    let mut connection = server.connect().await;
    let mut requests = Vec::new();
    let paths = ["/healthz", "/nowhere", "/api/v1/portal/profile", "/healthz"];
    for path in paths {
        requests.extend(server.head(&format!("GET {path}"), ""));
    }
    connection.send(&requests).await;
    for status in [200, 404, 200, 200] {
        assert_eq!(connection.response(false).await.status, status);
    }
    server.stop().await;
}
