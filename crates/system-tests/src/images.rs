//! An HTTPS server of images, such as logos.

use std::io;
use std::net::Ipv4Addr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::certificates::self_signed;

/// What it answers to every request: a picture that is 64 pixels wide.
const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-type: image/svg+xml\r\n\
    connection: close\r\n\r\n\
    <svg xmlns=\"http://www.w3.org/2000/svg\" width=\"64\" height=\"32\">\
    <rect width=\"64\" height=\"32\" rx=\"8\" fill=\"#0f766e\"/></svg>";

/// An HTTPS server with one image, whose certificate nobody trusts. It ends when this is dropped.
pub struct ImageServer {
    port: u16,
    task: JoinHandle<()>,
}

impl ImageServer {
    /// Starts one, on a free port of the loopback interface.
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let (tls, _) = self_signed("localhost");
        let task = tokio::spawn(accept(listener, tls));
        Self { port, task }
    }

    /// Its port.
    pub const fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for ImageServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, tls: TlsAcceptor) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(serve(stream, tls.clone()));
    }
}

/// Answers one request. A connection that breaks is the client's business.
async fn serve(stream: TcpStream, tls: TlsAcceptor) -> io::Result<()> {
    let mut stream = tls.accept(stream).await?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    stream.write_all(ANSWER.as_bytes()).await?;
    stream.shutdown().await
}
