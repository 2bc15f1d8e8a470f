//! What only the state in Redis does: addresses, encryption, outages, round trips, expiry.
#![expect(clippy::unwrap_used, reason = "a case that cannot go on has failed")]

mod encryption;
mod foreign;
mod outages;
mod passwords;
mod round_trips;
mod storage;

use std::time::{Duration, Instant};

use portal_auth::rate_limits::{LOGIN, LimitKey};
use portal_auth::state::{Attempt, RedisConfig, RedisState};
use portal_auth::{SessionToken, StateStore, StateUnavailable};

use portal_test_support::state::session_record as record;

pub(crate) fn open(config: RedisConfig) -> RedisState {
    RedisState::open(config).unwrap()
}

/// Uses a state as requests do.
async fn works(state: &RedisState) -> Result<(), StateUnavailable> {
    let (id, record) = (SessionToken::generate().id(), record());
    state.ping().await?;
    state.insert_session(&id, &record).await?;
    assert_eq!(state.touch_session(&id).await?, Some(record));
    let key = LimitKey::for_account(&LOGIN, &id.to_string());
    assert_eq!(state.attempt(&key).await?, Attempt::Allowed);
    state.clear(&key).await?;
    state.remove_sessions_of(record.user_id, None).await?;
    assert_eq!(state.touch_session(&id).await?, None);
    Ok(())
}

/// Uses a state until that goes well again.
async fn recovers(state: &RedisState) {
    let start = Instant::now();
    while let Err(error) = works(state).await {
        assert!(start.elapsed() < Duration::from_secs(20), "{error:?}");
        tokio::task::yield_now().await;
    }
}
