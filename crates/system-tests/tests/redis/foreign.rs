//! Keys that hold something else than the portal writes.

use std::sync::LazyLock;

use portal_auth::rate_limits::{AccountDigest, LOGIN, LimitKey, SPRAYING};
use portal_auth::state::Attempt;
use portal_auth::{SessionToken, StateStore as _, WriteLimits, Writer};
use portal_system_tests::redis::RedisServer;

use crate::{open, works};
use portal_test_support::state::redis_config as config;
use portal_test_support::state::session_record as record;

static SERVER: LazyLock<RedisServer> = LazyLock::new(RedisServer::start);

/// Commands that put something else in the place of a key.
const FOREIGN: [&[&str]; 7] = [
    &["SET", "KEY", "garbage"],
    &["SET", "KEY", ""],
    &["SET", "KEY", "{\"another\": \"json\"}"],
    &["LPUSH", "KEY", "garbage"],
    &["SADD", "KEY", "garbage"],
    &["HSET", "KEY", "field", "value"],
    &["ZADD", "KEY", "1", "garbage"],
];

fn replace(key: &str, command: &[&str]) {
    let address = SERVER.address();
    address.command(["DEL", key]);
    let command = command.iter().map(|part| part.replace("KEY", key));
    address.command(command.collect::<Vec<_>>());
}

#[tokio::test]
async fn a_session_that_cannot_be_read_has_ended() {
    let config = config(SERVER.address());
    let prefix = config.key_prefix.clone();
    let state = open(config);
    let (id, record) = (SessionToken::generate().id(), record());
    for command in FOREIGN {
        state.insert_session(&id, &record).await.unwrap();
        replace(&format!("{prefix}s:{{{id}}}"), command);
        assert_eq!(state.sessions_of(record.user_id).await.unwrap(), []);
        assert_eq!(state.touch_session(&id).await.unwrap(), None, "{command:?}");
        state.remove_session(&id).await.unwrap();
    }
}

#[tokio::test]
async fn an_index_that_is_none_keeps_nobody_from_signing_in() {
    let config = config(SERVER.address());
    let prefix = config.key_prefix.clone();
    let state = open(config);
    let record = record();
    let user = record.user_id;
    for command in FOREIGN {
        replace(&format!("{prefix}u:{{{user}}}"), command);
        assert_eq!(state.sessions_of(user).await.unwrap(), []);
        state.remove_sessions_of(user, None).await.unwrap();
        let id = SessionToken::generate().id();
        state.insert_session(&id, &record).await.unwrap();
        assert_eq!(state.touch_session(&id).await.unwrap(), Some(record));
        let listed = state.sessions_of(user).await.unwrap();
        assert_eq!(listed.len(), 1, "{command:?}");
        state.remove_sessions_of(user, None).await.unwrap();
        assert_eq!(state.touch_session(&id).await.unwrap(), None, "{command:?}");
    }
}

#[tokio::test]
async fn a_count_that_is_none_begins_anew() {
    let config = config(SERVER.address());
    let prefix = config.key_prefix.clone();
    let state = open(config);
    let key = LimitKey::for_account(&LOGIN, "ada");
    let account = AccountDigest::of("ada");
    for command in FOREIGN {
        for suffix in ["", ":block", ":failures", ":spraying"] {
            replace(&format!("{prefix}l:{{{key}}}{suffix}"), command);
            state
                .record_failure(&key, &account, &SPRAYING)
                .await
                .unwrap();
            let attempt = state.attempt(&key).await.unwrap();
            assert_eq!(attempt, Attempt::Allowed, "{suffix} {command:?}");
            state.clear(&key).await.unwrap();
        }
    }
    // It counts, too.
    for _ in 0..LOGIN.attempts {
        assert_eq!(state.attempt(&key).await.unwrap(), Attempt::Allowed);
    }
    assert_ne!(state.attempt(&key).await.unwrap(), Attempt::Allowed);
}

#[tokio::test]
async fn a_count_of_changes_that_is_none_begins_anew() {
    let config = config(SERVER.address());
    let prefix = config.key_prefix.clone();
    let state = open(config);
    let record = record();
    let writer = Writer {
        user: record.user_id,
        organization: record.org_id,
    };
    let one = WriteLimits {
        per_user: 1,
        per_organization: 1,
    };
    let of_organization = format!("{prefix}w:{{{}}}", writer.organization);
    let of_user = format!("{of_organization}:{}", writer.user);
    for command in FOREIGN {
        for key in [&of_user, &of_organization] {
            replace(key, command);
        }
        let change = state.count_write(&writer, &one).await.unwrap();
        assert_eq!(change, Attempt::Allowed, "{command:?}");
        let change = state.count_write(&writer, &one).await.unwrap();
        assert_ne!(change, Attempt::Allowed, "{command:?}");
    }
}

#[tokio::test]
async fn a_server_that_takes_no_writes_is_not_ready() {
    let server = RedisServer::start();
    let state = open(config(server.address()));
    works(&state).await.unwrap();
    for (off, on) in [
        (["REPLICAOF", "127.0.0.1", "1"], ["REPLICAOF", "NO", "ONE"]),
        (
            ["CONFIG SET", "maxmemory", "1"],
            ["CONFIG SET", "maxmemory", "0"],
        ),
        (
            ["CONFIG SET", "min-replicas-to-write", "1"],
            ["CONFIG SET", "min-replicas-to-write", "0"],
        ),
    ] {
        let words =
            |command: [&'static str; 3]| command.map(|part| part.split(' ')).into_iter().flatten();
        server.address().command(words(off));
        assert!(state.ping().await.is_err(), "{off:?}");
        server.address().command(words(on));
        state.ping().await.unwrap();
    }
}
