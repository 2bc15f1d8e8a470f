//! The commands, one module per noun.

pub(crate) mod audit;
pub(crate) mod branding;
pub(crate) mod checkouts;
pub(crate) mod devices;
pub(crate) mod domain;
pub(crate) mod files;
pub(crate) mod mail;
pub(crate) mod migrate;
pub(crate) mod organizations;
pub(crate) mod tickets;
pub(crate) mod users;
