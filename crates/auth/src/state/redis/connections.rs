//! Shared connections to a Redis server or cluster.
//!
//! Connections are multiplexed, so a command clones the pool's handle and returns it at once. The
//! pool only opens the connection, for one of all that ask at once, and drops a broken one.
//!
//! The pool's manager is our own, because `deadpool_redis`'s sends `UNWATCH` and `PING` whenever a
//! connection is taken, an extra round trip for each command. Instead, a closed socket and a
//! command that times out mark the connections as broken.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};
use deadpool_redis::Manager;
use deadpool_redis::cluster::{ClusterClient, ClusterClientBuilder, ClusterConnection};
use deadpool_redis::redis::aio::{ConnectionLike, MultiplexedConnection, SendError};
use deadpool_redis::redis::io::tcp::TcpSettings;
use deadpool_redis::redis::{
    AsyncConnectionConfig, Cmd, ConnectionInfo, ErrorKind, IntoConnectionInfo as _, Pipeline,
    ProtocolVersion, PushInfo, PushKind, RedisError, RedisFuture, RedisResult, ServerErrorKind,
    Value,
};
use secrecy::ExposeSecret as _;
use tokio::runtime::{Handle, Id};
use tokio::time::{Instant, timeout_at};

use super::{RedisConfig, RedisConfigError};
use crate::state::{StateResult, StateUnavailable};

/// How often a command to a cluster is retried, including redirections to moved slots.
const CLUSTER_RETRIES: u32 = 5;

/// The minimum and maximum wait between retries, in milliseconds.
const CLUSTER_RETRY_WAIT: (u64, u64) = (10, 100);

/// The connections to Redis: one for each runtime that has asked for any. A worker of a web server
/// is one, and waits for what its own thread reads.
pub(super) struct Connections {
    pools: RwLock<HashMap<Id, Pool>>,
    target: Target,
    generation: Arc<Generation>,
    timeout: Duration,
}

type Pool = managed::Pool<Connector>;

impl Connections {
    pub(super) fn open(config: &RedisConfig) -> Result<Self, RedisConfigError> {
        let generation = Arc::new(Generation::default());
        Ok(Self {
            pools: RwLock::default(),
            target: Target::of(config, &generation)?,
            generation,
            timeout: config.timeout,
        })
    }

    /// The pool of the current runtime. Those of runtimes that are over are kept: workers end when
    /// the program does.
    fn pool(&self) -> StateResult<Pool> {
        let here = Handle::current();
        let pools = self.pools.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(pool) = pools.get(&here.id()) {
            return Ok(pool.clone());
        }
        drop(pools);
        let id = here.id();
        let connector = Connector {
            target: self.target.clone(),
            generation: Arc::clone(&self.generation),
            runtime: here,
        };
        let pool = Pool::builder(connector)
            .max_size(1)
            .build()
            .map_err(StateUnavailable::new)?;
        let mut pools = self.pools.write().unwrap_or_else(PoisonError::into_inner);
        Ok(pools.entry(id).or_insert(pool).clone())
    }

    /// Runs a command within the timeout, including connecting if necessary.
    pub(super) async fn run<T, F>(&self, command: impl FnOnce(Connection) -> F) -> StateResult<T>
    where
        F: Future<Output = RedisResult<T>>,
    {
        let deadline = Instant::now() + self.timeout;
        let link = timeout_at(deadline, self.pool()?.get())
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
    /// Drives the connection, even if who first asked for it is gone.
    runtime: Handle,
}

/// What to connect to.
#[derive(Clone)]
enum Target {
    Node(Arc<Manager>),
    /// A connection to a cluster has one to every node.
    Cluster(Arc<ClusterClient>),
}

impl Target {
    fn of(config: &RedisConfig, generation: &Arc<Generation>) -> Result<Self, RedisConfigError> {
        if config.cluster {
            Self::cluster(config)
        } else {
            Self::node(config, generation)
        }
    }

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
