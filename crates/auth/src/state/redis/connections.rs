//! Shared connections to a Redis server or cluster.
//!
//! Connections are multiplexed, so a command clones one of the pool's handles and returns it at
//! once. The pool only opens connections, spreads commands over them, and drops broken ones.
//!
//! The pool's manager is our own, because `deadpool_redis`'s sends `UNWATCH` and `PING` whenever a
//! connection is taken, an extra round trip for each command. Instead, a closed socket and a
//! command that times out mark the connections as broken.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};
use deadpool_redis::cluster::{ClusterClient, ClusterClientBuilder, ClusterConnection};
use deadpool_redis::redis::aio::{ConnectionLike, MultiplexedConnection, SendError};
use deadpool_redis::redis::io::tcp::TcpSettings;
use deadpool_redis::redis::{
    AsyncConnectionConfig, Cmd, ConnectionInfo, ErrorKind, IntoConnectionInfo as _, Pipeline,
    ProtocolVersion, PushInfo, PushKind, RedisError, RedisFuture, RedisResult, ServerErrorKind,
    Value,
};
use deadpool_redis::{BuildError, Manager};
use secrecy::ExposeSecret as _;
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};

use super::{RedisConfig, RedisConfigError};
use crate::state::{StateResult, StateUnavailable};

/// The number of connections to a single server. More than one, so that not all cores wait for the
/// task that writes to its socket.
const NODE_CONNECTIONS: usize = 4;

/// The number of connections to a cluster, each of which has one to every node.
const CLUSTER_CONNECTIONS: usize = 1;

/// How often a command to a cluster is retried, including redirections to moved slots.
const CLUSTER_RETRIES: u32 = 5;

/// The minimum and maximum wait between retries, in milliseconds.
const CLUSTER_RETRY_WAIT: (u64, u64) = (10, 100);

/// The connections to Redis.
pub(super) struct Connections {
    pool: managed::Pool<Connector>,
    generation: Arc<Generation>,
    timeout: Duration,
}

impl Connections {
    /// A pool that has not connected yet. The current Tokio runtime drives its connections.
    pub(super) fn open(config: &RedisConfig) -> Result<Self, RedisConfigError> {
        let generation = Arc::new(Generation::default());
        let (target, size) = if config.cluster {
            (Target::cluster(config)?, CLUSTER_CONNECTIONS)
        } else {
            (Target::node(config, &generation)?, NODE_CONNECTIONS)
        };
        let connector = Connector {
            target,
            generation: Arc::clone(&generation),
            runtime: Handle::current(),
        };
        let pool = managed::Pool::builder(connector)
            .max_size(size)
            .build()
            .map_err(|error: BuildError| RedisConfigError::Pool(error.into()))?;
        Ok(Self {
            pool,
            generation,
            timeout: config.timeout,
        })
    }

    /// Runs a command within the timeout, including connecting if necessary.
    pub(super) async fn run<T, F>(&self, command: impl FnOnce(Connection) -> F) -> StateResult<T>
    where
        F: Future<Output = RedisResult<T>>,
    {
        let deadline = Instant::now() + self.timeout;
        let link = timeout_at(deadline, self.pool.get())
            .await
            .map_err(StateUnavailable::new)?
            .map_err(StateUnavailable::new)?;
        let (connection, made_in) = (link.connection.clone(), link.made_in);
        drop(link);
        match timeout_at(deadline, command(connection)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => {
                if is_connection_error(&error) {
                    self.generation.end(made_in);
                }
                Err(StateUnavailable::new(error))
            }
            Err(elapsed) => {
                self.generation.end(made_in);
                Err(StateUnavailable::new(elapsed))
            }
        }
    }
}

/// Whether a new connection may help: this one is broken, or its server has become a replica, and
/// the host name resolves to the new primary.
fn is_connection_error(error: &RedisError) -> bool {
    error.is_unrecoverable_error() || error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly)
}

/// The generation of connections, which ends when one of them breaks: the cause, such as a restart
/// of the server, usually breaks them all.
#[derive(Default)]
struct Generation(AtomicU64);

