//! Files in memory, and a scanner that finds what it is told to.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use portal_domain::environment::Environment;
use portal_domain::files::{
    FileBytes, FileDepot, FileKey, FileLimits, FileScanner, FileSink, FileStore, FileStoreError,
    ScanError, StoredBytes, StoredFile, Verdict,
};
use portal_domain::ids::OrganizationId;

use crate::clock::ManualEnvironment;

type Contents = Arc<Mutex<BTreeMap<FileKey, (Bytes, DateTime<Utc>)>>>;

/// What files that [`TestFiles`] takes for malicious have in them.
pub const MALICIOUS: &str = "this is malicious";

/// Lets each commit of a new file's row fail, on SQLite.
pub const DOUBT_ON_SQLITE: &str = "
    CREATE TABLE whole (id INTEGER PRIMARY KEY);
    CREATE TABLE part (id INTEGER REFERENCES whole (id) DEFERRABLE INITIALLY DEFERRED);
    CREATE TRIGGER doubt AFTER INSERT ON attachments BEGIN INSERT INTO part VALUES (1); END;
";

/// Lets each commit of a new file's row fail, on PostgreSQL.
pub const DOUBT_ON_POSTGRES: &str = "
    CREATE FUNCTION doubt() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN RAISE EXCEPTION 'in doubt'; END $$;
    CREATE CONSTRAINT TRIGGER doubt AFTER INSERT ON attachments
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION doubt();
";

/// Files in memory, and their scanner.
pub struct TestFiles {
    env: Arc<ManualEnvironment>,
    contents: Contents,
    stuck: Mutex<BTreeSet<FileKey>>,
    is_down: Arc<AtomicBool>,
    scanner_is_down: AtomicBool,
}

impl TestFiles {
    /// The largest file that is taken, in bytes.
    pub const MAX_BYTES: u64 = 1_000_000;

    /// The room of an organization, in bytes.
    pub const QUOTA_BYTES: u64 = 3_000_000;

    /// None yet; their times are those of `env`.
    pub fn new(env: Arc<ManualEnvironment>) -> Arc<Self> {
        Arc::new(Self {
            env,
            contents: Arc::default(),
            stuck: Mutex::default(),
            is_down: Arc::default(),
            scanner_is_down: AtomicBool::default(),
        })
    }

    /// This place with the limits of tests.
    pub fn depot(self: &Arc<Self>) -> FileDepot {
        FileDepot {
            store: Arc::clone(self) as _,
            scanner: Some(Arc::clone(self) as _),
            limits: FileLimits {
                max_bytes: Self::MAX_BYTES,
                quota_bytes: Self::QUOTA_BYTES,
                ..FileLimits::DEFAULT
            },
        }
    }

    /// Whether the store fails from now on.
    pub fn set_down(&self, is_down: bool) {
        self.is_down.store(is_down, Ordering::Relaxed);
    }

    /// Whether the scanner fails from now on.
    pub fn set_scanner_down(&self, is_down: bool) {
        self.scanner_is_down.store(is_down, Ordering::Relaxed);
    }

    /// The keys of all files.
    pub fn keys(&self) -> Vec<FileKey> {
        lock(&self.contents).keys().copied().collect()
    }

    /// Takes a file as a front end does; it got no row yet.
    pub async fn stored(
        self: &Arc<Self>,
        organization: OrganizationId,
        name: &str,
        content: &'static str,
    ) -> StoredFile {
        let depot = self.depot();
        let Ok(name) = name.parse();
        let received = depot.receive(&*self.env, organization, name).await;
        let mut reception = received.expect("a reception");
        let written = reception.write(content.into()).await;
        written.expect("the bytes");
        reception.finish().await.expect("the file")
    }

    /// Puts bytes under a key, past all checks.
    pub fn put(&self, key: FileKey, bytes: &'static [u8]) {
        let file = (Bytes::from_static(bytes), self.env.now());
        lock(&self.contents).insert(key, file);
    }

    /// Loses the bytes under a key.
    pub fn lose(&self, key: FileKey) {
        lock(&self.contents).remove(&key);
    }

