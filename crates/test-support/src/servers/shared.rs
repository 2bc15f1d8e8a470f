//! Servers that all processes of a test run share.
//!
//! Whoever needs one first starts it. It goes on while any process holds a shared lock on its file
//! of users, which the system lets go when a process ends, in whatever way.

use std::fs::{self, DirBuilder, File};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::process::{SharedFiles, lock_file, log_in, start_until_unused, wait_until};

/// How to start a server that is shared.
pub(crate) struct Recipe<Address> {
    /// Its name, of one word.
    pub(crate) name: &'static str,
    /// The signal that ends it, such as `TERM`.
    pub(crate) signal: &'static str,
    /// How long it goes on without users, so that the next test binary of a run still finds it.
    pub(crate) linger: Duration,
    /// Makes what it needs in a folder that is there, and says how to run it and where it will be.
    pub(crate) prepare: fn(&Path) -> (Command, Address),
    /// Whether it answers.
    pub(crate) answers: fn(&Address) -> bool,
}

/// A server in use: it goes on while this value lives.
pub(crate) struct SharedServer<Address> {
    /// Where it is.
    pub(crate) address: Address,
    _used: File,
}

impl<Address: AsRef<str> + From<String>> Recipe<Address> {
    /// The server, started if nobody has done so.
    pub(crate) fn share(&self) -> SharedServer<Address> {
        let base = base_folder();
        let starting = lock_file(&base.join(format!("{}.starting", self.name)));
        starting.lock().expect("a lock");
        let files = SharedFiles {
            users: base.join(format!("{}.users", self.name)),
            note: base.join(format!("{}.address", self.name)),
            folder: base.join(format!("{}-{}", self.name, std::process::id())),
        };
        let used = lock_file(&files.users);
        used.lock_shared().expect("a lock");

        let known = fs::read_to_string(&files.note).map(Address::from).ok();
        let address = known
            .filter(self.answers)
            .unwrap_or_else(|| self.start(&files));
        SharedServer {
            address,
            _used: used,
        }
    }

    fn start(&self, files: &SharedFiles) -> Address {
        folder_of_ours(&files.folder);
        let (program, address) = (self.prepare)(&files.folder);
        start_until_unused(&program, self.signal, files, self.linger);
        wait_until(|| (self.answers)(&address), &log_in(&files.folder));
        fs::write(&files.note, address.as_ref()).expect("a note of the address");
        address
    }
}

/// Where the tests of this user keep what they share.
pub(crate) fn base_folder() -> PathBuf {
    let user = tempfile::tempfile()
        .and_then(|file| file.metadata())
        .expect("a temporary file")
        .uid();
    let folder = std::env::temp_dir().join(format!("portal-tests-{user}"));
    folder_of_ours(&folder);
    let owner = fs::metadata(&folder).expect("the folder").uid();
    assert_eq!(owner, user, "{} is somebody else's", folder.display());
    folder
}

/// Others may look for what is in it, as a server that runs as another user has to.
fn folder_of_ours(folder: &Path) {
    DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(folder)
        .expect("a folder");
}
