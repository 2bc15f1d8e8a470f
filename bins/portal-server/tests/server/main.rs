//! The program as a process: at a terminal, under a supervisor, killed. What needs servers is in
//! `crates/system-tests`.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod start;
mod stop;
mod telemetry;

use std::path::Path;

use portal_test_support::program::Launch;

/// The program in a folder.
fn in_folder(folder: &Path) -> Launch {
    Launch::new(env!("CARGO_BIN_EXE_portal-server"), folder)
}
