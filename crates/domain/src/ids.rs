//! One id type for each entity, so that ids of different entities cannot be mixed up.
//!
//! All are UUIDs of version 7 (RFC 9562, section 5.7), which sort by time of creation and so keep
//! indexes dense.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::environment::Environment;

/// The text is not a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a UUID")]
pub struct InvalidId;

/// A UUID of version 7 from the environment's clock and randomness.
fn uuid_v7(env: &dyn Environment) -> Uuid {
    let millis = u64::try_from(env.now().timestamp_millis()).unwrap_or_default();
    let mut random = [0; 10];
    random
        .iter_mut()
        .zip(env.random())
        .for_each(|(byte, drawn)| *byte = drawn);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

macro_rules! ids {
    ($($name:ident),+ $(,)?) => { $(
        /// A UUID of version 7.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id.
            pub fn generate(env: &dyn Environment) -> Self {
                Self(uuid_v7(env))
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        /// Accepts the hyphenated form only, in any case.
        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let hyphenated = text.len() == uuid::fmt::Hyphenated::LENGTH;
                hyphenated.then(|| Uuid::try_parse(text).ok()).flatten().map(Self).ok_or(InvalidId)
            }
        }
    )+ };
}

ids! {
    OrganizationId,
    UserId,
    BrandingId,
    DeviceId,
    TicketId,
    CommentId,
    FileId,
    CheckoutId,
    AuditEntryId,
    OneTimeTokenId,
    OutboxMailId,
}
