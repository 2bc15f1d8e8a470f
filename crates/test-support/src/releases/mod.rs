//! Databases as earlier releases made them, full of data, which every later schema upgrades with
//! nothing lost. They are in `migrations/fixtures`, where the README says how they are made.

mod contents;
mod readable;
mod sqlite;

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

pub use contents::{Allowed, Column, Contents, Inspect};
pub use readable::assert_readable;
pub use sqlite::SqliteFile;

/// The release before this one: a commit or tag of this repository that has a fixture. Its server
/// has to run on this release's schema, beside this release's server.
pub const PREVIOUS_RELEASE: &str = "327dd86";

/// Columns of the fixtures whose values a later migration changes on purpose, as `(table, column)`,
/// with a comment that says which migration and why. All others are kept to the letter.
const TRANSFORMED: &[(&str, &str)] = &[];

/// The databases of one release, one for each backend.
#[derive(Debug, Clone)]
pub struct Fixture {
    folder: PathBuf,
}

impl Fixture {
    /// Those of all releases.
    pub fn all() -> Vec<Self> {
        let entries = fs::read_dir(base()).expect("the fixtures");
        let folders = entries.map(|entry| entry.expect("a fixture").path());
        let mut folders: Vec<_> = folders.filter(|path| path.is_dir()).collect();
        folders.sort();
        assert!(!folders.is_empty(), "there are no fixtures");
        folders.into_iter().map(|folder| Self { folder }).collect()
    }

    /// That of [`PREVIOUS_RELEASE`].
    pub fn of_previous_release() -> Self {
        let folder = base().join(PREVIOUS_RELEASE);
        assert!(
            folder.is_dir(),
            "the release {PREVIOUS_RELEASE} has no fixture"
        );
        Self { folder }
    }

    /// The release.
    pub fn release(&self) -> &str {
        let name = self.folder.file_name().and_then(|name| name.to_str());
        name.expect("a folder named as the release")
    }

    /// A new SQLite file at this path, with the release's data.
    pub fn sqlite(&self, path: &Path) -> SqliteFile {
        let dump = fs::read_to_string(self.folder.join("sqlite.sql")).expect("a dump");
        let file = SqliteFile::at(path);
        file.execute(&dump);
        file
    }

    /// What `psql` runs, as a superuser and in an empty database, to get the release's data. The
    /// three roles have to be there.
    pub fn postgres(&self) -> PathBuf {
        self.folder.join("postgres.sql")
    }

    /// Who is in the SQLite file.
    pub fn people_on_sqlite(&self) -> People {
        self.people("sqlite.json")
    }

    /// Who is in the PostgreSQL database.
    pub fn people_on_postgres(&self) -> People {
        self.people("postgres.json")
    }

    fn people(&self, file: &str) -> People {
        let text = fs::read_to_string(self.folder.join(file)).expect("a list of people");
        serde_json::from_str(&text).expect("a list of people")
    }
}

fn base() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/fixtures")
}

/// The users of a fixture, by their addresses.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct People {
    /// The password of all of them.
    pub password: String,
    /// Those who can sign in, some of them to more than one organization.
    #[serde(rename = "people")]
    pub active: Vec<String>,
    /// Those who may not sign in despite the right password.
    pub shut_out: Vec<String>,
    /// An unused password reset.
    pub reset: UnusedToken,
    /// An unused invitation.
    pub invitation: UnusedToken,
}

/// A one-time token that stays valid.
#[derive(Debug, Clone, Deserialize)]
pub struct UnusedToken {
    /// Whose it is.
    pub email: String,
    /// The token itself, of which the database has the hash.
    pub token: String,
}
