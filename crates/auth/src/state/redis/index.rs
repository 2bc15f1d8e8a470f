//! The index of a user's sessions.
//!
//! The index is a set in a slot of its own, so it only follows the sessions, which end by
//! themselves: it is read to find what can be removed, never to decide what is good.

use std::collections::HashSet;
use std::time::Duration;

use deadpool_redis::redis::{AsyncCommands as _, RedisResult, pipe};
use futures_util::future::try_join_all;
use portal_domain::ids::UserId;

use super::connections::Connection;
use super::keys::Keys;
use crate::tokens::SessionId;

/// How long an index is kept after the last sign-in of its user. Should a session be used for longer
/// than that, without another sign-in, [`remove_sessions`] does not find it any more.
const TTL: Duration = Duration::from_hours(30 * 24);

/// How many entries are looked at whenever one is added. As that is more than one, the dead cannot
/// outnumber the living for long.
const SAMPLE: isize = 3;

/// Enters a session, and returns a few of those that stand there.
pub(super) async fn enter(
    mut connection: Connection,
    keys: &Keys,
    user: UserId,
    id: &SessionId,
) -> RedisResult<Vec<SessionId>> {
    let index = keys.sessions_of(user);
    let (sample,): (HashSet<String>,) = pipe()
        .sadd(&index, id.to_string())
        .ignore()
        .expire(&index, TTL.as_secs().cast_signed())
        .ignore()
        .srandmember_multiple(&index, SAMPLE)
        .query_async(&mut connection)
        .await?;
    Ok(ids(&sample))
}

/// Takes out those of these sessions that have ended.
pub(super) async fn prune(
    mut connection: Connection,
    keys: &Keys,
    user: UserId,
    sample: &[SessionId],
) -> RedisResult<()> {
    let look_ups = sample.iter().map(|id| {
        let mut connection = connection.clone();
        async move {
            let exists: bool = connection.exists(keys.session(id)).await?;
            RedisResult::Ok((!exists).then(|| id.to_string()))
        }
    });
    let ended: Vec<_> = try_join_all(look_ups)
        .await?
        .into_iter()
        .flatten()
        .collect();
    if ended.is_empty() {
        return Ok(());
    }
    connection.srem(keys.sessions_of(user), ended).await
}

/// Removes the sessions of a user, but for the one to keep.
pub(super) async fn remove_sessions(
    mut connection: Connection,
    keys: &Keys,
    user: UserId,
    keep: Option<&SessionId>,
) -> RedisResult<()> {
    let index = keys.sessions_of(user);
    let mut sessions = ids(&connection.smembers(&index).await?);
    sessions.retain(|id| Some(id) != keep);
    if sessions.is_empty() {
        return Ok(());
    }
    let removals = sessions.iter().map(|id| {
        let mut connection = connection.clone();
        async move { connection.del::<_, ()>(keys.session(id)).await }
    });
    try_join_all(removals).await?;
    // Last, so that what has failed half-way is found again; and by name, as others may have been
    // entered meanwhile.
    let removed: Vec<_> = sessions.iter().map(ToString::to_string).collect();
    connection.srem(index, removed).await
}

/// The entries, but for those that are no session's id, which nobody has written.
fn ids(entries: &HashSet<String>) -> Vec<SessionId> {
    entries
        .iter()
        .filter_map(|entry| entry.parse().ok())
        .collect()
}
