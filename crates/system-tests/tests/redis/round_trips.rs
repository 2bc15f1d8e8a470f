//! How often a method waits for Redis.

use portal_auth::rate_limits::{AccountDigest, LOGIN, LimitKey, SPRAYING};
use portal_auth::{SessionToken, StateStore, WriteLimits, Writer};
use portal_system_tests::redis::RedisServer;
use portal_test_support::redis::RedisAddress;

use crate::{open, works};
use portal_test_support::state::redis_config as config;
use portal_test_support::state::session_record as record;

const TIMES: u64 = 20;

/// How often the server has read something from a client. One that waits for each answer is read
/// once per round trip.
fn reads(server: &RedisAddress) -> u64 {
    let stats = server.command(["INFO", "stats"]);
    let name = "total_reads_processed:";
    let line = stats.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap().trim().parse().unwrap()
}

/// The reads for so many calls of a method, without those for asking.
macro_rules! reads_for {
    ($server:expr, $method:expr) => {{
        let before = reads($server);
        let asking = reads($server) - before;
        let before = reads($server);
        for _ in 0..TIMES {
            $method.await.unwrap();
        }
        reads($server) - before - asking
    }};
}

#[tokio::test]
async fn every_method_that_requests_wait_for_takes_one_round_trip() {
    let server = RedisServer::start();
    let state = open(config(server.address()));
    // connects, and makes the scripts known
    for _ in 0..8 {
        works(&state).await.unwrap();
    }
    let server = server.address();
    let (id, record) = (SessionToken::generate().id(), record());
    let key = LimitKey::for_client(&LOGIN, "192.0.2.1".parse().unwrap());
    let account = AccountDigest::of("ada");
    state
        .record_failure(&key, &account, &SPRAYING)
        .await
        .unwrap();
    state.insert_session(&id, &record).await.unwrap();
    let writer = Writer {
        user: record.user_id,
        organization: record.org_id,
    };
    let limits = WriteLimits::default();
    state.count_write(&writer, &limits).await.unwrap();

    let measured = [
        ("ping", reads_for!(server, state.ping())),
        ("touch", reads_for!(server, state.touch_session(&id))),
        (
            "replace",
            reads_for!(server, state.replace_session(&id, &record)),
        ),
        ("remove", reads_for!(server, state.remove_session(&id))),
        ("attempt", reads_for!(server, state.attempt(&key))),
        ("give back", reads_for!(server, state.give_back(&key))),
        ("clear", reads_for!(server, state.clear(&key))),
        (
            "write",
            reads_for!(server, state.count_write(&writer, &limits)),
        ),
        (
            "failure",
            reads_for!(server, state.record_failure(&key, &account, &SPRAYING)),
        ),
    ];
    for (method, reads) in measured {
        assert_eq!(reads, TIMES, "{method}");
    }
    // more, to look after the index
    let inserts = reads_for!(server, async {
        let id = SessionToken::generate().id();
        state.insert_session(&id, &record).await
    });
    assert!(inserts <= 3 * TIMES, "{inserts}");
}
