//! A Redis Cluster on the loopback interface.

use portal_test_support::redis::RedisAddress;

use super::{RedisServer, folder};
use crate::process::{free_port, log_in, wait_until};

/// A cluster of three nodes, each with a third of the slots and without replicas.
pub struct RedisCluster {
    nodes: Vec<RedisServer>,
}

impl RedisCluster {
    /// How many slots a cluster has (Redis Cluster specification, "Key distribution model").
    const SLOTS: usize = 16_384;
    const NODES: usize = 3;

    /// A new one.
    pub fn start() -> Self {
        let nodes: Vec<_> = std::iter::repeat_with(Node::start)
            .take(Self::NODES)
            .collect();
        // Only a node that does not know another yet may be given its epoch.
        for (number, node) in nodes.iter().enumerate() {
            let bound = |number| Self::SLOTS * number / Self::NODES;
            let (first, last) = (bound(number), bound(number + 1) - 1);
            let (first, last) = (first.to_string(), last.to_string());
            node.command(["CLUSTER", "ADDSLOTSRANGE", &first, &last]);
            node.command(["CLUSTER", "SET-CONFIG-EPOCH", &(number + 1).to_string()]);
        }
        for node in &nodes {
            for other in &nodes {
                let (port, bus) = (other.port.to_string(), other.bus.to_string());
                node.command(["CLUSTER", "MEET", "127.0.0.1", &port, &bus]);
            }
        }
        let cluster = Self {
            nodes: nodes.into_iter().map(|node| node.server).collect(),
        };
        cluster.wait_until_ready();
        cluster
    }

    /// Its nodes.
    pub fn nodes(&self) -> &[RedisServer] {
        &self.nodes
    }

    /// Where its nodes are.
    pub fn addresses(&self) -> Vec<RedisAddress> {
        let nodes = self.nodes.iter();
        nodes.map(|node| node.address().clone()).collect()
    }

    /// Ends its nodes at once, as `kill -9` does.
    pub fn kill(&mut self) {
        self.nodes.iter_mut().for_each(RedisServer::kill);
    }

    /// Starts its nodes anew, empty, at the same addresses.
    pub fn restart(&mut self) {
        self.nodes.iter_mut().for_each(RedisServer::restart);
        self.wait_until_ready();
    }

    fn wait_until_ready(&self) {
        for node in &self.nodes {
            let ready = || {
                let information = node.address().command(["CLUSTER", "INFO"]);
                information.contains("cluster_state:ok")
                    && information.contains(&format!("cluster_size:{}", Self::NODES))
            };
            wait_until(ready, &log_in(node.folder.path()));
        }
    }
}

/// A server that is to be in a cluster, with the port that it speaks to the others on.
struct Node {
    server: RedisServer,
    port: u16,
    bus: u16,
}

impl Node {
    fn start() -> Self {
        let (port, bus) = (free_port(), free_port());
        let address = format!("redis://127.0.0.1:{port}").into();
        let server = RedisServer::with(
            folder(),
            address,
            [
                format!("--port {port}"),
                "--cluster-enabled yes".to_owned(),
                format!("--cluster-port {bus}"),
                "--cluster-node-timeout 2000".to_owned(),
            ],
        );
        Self { server, port, bus }
    }

    fn command<const N: usize>(&self, command: [&str; N]) -> String {
        self.server.address().command(command)
    }
}
