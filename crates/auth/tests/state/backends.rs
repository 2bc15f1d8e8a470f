//! A backend for each case, and how time passes there.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use chrono::TimeDelta;
use portal_auth::StateStore;
use portal_auth::state::{MemoryState, RedisConfig, RedisState};
use portal_domain::environment::SystemEnvironment;
use portal_domain::ids::UserId;
use portal_test_support::ManualEnvironment;
use portal_test_support::servers::redis::{RedisAddress, RedisCluster};

/// A state without sessions and counts.
pub(crate) struct Backend {
    pub(crate) store: Arc<dyn StateStore>,
    /// The clock of the portal; the state in memory has no other.
    pub(crate) env: Arc<ManualEnvironment>,
    /// What a state in Redis wrote.
    pub(crate) written: Option<Written>,
}

impl Backend {
    /// Lets time pass.
    pub(crate) fn advance(&self, by: Duration) {
        self.env.advance(TimeDelta::from_std(by).unwrap());
        if let Some(written) = &self.written {
            written.age(by);
        }
    }

    /// A state in Redis, under a prefix of its own.
    pub(crate) fn redis(nodes: &[RedisAddress]) -> Self {
        let config = config(nodes.first().unwrap());
        let config = RedisConfig {
            cluster: nodes.len() > 1,
            ..config
        };
        let written = Written {
            nodes: nodes.to_vec(),
            prefix: config.key_prefix.clone(),
        };
        Self {
            store: Arc::new(RedisState::open(config).unwrap()),
            env: Arc::default(),
            written: Some(written),
        }
    }
}

/// The keys of one state in Redis.
pub(crate) struct Written {
    nodes: Vec<RedisAddress>,
    pub(crate) prefix: String,
}

impl Written {
    /// All keys, each with the node that has it.
    pub(crate) fn keys(&self) -> Vec<(&RedisAddress, String)> {
        let pattern = format!("{}*", self.prefix);
        let keys = self.nodes.iter().flat_map(|node| {
            let keys = node.command(["--scan", "--pattern", &pattern]);
            let keys: Vec<_> = keys.lines().map(str::to_owned).collect();
            keys.into_iter().map(move |key| (node, key))
        });
        keys.collect()
    }

    /// The server's clock cannot be moved, so what it has stored is.
    fn age(&self, by: Duration) {
        let by = by.as_millis().to_string();
        for (node, key) in self.keys() {
            node.command(["EVAL", include_str!("advance.lua"), "1", &key, &by]);
        }
    }
}

/// A server, with a prefix that nobody else has.
pub(crate) fn config(server: &RedisAddress) -> RedisConfig {
    RedisConfig {
        url: server.url().into(),
        cluster: false,
        timeout: Duration::from_secs(1),
        key_prefix: format!("test:{}:", UserId::generate(&SystemEnvironment)),
    }
}

pub(crate) fn in_memory() -> Backend {
    let env = Arc::new(ManualEnvironment::new());
    Backend {
        store: Arc::new(MemoryState::new(env.clone())),
        env,
        written: None,
    }
}

pub(crate) fn in_redis() -> Backend {
    Backend::redis(&[RedisAddress::shared()])
}

pub(crate) fn in_a_cluster() -> Backend {
    static CLUSTER: LazyLock<RedisCluster> = LazyLock::new(RedisCluster::start);
    Backend::redis(&addresses(&CLUSTER))
}

pub(crate) fn addresses(cluster: &RedisCluster) -> Vec<RedisAddress> {
    let nodes = cluster.nodes().iter();
    nodes.map(|node| node.address().clone()).collect()
}
