//! Redis keys.
//!
//! The part in braces decides the cluster slot (Redis Cluster specification, "Hash tags"). All keys
//! of a command or script have the same slot.

use portal_domain::ids::UserId;

use crate::rate_limits::{LimitKey, Writer};
use crate::tokens::SessionId;

/// Formats keys.
pub(super) struct Keys {
    /// Without braces, which would decide the slot.
    prefix: String,
}

/// The keys of one count.
pub(super) struct CountKeys {
    /// A list of the times of the allowed attempts, oldest first.
    pub(super) attempts: String,
    /// Exists while too many attempts block.
    pub(super) block: String,
    /// A sorted set of the failed accounts, by the time of their last failure.
    pub(super) failures: String,
    /// Exists while too many failed accounts block.
    pub(super) spraying: String,
}

impl Keys {
    /// Keys with this prefix; `None` if it has braces.
    pub(super) fn new(prefix: String) -> Option<Self> {
        (!prefix.contains(['{', '}'])).then_some(Self { prefix })
    }

    /// A session's record, as JSON.
    pub(super) fn session(&self, id: &SessionId) -> String {
        format!("{}s:{{{id}}}", self.prefix)
    }

    /// The set of a user's session ids.
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

    /// Lists of the times of recent changes, oldest first: the user's, and their organization's.
    pub(super) fn writes(&self, writer: &Writer) -> [String; 2] {
        let of_organization = format!("{}w:{{{}}}", self.prefix, writer.organization);
        [
            format!("{of_organization}:{}", writer.user),
            of_organization,
        ]
    }

    /// What a check of readiness writes.
    pub(super) fn ready(&self) -> String {
        format!("{}ready", self.prefix)
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
    fn the_keys_of_a_count_have_one_cluster_slot() {
        let client = LimitKey::for_client(&LOGIN, "2001:db8::1".parse().unwrap());
        let count = keys().count(&client);
        let tag = "test:l:{login:client:2001:db8::/64}";
        assert_eq!(count.attempts, tag);
        for key in [count.block, count.failures, count.spraying] {
            assert!(key.starts_with(tag), "{key}");
        }
    }

    #[test]
    fn a_prefix_with_braces_is_rejected() {
        for prefix in ["{portal}:", "portal{", "}"] {
            assert!(Keys::new(prefix.to_owned()).is_none(), "{prefix}");
        }
    }
}
