//! Real servers for tests, on free ports of the loopback interface.
//!
//! A server that a test breaks is its own, and ends with the value that stands for it. One that is
//! only used is shared by all test binaries of a run, and ends with the last of them. Both end as
//! well when the tests are killed.

mod certificates;
pub mod chromedriver;
pub mod images;
pub mod postgres;
mod process;
pub mod redis;
mod shared;
pub mod smtp;