impl Generation {
    fn current(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// Ends a generation, if it is the current one.
    fn end(&self, generation: u64) {
        let next = generation.wrapping_add(1);
        // It fails if the generation has already ended.
        let _ = self
            .0
            .compare_exchange(generation, next, Ordering::AcqRel, Ordering::Acquire);
    }

    fn end_current(&self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }
}

/// A connection of the pool.
struct Link {
    connection: Connection,
    made_in: u64,
}

/// Makes the connections of the pool.
struct Connector {
    target: Target,
    generation: Arc<Generation>,
    /// Drives the connections. Not the worker's runtime that runs a request, as workers stop one by
    /// one, and the others still need the connections.
    runtime: Handle,
}

/// What to connect to.
enum Target {
    Node(Arc<Manager>),
    Cluster(Arc<ClusterClient>),
}

impl Target {
    fn node(config: &RedisConfig, generation: &Arc<Generation>) -> Result<Self, RedisConfigError> {
        let closed = {
            let generation = Arc::clone(generation);
            move |push: PushInfo| {
                if push.kind == PushKind::Disconnection {
                    generation.end_current();
                }
                Ok::<(), SendError>(())
            }
        };
        let timeouts = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(config.timeout))
            .set_response_timeout(None) // `Connections::run` limits the whole command
            .set_push_sender(closed);
        let manager = Manager::new_with_config(address(config)?, timeouts)
            .map_err(RedisConfigError::address)?;
        Ok(Self::Node(Arc::new(manager)))
    }

    /// A cluster's connection reconnects to nodes and follows moved slots by itself.
    fn cluster(config: &RedisConfig) -> Result<Self, RedisConfigError> {
        let tcp = TcpSettings::default();
        // Detects a vanished node within the timeout, instead of the system's quarter of an hour.
        #[cfg(target_os = "linux")]
        let tcp = tcp.set_user_timeout(config.timeout);
        let (least, most) = CLUSTER_RETRY_WAIT;
        ClusterClientBuilder::new([address(config)?])
            .connection_timeout(config.timeout)
            .response_timeout(config.timeout)
            .retries(CLUSTER_RETRIES)
            .min_retry_wait(least)
            .max_retry_wait(most)
            .tcp_settings(tcp)
            .build()
            .map(|client| Self::Cluster(Arc::new(client)))
            .map_err(RedisConfigError::address)
    }
}

/// The server's address, with RESP3, the protocol version in which a closed connection is reported
/// at once.
fn address(config: &RedisConfig) -> Result<ConnectionInfo, RedisConfigError> {
    let info = config
        .url
        .expose_secret()
        .into_connection_info()
        .map_err(RedisConfigError::address)?;
    let settings = info
        .redis_settings()
        .clone()
        .set_protocol(ProtocolVersion::RESP3);
    Ok(info.set_redis_settings(settings))
}

impl managed::Manager for Connector {
    type Type = Link;
    type Error = RedisError;

    async fn create(&self) -> RedisResult<Link> {
        let made_in = self.generation.current();
        let connecting = match &self.target {
            Target::Node(manager) => {
                let manager = Arc::clone(manager);
                self.runtime.spawn(async move {
                    managed::Manager::create(&*manager)
                        .await
                        .map(Connection::Node)
                })
            }
            Target::Cluster(client) => {
                let client = Arc::clone(client);
                self.runtime.spawn(async move {
                    let connection = client.get_async_connection().await;
                    connection.map(Connection::Cluster)
                })
            }
        };
        let connection = connecting.await.map_err(io::Error::other)??;
        Ok(Link {
            connection,
            made_in,
        })
    }

    /// Without a round trip, as broken connections are known.
    async fn recycle(&self, link: &mut Link, _: &Metrics) -> RecycleResult<RedisError> {
        match link.connection {
            Connection::Node(_) if link.made_in != self.generation.current() => {
                Err(RecycleError::message("the connection was lost"))
            }
            Connection::Node(_) | Connection::Cluster(_) => Ok(()),
        }
    }
}

/// A handle of a multiplexed connection.
#[derive(Clone)]
pub(super) enum Connection {
    Node(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Node(connection) => connection.req_packed_command(cmd),
            Self::Cluster(connection) => connection.req_packed_command(cmd),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Node(connection) => connection.req_packed_commands(pipeline, offset, count),
            Self::Cluster(connection) => connection.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Node(connection) => connection.get_db(),
            Self::Cluster(connection) => connection.get_db(),
        }
    }
}
