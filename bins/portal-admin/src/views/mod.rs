//! The output of each entity: the API's own type, and the fields that only operators see.

pub(crate) mod audit;
pub(crate) mod branding;
pub(crate) mod checkouts;
pub(crate) mod devices;
pub(crate) mod mail;
pub(crate) mod organizations;
pub(crate) mod tickets;
pub(crate) mod users;
