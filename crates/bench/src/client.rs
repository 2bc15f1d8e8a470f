//! A client of one connection, without pools, redirects or decompression.

use anyhow::Context as _;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// A request to any server of the portal's.
#[derive(Debug, Clone)]
pub struct Call {
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Bytes,
    expected: u16,
}

impl Call {
    /// `GET`, expected to be answered with 200.
    pub fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            path: path.into(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            expected: 200,
        }
    }

    /// `POST` with a JSON body, expected to be answered with `expected`.
    pub fn post(path: impl Into<String>, body: &serde_json::Value, expected: u16) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Self {
            method: Method::POST,
            path: path.into(),
            headers,
            body: body.to_string().into(),
            expected,
        }
    }

    /// `PATCH` with a JSON body, expected to be answered with 200.
    pub fn patch(path: impl Into<String>, body: &serde_json::Value) -> Self {
        Self {
            method: Method::PATCH,
            ..Self::post(path, body, 200)
        }
    }

    /// `POST` with the bytes of a file.
    pub fn upload(path: impl Into<String>, bytes: &'static [u8]) -> Self {
        Self {
            method: Method::POST,
            body: Bytes::from_static(bytes),
            expected: 201,
            ..Self::get(path)
        }
    }

    /// The same with another header.
    pub fn header(mut self, name: &str, value: &str) -> anyhow::Result<Self> {
        self.headers.insert(
            name.parse::<HeaderName>()?,
            HeaderValue::from_str(value).context("a header")?,
        );
        Ok(self)
    }

    /// The same, expected to be answered with another status.
    #[must_use]
    pub const fn expecting(mut self, status: u16) -> Self {
        self.expected = status;
        self
    }

    /// The same at another path, without the headers that only the portal reads.
    #[must_use]
    pub fn moved_to(&self, path: String) -> Self {
        Self {
            path,
            ..self.clone()
        }
    }

    /// The method and path.
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// An answer, as it came.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, compressed if it came so.
    pub body: Bytes,
}

impl Answer {
    /// A header's value, if there is one that is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// What a person needs to see of the body.
    fn beginning(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        text.chars().take(300).collect()
    }

    /// The body as JSON.
    pub fn json(&self) -> anyhow::Result<serde_json::Value> {
        serde_json::from_slice(&self.body).context("an answer that is no JSON")
    }
}

/// A connection to a server on the loopback interface.
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: HeaderValue,
}

impl Connection {
    /// Connects. The current runtime drives the connection.
    pub async fn open(port: u16) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // It ends with an error when the server ends, which the next request reports.
        tokio::spawn(async move { drop(connection.await) });
        Ok(Self {
            sender,
            host: HeaderValue::from_str(&format!("127.0.0.1:{port}"))?,
        })
    }

    /// Sends a request and reads its answer, whatever its status.
    pub async fn send(&mut self, call: &Call) -> anyhow::Result<Answer> {
        let mut request = Request::new(Full::new(call.body.clone()));
        *request.method_mut() = call.method.clone();
        *request.uri_mut() = call.path.parse()?;
        request.headers_mut().clone_from(&call.headers);
        request.headers_mut().insert(HOST, self.host.clone());
        self.sender.ready().await?;
        let response = self.sender.send_request(request).await?;
        let (head, body) = response.into_parts();
        Ok(Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body: body.collect().await?.to_bytes(),
        })
    }

    /// Sends a request, whose answer must have the expected status.
    pub async fn expect(&mut self, call: &Call) -> anyhow::Result<Answer> {
        let answer = self.send(call).await?;
        anyhow::ensure!(
            answer.status == call.expected,
            "{} was answered with {} instead of {}: {}",
            call.line(),
            answer.status,
            call.expected,
            answer.beginning()
        );
        Ok(answer)
    }
}
