//! Redis is gone, and comes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use portal_auth::state::RedisState;
use portal_auth::{SessionToken, StateStore as _};
use portal_system_tests::redis::{RedisCluster, RedisServer};
use tokio::task::JoinSet;

use crate::{open, recovers, works};
use portal_test_support::state::redis_config as config;

/// What a client may have to wait for the response 503.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Everything fails, and soon.
async fn is_gone(state: &RedisState) {
    for _ in 0..3 {
        let start = Instant::now();
        assert!(state.ping().await.is_err());
        let id = SessionToken::generate().id();
        assert!(start.elapsed() < TIMEOUT, "{:?}", start.elapsed());

        let start = Instant::now();
        assert!(state.touch_session(&id).await.is_err());
        assert!(start.elapsed() < TIMEOUT, "{:?}", start.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_need_not_be_there_at_first() {
    let mut server = RedisServer::start();
    server.kill();
    let state = open(config(server.address()));
    is_gone(&state).await;
    server.restart();
    works(&state).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_was_killed_is_missed_and_found_again() {
    let mut server = RedisServer::start();
    let state = open(config(server.address()));
    works(&state).await.unwrap();
    for _ in 0..2 {
        server.kill();
        is_gone(&state).await;
        server.restart();
        works(&state).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_does_not_answer_is_missed_and_found_again() {
    let server = RedisServer::start();
    let state = open(config(server.address()));
    works(&state).await.unwrap();
    let frozen = server.freeze();
    is_gone(&state).await;
    drop(frozen);
    works(&state).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_others_closed_are_replaced() {
    let server = RedisServer::start();
    let state = open(config(server.address()));
    works(&state).await.unwrap();
    server
        .address()
        .command(["CLIENT", "KILL", "TYPE", "normal"]);
    recovers(&state).await;
}

/// The server's workers end one after another, each with its runtime.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_runtime_that_ends_costs_no_other_its_connection() {
    let server = RedisServer::start();
    let state = Arc::new(open(config(server.address())));
    works(&state).await.unwrap();
    let other = Arc::clone(&state);
    let worker = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(works(&other)).unwrap();
    });
    worker.join().unwrap();
    let before = server.address().command(["INFO", "stats"]);
    works(&state).await.unwrap();
    let after = server.address().command(["INFO", "stats"]);
    let connections = |stats: &str| {
        let name = "total_connections_received:";
        let line = stats.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap().trim().parse::<u64>().unwrap()
    };
    // the one more is the second `INFO`
    assert_eq!(connections(&after), connections(&before) + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_load_every_answer_comes_in_time() {
    let mut server = RedisServer::start();
    let state = Arc::new(open(config(server.address())));
    let (stop, failed) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicUsize::new(0)),
    );
    let mut clients = JoinSet::new();
    for _ in 0..32 {
        let (state, stop, failed) = (state.clone(), stop.clone(), failed.clone());
        clients.spawn(async move {
            let mut slowest = Duration::ZERO;
            while !stop.load(Ordering::Relaxed) {
                let start = Instant::now();
                let id = SessionToken::generate().id();
                if state.touch_session(&id).await.is_err() {
                    failed.fetch_add(1, Ordering::Relaxed);
                }
                slowest = slowest.max(start.elapsed());
                tokio::task::yield_now().await;
            }
            slowest
        });
    }
    let failures = |more_than| {
        let failed = failed.clone();
        async move {
            while failed.load(Ordering::Relaxed) <= more_than {
                tokio::task::yield_now().await;
            }
        }
    };
    server.kill();
    failures(0).await;
    server.restart();
    recovers(&state).await;
    let frozen = server.freeze();
    failures(failed.load(Ordering::Relaxed)).await;
    drop(frozen);
    recovers(&state).await;

    stop.store(true, Ordering::Relaxed);
    while let Some(slowest) = clients.join_next().await {
        let slowest = slowest.unwrap();
        assert!(slowest < TIMEOUT, "{slowest:?}");
    }
    works(&state).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_that_was_killed_is_missed_and_found_again() {
    let mut cluster = RedisCluster::start();
    let mut config = config(cluster.addresses().first().unwrap());
    config.cluster = true;
    let state = open(config);
    works(&state).await.unwrap();
    cluster.kill();
    is_gone(&state).await;
    cluster.restart();
    recovers(&state).await;
}
