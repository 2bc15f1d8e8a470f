//! A load balancer: sends each connection to an instance that is ready.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use portal_test_support::program::Client;

/// How often each instance is asked whether it is ready.
const INTERVAL: Duration = Duration::from_millis(50);

/// An instance, as the proxy sees it.
#[derive(Debug, Clone, Copy)]
struct Instance {
    address: SocketAddr,
    ready: bool,
}

/// What the tasks of a proxy share.
struct Instances {
    all: Mutex<[Instance; 2]>,
    turn: AtomicUsize,
}

impl Instances {
    /// A connection to the first that takes it of those that are ready.
    async fn connect(&self) -> io::Result<TcpStream> {
        let mut candidates = *self.all.lock().unwrap();
        candidates.rotate_left(self.turn.fetch_add(1, Ordering::Relaxed) % 2);
        let mut outcome = Err(io::ErrorKind::NotConnected.into());
        for instance in candidates.iter().filter(|instance| instance.ready) {
            outcome = TcpStream::connect(instance.address).await;
            if outcome.is_ok() {
                break;
            }
        }
        outcome
    }

    async fn watch(&self) {
        loop {
            let seen = *self.all.lock().unwrap();
            for (number, Instance { address, .. }) in seen.into_iter().enumerate() {
                let response = Client::new(address).get("//readyz").await;
                let ready = response.is_ok_and(|response| response.status == 200);
                let mut all = self.all.lock().unwrap();
                // unless it was replaced meanwhile
                for instance in all.iter_mut().skip(number).take(1) {
                    instance.ready = ready && instance.address == address;
                }
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }
}

/// A load balancer between two instances.
pub(crate) struct Proxy {
    address: SocketAddr,
    instances: Arc<Instances>,
    _tasks: JoinSet<()>,
}

impl Proxy {
    /// One that asks these two whether they are ready.
    pub(crate) async fn start(addresses: [SocketAddr; 2]) -> Self {
        let all = addresses.map(|address| Instance {
            address,
            ready: false,
        });
        let instances = Arc::new(Instances {
            all: Mutex::new(all),
            turn: AtomicUsize::new(0),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut tasks = JoinSet::new();
        let watching = Arc::clone(&instances);
        tasks.spawn(async move { watching.watch().await });
        tasks.spawn(accept(listener, Arc::clone(&instances)));
        Self {
            address,
            instances,
            _tasks: tasks,
        }
    }

    /// Where it takes connections.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether the instance at an address gets connections.
    pub(crate) fn uses(&self, address: SocketAddr) -> bool {
        let all = self.instances.all.lock().unwrap();
        let mut ready = all.iter().filter(|instance| instance.ready);
        ready.any(|instance| instance.address == address)
    }

    /// Takes another instance for one.
    pub(crate) fn replace(&self, old: SocketAddr, address: SocketAddr) {
        let mut all = self.instances.all.lock().unwrap();
        for instance in all.iter_mut().filter(|instance| instance.address == old) {
            *instance = Instance {
                address,
                ready: false,
            };
        }
    }
}

async fn accept(listener: TcpListener, instances: Arc<Instances>) {
    // dropped with this task, which ends the connections
    let mut connections = JoinSet::new();
    while let Ok((mut client, _)) = listener.accept().await {
        let instances = Arc::clone(&instances);
        connections.spawn(async move {
            // A client that is left without a response sees that for itself.
            if let Ok(mut instance) = instances.connect().await {
                drop(tokio::io::copy_bidirectional(&mut client, &mut instance).await);
            }
        });
        while connections.try_join_next().is_some() {}
    }
}
