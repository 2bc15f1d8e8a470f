//! The domain's port for the bytes of files over `object_store`: a folder, or any store that speaks
//! S3; the scanner `clamd`; and the task that removes what nobody needs any more.
//!
//! Bytes are under `<organization>/<file>`, two ids. Names, types and who may read them are in the
//! database.

mod clamd;
mod object_files;
mod sweeper;

pub use clamd::{Clamd, InvalidClamdAddress};
pub use object_files::{ObjectFiles, OpenFilesError, S3Config};
pub use sweeper::Sweeper;