    /// Lets each attempt to remove this file fail.
    pub fn stick(&self, key: FileKey) {
        self.stuck
            .lock()
            .expect("no test panics with it")
            .insert(key);
    }

    fn check(&self) -> Result<(), FileStoreError> {
        check(&self.is_down)
    }
}

fn check(is_down: &AtomicBool) -> Result<(), FileStoreError> {
    if is_down.load(Ordering::Relaxed) {
        return Err(FileStoreError::Unavailable("down".into()));
    }
    Ok(())
}

fn lock(
    contents: &Contents,
) -> std::sync::MutexGuard<'_, BTreeMap<FileKey, (Bytes, DateTime<Utc>)>> {
    contents.lock().expect("no test panics with it")
}

#[async_trait]
impl FileStore for TestFiles {
    async fn create(&self, key: FileKey) -> Result<Box<dyn FileSink>, FileStoreError> {
        self.check()?;
        Ok(Box::new(Sink {
            key,
            written: Vec::new(),
            stored_at: self.env.now(),
            contents: Arc::clone(&self.contents),
            is_down: Arc::clone(&self.is_down),
        }))
    }

    async fn read(&self, key: FileKey, range: Range<u64>) -> Result<FileBytes, FileStoreError> {
        self.check()?;
        let (start, end) = (range.start as usize, range.end as usize);
        let contents = lock(&self.contents);
        let (bytes, _) = contents.get(&key).ok_or(FileStoreError::Missing)?;
        Ok(stream::iter([Ok(bytes.slice(start..end))]).boxed())
    }

    async fn remove(&self, key: FileKey) -> Result<(), FileStoreError> {
        self.check()?;
        let stuck = self.stuck.lock().expect("no test panics with it");
        if stuck.contains(&key) {
            return Err(FileStoreError::Unavailable("stuck".into()));
        }
        self.lose(key);
        Ok(())
    }

    async fn remove_unfinished(&self, _: DateTime<Utc>) -> Result<usize, FileStoreError> {
        self.check()?;
        Ok(0)
    }

    fn list(
        &self,
        organization: OrganizationId,
    ) -> BoxStream<'static, Result<StoredBytes, FileStoreError>> {
        let contents = lock(&self.contents);
        let of_organization = contents
            .iter()
            .filter(|(key, _)| key.organization == organization);
        let stored = of_organization.map(|(key, (bytes, stored_at))| {
            Ok(StoredBytes {
                key: *key,
                size_bytes: bytes.len() as u64,
                stored_at: *stored_at,
            })
        });
        stream::iter(stored.collect::<Vec<_>>()).boxed()
    }
}

struct Sink {
    key: FileKey,
    written: Vec<u8>,
    stored_at: DateTime<Utc>,
    contents: Contents,
    is_down: Arc<AtomicBool>,
}

#[async_trait]
impl FileSink for Sink {
    async fn write(&mut self, chunk: Bytes) -> Result<(), FileStoreError> {
        check(&self.is_down)?;
        self.written.extend_from_slice(&chunk);
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<(), FileStoreError> {
        check(&self.is_down)?;
        let file = (Bytes::from(self.written), self.stored_at);
        lock(&self.contents).insert(self.key, file);
        Ok(())
    }

    async fn abort(self: Box<Self>) {}
}

#[async_trait]
impl FileScanner for TestFiles {
    async fn scan(&self, bytes: FileBytes) -> Result<Verdict, ScanError> {
        if self.scanner_is_down.load(Ordering::Relaxed) {
            return Err(ScanError("down".into()));
        }
        let chunks: Vec<Bytes> = bytes
            .try_collect()
            .await
            .map_err(|error| ScanError(error.into()))?;
        let is_malicious = chunks
            .concat()
            .windows(MALICIOUS.len())
            .any(|part| part == MALICIOUS.as_bytes());
        Ok(if is_malicious {
            Verdict::Infected("Test.Malicious".to_owned())
        } else {
            Verdict::Clean
        })
    }
}
