//! The index of a user's sessions, by which they are removed.
//!
//! The index has another cluster slot than the sessions, so it may lag behind them. It never
//! decides whether a session is valid.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::time::Duration;

use deadpool_redis::redis::{AsyncCommands as _, RedisResult, pipe};
use futures_util::future::try_join_all;
use portal_domain::ids::UserId;

use super::connections::Connection;
use super::is_wrong_type;
use super::keys::Keys;
use crate::tokens::SessionId;

/// How long an index is kept after the user's last sign-in or look at their sessions. After that,
/// neither [`sessions`] nor [`remove_sessions`] finds a session that is still in use.
const TTL: Duration = Duration::from_hours(400 * 24);

/// How many entries are checked whenever one is added. More than one, so that expired entries do
/// not accumulate.
const SAMPLE: isize = 3;

/// What is known of an index after an entry was added.
pub(super) struct Added {
    /// Some of the entries.
    pub(super) sample: Vec<SessionId>,
    /// How many there are, those of ended sessions included.
    pub(super) entries: usize,
}

/// Adds a session. Something else in the index's place, which
/// would keep the user from signing in, is replaced.
pub(super) async fn add(
    mut connection: Connection,
    keys: &Keys,
    user: UserId,
    id: &SessionId,
) -> RedisResult<Added> {
    let index = keys.sessions_of(user);
    match add_to(&mut connection, &index, id).await {
        Err(error) if is_wrong_type(&error) => {
            tracing::warn!(user = %user, "the index of a user's sessions was no set");
            connection.del::<_, ()>(&index).await?;
            add_to(&mut connection, &index, id).await
        }
        added => added,
    }
}

async fn add_to(connection: &mut Connection, index: &str, id: &SessionId) -> RedisResult<Added> {
    let (sample, entries): (HashSet<String>, usize) = pipe()
        .sadd(index, id.to_string())
        .ignore()
        .expire(index, TTL.as_secs().cast_signed())
        .ignore()
        .srandmember_multiple(index, SAMPLE)
        .scard(index)
        .query_async(connection)
        .await?;
    let sample = ids(&sample);
    Ok(Added { sample, entries })
}

/// Removes the entries of the sample whose sessions have expired.
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

/// Ends all sessions of a user but the `count` used most recently.
pub(super) async fn keep_newest(
    mut connection: Connection,
    keys: &Keys,
    user: UserId,
    count: usize,
) -> RedisResult<()> {
    let index = keys.sessions_of(user);
    let entries: HashSet<String> = connection.smembers(&index).await?;
    let look_ups = ids(&entries).into_iter().map(|id| {
        let mut connection = connection.clone();
        async move {
            // Negative if the session has ended.
            let left: i64 = connection.pttl(keys.session(&id)).await?;
            RedisResult::Ok((left, id))
        }
    });
    let mut sessions = try_join_all(look_ups).await?;
    sessions.sort_unstable_by_key(|(left, _)| Reverse(*left));
    let live = sessions.iter().take_while(|(left, _)| *left >= 0).count();
    let ended: Vec<_> = sessions.into_iter().skip(live.min(count)).collect();
    remove(connection, keys, user, ended.iter().map(|(_, id)| id)).await
}

/// The sessions of a user: their ids and records, and how long each is kept if it is not used.
pub(super) async fn sessions(
    mut connection: Connection,
    keys: &Keys,
    user: UserId,
) -> RedisResult<Vec<(SessionId, Vec<u8>, Duration)>> {
    let index = keys.sessions_of(user);
    let entries = match connection.smembers(&index).await {
        // `add` replaces it.
        Err(error) if is_wrong_type(&error) => return Ok(Vec::new()),
        entries => entries?,
    };
    let entries = ids(&entries);
    let look_ups = entries.iter().map(|id| {
        let mut connection = connection.clone();
        let key = keys.session(id);
        async move {
            let found: RedisResult<(Option<Vec<u8>>, i64)> = pipe()
                .get(&key)
                .pttl(&key)
                .query_async(&mut connection)
                .await;
            let (record, left) = match found {
                Err(error) if is_wrong_type(&error) => return RedisResult::Ok(None),
                found => found?,
            };
            let left = Duration::from_millis(left.max(0).cast_unsigned());
            Ok(record.map(|record| (*id, record, left)))
        }
    });
    let found = try_join_all(look_ups).await?;
    let pairs = entries.iter().zip(&found);
    let ended = pairs.filter(|(_, session)| session.is_none());
    let ended: Vec<_> = ended.map(|(id, _)| id.to_string()).collect();
    if !ended.is_empty() {
        connection.srem::<_, _, ()>(&index, ended).await?;
    }
    connection
        .expire::<_, ()>(&index, TTL.as_secs().cast_signed())
        .await?;
    Ok(found.into_iter().flatten().collect())
}

/// Removes the sessions of a user, except for the one to keep.
pub(super) async fn remove_sessions(
    mut connection: Connection,
    keys: &Keys,
    user: UserId,
    keep: Option<&SessionId>,
) -> RedisResult<()> {
    let index = keys.sessions_of(user);
    let entries = match connection.smembers(&index).await {
        // `add` replaces it.
        Err(error) if is_wrong_type(&error) => return Ok(()),
        entries => entries?,
    };
    let mut sessions = ids(&entries);
    sessions.retain(|id| Some(id) != keep);
    remove(connection, keys, user, sessions.iter()).await
}

async fn remove(
    mut connection: Connection,
    keys: &Keys,
    user: UserId,
    sessions: impl ExactSizeIterator<Item = &SessionId> + Clone,
) -> RedisResult<()> {
    if sessions.len() == 0 {
        return Ok(());
    }
    let removals = sessions.clone().map(|id| {
        let mut connection = connection.clone();
        async move { connection.del::<_, ()>(keys.session(id)).await }
    });
    try_join_all(removals).await?;
    // Last, so that a retry finds the sessions again; by id, as others may have been added
    // meanwhile.
    let removed: Vec<_> = sessions.map(ToString::to_string).collect();
    connection.srem(keys.sessions_of(user), removed).await
}

/// The entries that are session ids.
fn ids(entries: &HashSet<String>) -> Vec<SessionId> {
    entries
        .iter()
        .filter_map(|entry| entry.parse().ok())
        .collect()
}
