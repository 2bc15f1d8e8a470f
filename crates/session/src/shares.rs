//! Shares of the memory for what arrives. Those of the database are the store's.

use std::net::IpAddr;
use std::time::Duration;

use portal_domain::ids::UserId;
use portal_shares::{Rule, Shares};

/// How many requests of one holder may wait for a place.
const WAITING: usize = 256;

/// Sixteen long bodies of one address, by its [`client_network`](portal_domain::clients::client_network),
/// are read at a time.
pub(crate) fn of_long_bodies() -> Shares<IpAddr> {
    Shares::new(Rule {
        whose: "address",
        places: 16,
        waiting: WAITING,
        patience: Some(Duration::from_secs(5)),
    })
}

/// Four files of one user are received at a time, each with buffers of its own. Others have to
/// arrive first, so the next one waits for longer than a request for the database would.
pub(crate) fn of_uploads() -> Shares<UserId> {
    Shares::new(Rule {
        whose: "user",
        places: 4,
        waiting: WAITING,
        patience: Some(Duration::from_mins(1)),
    })
}
