//! What is stored, and for how long.

use std::sync::LazyLock;
use std::time::Duration;

use portal_auth::rate_limits::{AccountDigest, LOGIN, LimitKey, SPRAYING};
use portal_auth::state::{RedisConfig, RedisConfigError, RedisState};
use portal_auth::{SESSION_TTL, SessionToken, WriteLimits, Writer};
use portal_system_tests::redis::{RedisCluster, RedisServer};

use portal_test_support::state::session_record as record;
use portal_test_support::state::{TestState, redis_config as config};

/// One that all of these tests share.
static SERVER: LazyLock<RedisServer> = LazyLock::new(RedisServer::start);

const ADDRESS: &str = "ada@example.com";

/// Fills a state with one of everything.
async fn fill(backend: &TestState) -> SessionToken {
    let (token, store) = (SessionToken::generate(), &backend.store);
    let record = record();
    store.insert_session(&token.id(), &record).await.unwrap();
    let writer = Writer {
        user: record.user_id,
        organization: record.org_id,
    };
    let limits = WriteLimits::default();
    store.count_write(&writer, &limits).await.unwrap();
    for key in [
        LimitKey::for_client(&LOGIN, "2001:db8::1".parse().unwrap()),
        LimitKey::for_account(&LOGIN, ADDRESS),
    ] {
        store.attempt(&key).await.unwrap();
        let account = AccountDigest::of(ADDRESS);
        store
            .record_failure(&key, &account, &SPRAYING)
            .await
            .unwrap();
    }
    let blocked = LimitKey::for_account(&LOGIN, "blocked");
    for i in 0..=LOGIN.attempts.max(SPRAYING.accounts) {
        store.attempt(&blocked).await.unwrap();
        let account = AccountDigest::of(&format!("{i}"));
        store
            .record_failure(&blocked, &account, &SPRAYING)
            .await
            .unwrap();
    }
    token
}

#[tokio::test]
async fn everything_expires_and_counts_do_within_an_hour() {
    let backend = TestState::in_redis(&[SERVER.address().clone()]);
    fill(&backend).await;
    let written = backend.written.as_ref().unwrap();
    let keys = written.keys();
    // a session, the index, two counts of attempts and failures, two blocks, two counts of changes
    assert_eq!(keys.len(), 10, "{keys:?}");
    for (node, key) in keys {
        let left = node.command(["PTTL", &key]).parse().unwrap();
        let left = Duration::from_millis(left);
        let most = match key.strip_prefix(&written.prefix).unwrap().get(..2) {
            Some("s:") => SESSION_TTL,
            Some("u:") => SESSION_TTL * 400,
            _ => Duration::from_hours(1),
        };
        assert!(left <= most && left > Duration::ZERO, "{key}: {left:?}");
    }
    backend.advance(SESSION_TTL);
    assert_eq!(written.keys().len(), 1, "the index is left");
}

#[tokio::test]
async fn tokens_and_addresses_are_stored_as_hashes_only() {
    let backend = TestState::in_redis(&[SERVER.address().clone()]);
    let token = fill(&backend).await;
    let mut seen = Vec::new();
    for (node, key) in backend.written.as_ref().unwrap().keys() {
        let content = match node.command(["TYPE", &key]).as_str() {
            "string" => node.command(["GET", &key]),
            "set" => node.command(["SMEMBERS", &key]),
            "list" => node.command(["LRANGE", &key, "0", "-1"]),
            "zset" => node.command(["ZRANGE", &key, "0", "-1"]),
            other => panic!("{key} is a {other}"),
        };
        seen.push(format!("{key} {content}"));
    }
    let seen = seen.join("\n");
    assert!(seen.contains(&token.id().to_string()), "{seen}");
    assert!(!seen.contains(token.expose()), "{seen}");
    assert!(!seen.contains('@'), "{seen}");
}

#[tokio::test]
async fn the_index_forgets_sessions_that_have_ended() {
    let backend = TestState::in_redis(&[SERVER.address().clone()]);
    let (store, record) = (&backend.store, record());
    for _ in 0..200 {
        let id = SessionToken::generate().id();
        store.insert_session(&id, &record).await.unwrap();
        store.remove_session(&id).await.unwrap();
    }
    let keys = backend.written.as_ref().unwrap().keys();
    let [(node, index)] = keys.as_slice() else {
        panic!("{keys:?}");
    };
    let entries: u32 = node.command(["SCARD", index]).parse().unwrap();
    assert!(entries < 20, "{entries}");
}

#[tokio::test]
async fn a_cluster_has_something_on_each_node() {
    let cluster = RedisCluster::start();
    let backend = TestState::in_redis(&cluster.addresses());
    for _ in 0..10 {
        fill(&backend).await;
    }
    let keys = backend.written.as_ref().unwrap().keys();
    let mut nodes: Vec<_> = keys.iter().map(|(node, _)| node.url()).collect();
    nodes.dedup();
    assert_eq!(nodes.len(), 3);
}

#[tokio::test]
async fn what_cannot_work_is_refused_at_once() {
    let good = config(&"redis://127.0.0.1".to_owned().into());
    let braces = RedisConfig {
        key_prefix: "{portal}:".to_owned(),
        ..good.clone()
    };
    assert!(matches!(
        RedisState::open(braces),
        Err(RedisConfigError::KeyPrefix)
    ));
    for url in ["http://127.0.0.1", "redis://127.0.0.1/x", ""] {
        for cluster in [false, true] {
            let config = RedisConfig {
                url: url.into(),
                cluster,
                ..good.clone()
            };
            assert!(
                matches!(RedisState::open(config), Err(RedisConfigError::Address(_))),
                "{url}"
            );
        }
    }
}
