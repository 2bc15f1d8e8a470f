//! Redis keys.
//!
//! The part in braces decides the slot of a cluster, so that all keys of one command or script are
//! of one slot (Redis Cluster specification, "Hash tags").

use portal_domain::ids::UserId;

use crate::rate_limits::LimitKey;
use crate::tokens::SessionId;

/// Writes keys.
pub(super) struct Keys {
    /// Has no braces, which would decide the slot in place of those below.
    prefix: String,
}

/// The keys of one count.
pub(super) struct CountKeys {
    /// A list of the times of the allowed attempts, oldest first.
    pub(super) attempts: String,
    /// There while too many attempts block.
    pub(super) block: String,
    /// A sorted set of the failed accounts, by the time of their last failure.
    pub(super) failures: String,
    /// There while too many failed accounts block.
    pub(super) spraying: String,
}

impl Keys {
    /// Keys that start with `prefix`; `None` if it has braces.
    pub(super) fn new(prefix: String) -> Option<Self> {
        (!prefix.contains(['{', '}'])).then_some(Self { prefix })
    }

    /// The record of a session, as JSON.
    pub(super) fn session(&self, id: &SessionId) -> String {
        format!("{}s:{{{id}}}", self.prefix)
    }

    /// The set of the ids of a user's sessions.
    pub(super) fn sessions_of(&self, user: UserId) -> String {
        format!("{}u:{{{user}}}", self.prefix)
    }

    pub(super) fn count(&self, key: &LimitKey) -> CountKeys {
        let count = format!("{}l:{{{key}}}", self.prefix);
        CountKeys {
            block: format!("{count}:block"),
            failures: format!("{count}:failures"),
            spraying: format!("{count}:spraying"),
            attempts: count,
        }
    }

    /// A key that is never there.
    pub(super) fn nothing(&self) -> String {
        format!("{}nothing", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rate_limits::LOGIN;

    fn keys() -> Keys {
        Keys::new("test:".to_owned()).unwrap()
    }

    #[test]
    fn the_keys_of_a_count_are_of_one_slot() {
        let client = LimitKey::for_client(&LOGIN, "2001:db8::1".parse().unwrap());
        let count = keys().count(&client);
        let tag = "test:l:{login:client:2001:db8::/64}";
        assert_eq!(count.attempts, tag);
        for key in [count.block, count.failures, count.spraying] {
            assert!(key.starts_with(tag), "{key}");
        }
    }

    #[test]
    fn a_prefix_must_not_decide_the_slot() {
        for prefix in ["{portal}:", "portal{", "}"] {
            assert!(Keys::new(prefix.to_owned()).is_none(), "{prefix}");
        }
    }
}
