//! Shared connections to a Redis server or cluster.
//!
//! A connection is multiplexed: any number of commands may be under way on it. So a command takes
//! one out of the pool, clones the handle and puts it back at once; the pool only makes connections,
//! spreads the commands over them, and drops those that turned out to be no good.
//!
//! The pool is our own over `deadpool_redis`'s manager, because that one sends `UNWATCH` and `PING`
//! each time a connection is taken, which doubles the round trips of a command. Ours knows without
//! asking: the connection's task reports a closed socket when it happens, and a command that got no
//! answer in time does the same.

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
use crate::state::StateUnavailable;

/// How many connections to a single server are kept. Commands share them, so a few are enough; more
/// than one, so that the cores do not queue up for the one task that writes to the socket.
const NODE_CONNECTIONS: usize = 4;

/// A cluster's connection has one to each node in it.
const CLUSTER_CONNECTIONS: usize = 1;

/// How often a command to a cluster is tried: redirections count, so that some are needed whenever
/// slots move.
const CLUSTER_RETRIES: u32 = 5;

/// How long to wait between these, in milliseconds.
const CLUSTER_RETRY_WAIT: (u64, u64) = (10, 100);

/// The connections to Redis.
pub(super) struct Connections {
    pool: managed::Pool<Connector>,
    generation: Arc<Generation>,
    timeout: Duration,
}

impl Connections {
    /// Connects to nothing yet. Connections are driven by the runtime that this is called in.
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

    /// Runs a command, connecting first if need be: in `timeout` altogether, or it has failed.
    pub(super) async fn run<T, F>(
        &self,
        command: impl FnOnce(Connection) -> F,
    ) -> Result<T, StateUnavailable>
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
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                if is_of_the_connection(&error) {
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

/// Whether a new connection may help: the old one is broken, or its server has become a replica and
/// the name leads to another one by now.
fn is_of_the_connection(error: &RedisError) -> bool {
    error.is_unrecoverable_error() || error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly)
}

/// Counts the times when connections turned out to be no good. Those made before the last one are
/// not used again: what breaks one, such as a restart of the server, mostly breaks them all.
#[derive(Default)]
struct Generation(AtomicU64);

impl Generation {
    fn current(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// Ends a generation, unless it has ended already.
    fn end(&self, generation: u64) {
        let next = generation.wrapping_add(1);
        // A failure means that somebody else was first.
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
    /// Drives the connections. Requests run on runtimes of their own, which end one after another
    /// when the server stops: none of them may take a connection along that the others still need.
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
            .set_response_timeout(None) // `Connections::run` has one for the whole
            .set_push_sender(closed);
        let manager = Manager::new_with_config(address(config)?, timeouts)
            .map_err(RedisConfigError::address)?;
        Ok(Self::Node(Arc::new(manager)))
    }

    /// A cluster's connection mends itself: it reconnects to nodes and follows moved slots.
    fn cluster(config: &RedisConfig) -> Result<Self, RedisConfigError> {
        let tcp = TcpSettings::default();
        // A node whose machine has vanished is found out in this time, not in the system's quarter
        // of an hour.
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

/// Where the server is, to be spoken to in version 3 of the protocol: only there it is noticed at
/// once that a connection is closed.
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

    /// No round trip: whether the connection is any good is known already.
    async fn recycle(&self, link: &mut Link, _: &Metrics) -> RecycleResult<RedisError> {
        match link.connection {
            Connection::Node(_) if link.made_in != self.generation.current() => {
                Err(RecycleError::message("the connection was lost"))
            }
            Connection::Node(_) | Connection::Cluster(_) => Ok(()),
        }
    }
}

/// A handle of a connection, which may be cloned and used at once with the others.
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
