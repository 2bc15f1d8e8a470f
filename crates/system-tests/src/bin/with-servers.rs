//! Runs a command with servers of its own, whose addresses it finds in the environment:
//!
//! ```text
//! with-servers [postgres] [redis | redis-cluster] -- COMMAND [ARGUMENT]...
//! ```
//!
//! `TEST_DATABASE_URL` is the address of a PostgreSQL superuser, `TEST_REDIS_URL` that of a Redis
//! server or, separated by commas, of the nodes of a cluster.
#![expect(clippy::print_stderr, reason = "speaks to the person at the terminal")]

use std::process::{Command, ExitCode};

use portal_system_tests::postgres::PostgresServer;
use portal_system_tests::redis::{RedisCluster, RedisServer};
use portal_test_support::redis::RedisAddress;

const USAGE: &str =
    "usage: with-servers [postgres] [redis | redis-cluster] -- COMMAND [ARGUMENT]...";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let mut servers = Servers::default();
    let mut variables = Vec::new();
    for argument in arguments.by_ref().take_while(|argument| argument != "--") {
        match &*argument {
            "postgres" => {
                let server = servers.postgres.insert(PostgresServer::start());
                variables.push(("TEST_DATABASE_URL", server.address().url("postgres")));
            }
            "redis" => {
                let server = servers.redis.insert(RedisServer::start());
                variables.push(("TEST_REDIS_URL", server.address().url().to_owned()));
            }
            "redis-cluster" => {
                let cluster = servers.cluster.insert(RedisCluster::start());
                let nodes = cluster.addresses();
                let urls: Vec<_> = nodes.iter().map(RedisAddress::url).collect();
                variables.push(("TEST_REDIS_URL", urls.join(",")));
            }
            _ => {
                eprintln!("{USAGE}");
                return ExitCode::from(2);
            }
        }
    }
    let Some(program) = arguments.next() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let status = Command::new(&program)
        .args(arguments)
        .envs(variables)
        .status();
    match status {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{program}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// They end when this is dropped.
#[derive(Default)]
struct Servers {
    postgres: Option<PostgresServer>,
    redis: Option<RedisServer>,
    cluster: Option<RedisCluster>,
}
