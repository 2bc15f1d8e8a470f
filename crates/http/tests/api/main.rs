//! Tests of the API, in one program so that it is linked once.

mod accounts;
mod assets;
mod bad_input;
mod billing;
mod branding;
mod caching;
mod certificates;
mod colleagues;
mod csrf;
mod devices;
mod files;
mod notifications;
mod openapi;
mod operations;
mod origins;
mod profile;
mod rate_limits;
mod server;
mod sessions;
mod sign_in;
mod support;
mod ticket_access;
mod tickets;
mod unsubscribe;
