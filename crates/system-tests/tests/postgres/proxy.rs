//! A way to the server on which the tests count and cut.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// Carries bytes between the portal and a server.
pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    round_trips: AtomicUsize,
    /// The connections with a lower number carry nothing any more, without being closed.
    first_alive: AtomicUsize,
    accepted: AtomicUsize,
}

impl Proxy {
    /// One to a port of the loopback interface.
    pub(crate) async fn to(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        tokio::spawn(accept(listener, port, Arc::clone(&shared)));
        Self { address, shared }
    }

    /// Its port.
    pub(crate) const fn port(&self) -> u16 {
        self.address.port()
    }

    /// How often the portal has sent something after the server had.
    pub(crate) fn round_trips(&self) -> usize {
        self.shared.round_trips.load(Ordering::SeqCst)
    }

    /// Lets the connections that there are carry nothing any more, as a firewall that has forgotten
    /// them.
    pub(crate) fn forget_connections(&self) {
        let accepted = self.shared.accepted.load(Ordering::SeqCst);
        self.shared.first_alive.store(accepted, Ordering::SeqCst);
    }

    /// Lets no connection carry anything, new ones neither.
    pub(crate) fn swallow_everything(&self) {
        self.shared.first_alive.store(usize::MAX, Ordering::SeqCst);
    }
}

async fn accept(listener: TcpListener, port: u16, shared: Arc<Shared>) {
    while let Ok((client, _)) = listener.accept().await {
        let number = shared.accepted.fetch_add(1, Ordering::SeqCst);
        let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await else {
            continue;
        };
        client.set_nodelay(true).unwrap();
        server.set_nodelay(true).unwrap();
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        // The server has had its say, so to speak, before the first message.
        let answered = Arc::new(AtomicBool::new(true));
        let shared = Arc::clone(&shared);
        let (counting, answering) = (Arc::clone(&shared), Arc::clone(&answered));
        tokio::spawn(carry(
            from_client,
            to_server,
            shared.clone(),
            number,
            move || {
                if answered.swap(false, Ordering::SeqCst) {
                    counting.round_trips.fetch_add(1, Ordering::SeqCst);
                }
            },
        ));
        tokio::spawn(carry(from_server, to_client, shared, number, move || {
            answering.store(true, Ordering::SeqCst);
        }));
    }
}

async fn carry(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    shared: Arc<Shared>,
    number: usize,
    seen: impl Fn(),
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        seen();
        let is_alive = number >= shared.first_alive.load(Ordering::SeqCst);
        if is_alive && to.write_all(&buffer[..length]).await.is_err() {
            break;
        }
    }
    if number < shared.first_alive.load(Ordering::SeqCst) {
        // Forgotten: the other side never hears of the end.
        std::future::pending::<()>().await;
    }
}
