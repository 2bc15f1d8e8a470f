//! Lua scripts: decisions that take several commands, made atomically.
//!
//! They read the server's own clock, so that all instances of the portal share it. A script is sent
//! by its hash; only a server that has not seen it yet is given the text.

use std::sync::LazyLock;

use deadpool_redis::redis::Script;

/// See [`StateStore::attempt`](crate::StateStore::attempt).
pub(super) static ATTEMPT: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("attempt.lua")));

/// See [`StateStore::record_failure`](crate::StateStore::record_failure).
pub(super) static RECORD_FAILURE: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("record_failure.lua")));
