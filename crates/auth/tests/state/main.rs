//! Tests for every state backend. They run on the one in memory, or on the Redis server or cluster
//! of `TEST_REDIS_URL`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a case that cannot go on has failed"
)]

mod counts;
mod rate_limits;
mod sessions;
mod writes;
