//! Lua scripts, which run several commands atomically, by the server's clock. A script is sent by
//! its hash, and in full only to a server that does not have it yet.

use std::sync::LazyLock;

use deadpool_redis::redis::Script;

/// See [`StateStore::attempt`](crate::StateStore::attempt).
pub(super) static ATTEMPT: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("attempt.lua")));

/// See [`StateStore::record_failure`](crate::StateStore::record_failure).
pub(super) static RECORD_FAILURE: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("record_failure.lua")));

/// See [`StateStore::count_write`](crate::StateStore::count_write).
pub(super) static COUNT_WRITE: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("count_write.lua")));
