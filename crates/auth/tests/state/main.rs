//! What every state backend has to hold. Runs on the state in memory, or on the Redis or cluster that
//! `TEST_REDIS_URL` names.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a case that cannot go on has failed"
)]

mod counts;
mod rate_limits;
mod sessions;
