//! A state backend for each test: in memory, or in the Redis that `TEST_REDIS_URL` names.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use portal_auth::state::{MemoryState, RedisConfig, RedisState};
use portal_auth::{SessionRecord, StateStore};
use portal_domain::environment::SystemEnvironment;
use portal_domain::ids::{OrganizationId, UserId};

use crate::ManualEnvironment;
use crate::redis::RedisAddress;

/// A state without sessions and counts.
pub struct TestState {
    /// The state.
    pub store: Arc<dyn StateStore>,
    /// The clock of the portal; the state in memory has no other.
    pub env: Arc<ManualEnvironment>,
    /// The keys that a state in Redis has written.
    pub written: Option<WrittenKeys>,
}

impl TestState {
    /// A new one: in memory, unless `TEST_REDIS_URL` names a Redis server or the nodes of a cluster.
    pub fn create() -> Self {
        match RedisAddress::given().as_slice() {
            [] => Self::in_memory(),
            nodes => Self::in_redis(nodes),
        }
    }

    fn in_memory() -> Self {
        let env = Arc::new(ManualEnvironment::new());
        Self {
            store: Arc::new(MemoryState::new(env.clone())),
            env,
            written: None,
        }
    }

    /// A state in Redis, under a prefix of its own; several nodes are a cluster.
    pub fn in_redis(nodes: &[RedisAddress]) -> Self {
        let config = RedisConfig {
            cluster: nodes.len() > 1,
            ..redis_config(&nodes[0])
        };
        let written = WrittenKeys {
            nodes: nodes.to_vec(),
            prefix: config.key_prefix.clone(),
        };
        Self {
            store: Arc::new(RedisState::open(config).expect("a state")),
            env: Arc::default(),
            written: Some(written),
        }
    }

    /// Lets time pass.
    pub fn advance(&self, by: Duration) {
        self.env
            .advance(TimeDelta::from_std(by).expect("a duration"));
        if let Some(written) = &self.written {
            written.age(by);
        }
    }
}

/// The keys of one state in Redis.
pub struct WrittenKeys {
    nodes: Vec<RedisAddress>,
    /// What each of them begins with.
    pub prefix: String,
}

impl WrittenKeys {
    /// All keys, each with the node that has it.
    pub fn keys(&self) -> Vec<(&RedisAddress, String)> {
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

/// How to reach a server, with a key prefix that nobody else has.
pub fn redis_config(server: &RedisAddress) -> RedisConfig {
    RedisConfig {
        url: server.url().into(),
        cluster: false,
        timeout: Duration::from_secs(1),
        key_prefix: format!("test:{}:", UserId::generate(&SystemEnvironment)),
    }
}

/// The session of somebody who signs in.
pub fn session_record() -> SessionRecord {
    SessionRecord {
        user_id: UserId::generate(&SystemEnvironment),
        org_id: OrganizationId::generate(&SystemEnvironment),
        version: 3,
        signed_in_at: "2026-01-31T09:00:00.123456Z".parse().expect("an instant"),
        client: None,
        ip_address: None,
    }
}
