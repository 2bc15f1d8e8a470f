//! Files in a folder or an S3-compatible store.

use std::io;
use std::ops::Range;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::stream::{BoxStream, StreamExt as _, TryStreamExt as _};
use object_store::aws::AmazonS3Builder;
use object_store::buffered::BufWriter;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    ClientOptions, Error, GetOptions, ObjectMeta, ObjectStore, ObjectStoreExt as _, RetryConfig,
};
use portal_domain::files::{FileBytes, FileKey, FileSink, FileStore, FileStoreError, StoredBytes};
use portal_domain::ids::OrganizationId;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::io::AsyncWriteExt as _;

/// How much of a file is in memory while it is written: the least that S3 takes as a part.
const PART: usize = 5 * 1024 * 1024;

/// How long the store may be silent before the head of a response and within its body, and how long
/// it has for all tries of a request. The whole of a body has no limit: it is read as slowly as the
/// client takes it.
const SILENCE_LIMIT: Duration = Duration::from_secs(30);
const ALL_TRIES_LIMIT: Duration = Duration::from_secs(45);
const MAX_RETRIES: usize = 3;

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenFilesError {
    /// The folder cannot be created.
    #[error("the folder for files cannot be created")]
    Folder(#[source] io::Error),
    /// The settings of the store are not valid.
    #[error("the store of files cannot be opened")]
    Store(#[source] Error),
}

/// Where an S3-compatible store is, and how to sign in to it.
#[derive(Debug, Clone)]
pub struct S3Config {
    /// The bucket.
    pub bucket: String,
    /// What all keys begin with; may be empty.
    pub prefix: String,
    /// The address of the store, unless it is Amazon's.
    pub endpoint: Option<String>,
    /// The region.
    pub region: String,
    /// The id and the secret of an access key; without one, those of the machine's role.
    pub credentials: Option<(String, SecretString)>,
}

/// Files in a folder or an S3-compatible store. Clones share its connections.
#[derive(Debug, Clone)]
pub struct ObjectFiles {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    folder: Option<PathBuf>,
}

impl ObjectFiles {
    /// Files in a folder, which is created. A file is on the disk when it is written.
    ///
    /// # Errors
    ///
    /// [`OpenFilesError`].
    pub fn in_folder(folder: &FilePath) -> Result<Self, OpenFilesError> {
        std::fs::create_dir_all(folder).map_err(OpenFilesError::Folder)?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(OpenFilesError::Store)?;
        Ok(Self {
            store: Arc::new(store.with_fsync(true).with_automatic_cleanup(true)),
            prefix: Path::default(),
            folder: Some(folder.to_owned()),
        })
    }

    /// Files in a bucket. Nothing is connected yet.
    ///
    /// # Errors
    ///
    /// [`OpenFilesError::Store`].
    pub fn in_bucket(config: &S3Config) -> Result<Self, OpenFilesError> {
        // The HTTP client takes the process's provider of cryptography; fails if it has one already.
        let _is_first = rustls::crypto::ring::default_provider().install_default();
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&config.bucket)
            .with_region(&config.region)
            .with_retry(RetryConfig {
                max_retries: MAX_RETRIES,
                retry_timeout: ALL_TRIES_LIMIT,
                ..RetryConfig::default()
            })
            .with_client_options(client_options());
        if let Some(endpoint) = &config.endpoint {
            builder = builder
                .with_endpoint(endpoint)
                .with_allow_http(endpoint.starts_with("http://"));
        }
        if let Some((id, secret)) = &config.credentials {
            builder = builder
                .with_access_key_id(id)
                .with_secret_access_key(secret.expose_secret());
        }
        let store = builder.build().map_err(OpenFilesError::Store)?;
        let prefix = Path::parse(&config.prefix)
            .map_err(|error| OpenFilesError::Store(Error::InvalidPath { source: error }))?;
        Ok(Self {
            store: Arc::new(store),
            prefix,
            folder: None,
        })
    }

    fn path(&self, key: FileKey) -> Path {
        let organization = self.prefix.clone().join(key.organization.to_string());
        organization.join(key.file.to_string())
    }
}

fn client_options() -> ClientOptions {
    ClientOptions::new()
        .with_timeout_disabled()
        .with_read_timeout(SILENCE_LIMIT)
        .with_connect_timeout(Duration::from_secs(5))
}

/// Removes what was being written to a folder before an instant: the files beside the place of another,
/// which have its name, `#` and a number.
fn remove_unfinished(folder: &FilePath, before: SystemTime) -> io::Result<usize> {
    let mut removed = 0;
    for organization in std::fs::read_dir(folder)? {
        let organization = organization?;
        if !organization.file_type()?.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(organization.path())? {
            let file = file?;
            let is_whole = !file.file_name().to_string_lossy().contains('#');
            // Another portal may have removed it meanwhile.
            if is_whole || gone(file.metadata())?.is_none_or(|file| is_since(&file, before)) {
                continue;
            }
            removed += usize::from(gone(std::fs::remove_file(file.path()))?.is_some());
        }
    }
    Ok(removed)
}

fn is_since(file: &std::fs::Metadata, instant: SystemTime) -> bool {
    file.modified().is_ok_and(|modified| modified >= instant)
}

/// `None` for a file that is not there any more.
fn gone<T>(found: io::Result<T>) -> io::Result<Option<T>> {
    match found {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        found => found.map(Some),
    }
}

fn failed(error: Error) -> FileStoreError {
    match error {
        Error::NotFound { .. } => FileStoreError::Missing,
        error => FileStoreError::Unavailable(error.into()),
    }
}

#[async_trait]
impl FileStore for ObjectFiles {
    async fn create(&self, key: FileKey) -> Result<Box<dyn FileSink>, FileStoreError> {
        let store = Arc::clone(&self.store);
        Ok(Box::new(Sink(BufWriter::with_capacity(
            store,
            self.path(key),
            PART,
        ))))
    }

    async fn read(&self, key: FileKey, range: Range<u64>) -> Result<FileBytes, FileStoreError> {
        if range.is_empty() {
            return Ok(futures_util::stream::empty().boxed());
        }
        let options = GetOptions::new().with_range(Some(range));
        let found = self.store.get_opts(&self.path(key), options).await;
        Ok(found.map_err(failed)?.into_stream().map_err(failed).boxed())
    }

    async fn remove(&self, key: FileKey) -> Result<(), FileStoreError> {
        match self.store.delete(&self.path(key)).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }

    /// In a folder; a bucket has a rule for it.
    async fn remove_unfinished(&self, before: DateTime<Utc>) -> Result<usize, FileStoreError> {
        let Some(folder) = self.folder.clone() else {
            return Ok(0);
        };
        let unavailable = |error: io::Error| FileStoreError::Unavailable(error.into());
        tokio::task::spawn_blocking(move || remove_unfinished(&folder, before.into()))
            .await
            .map_err(|error| unavailable(error.into()))?
            .map_err(unavailable)
    }

    fn list(
        &self,
        organization: OrganizationId,
    ) -> BoxStream<'static, Result<StoredBytes, FileStoreError>> {
        let prefix = self.prefix.clone().join(organization.to_string());
        let stored = move |object: ObjectMeta| {
            let file = object.location.filename()?.parse().ok()?;
            Some(StoredBytes {
                key: FileKey { organization, file },
                size_bytes: object.size,
                stored_at: object.last_modified,
            })
        };
        let list = self.store.list(Some(&prefix)).map_err(failed);
        list.try_filter_map(move |object| std::future::ready(Ok(stored(object))))
            .boxed()
    }
}

/// A file that is being written: in one request if it is small, else in parts.
struct Sink(BufWriter);

#[async_trait]
impl FileSink for Sink {
    async fn write(&mut self, chunk: Bytes) -> Result<(), FileStoreError> {
        self.0.put(chunk).await.map_err(failed)
    }

    async fn finish(mut self: Box<Self>) -> Result<(), FileStoreError> {
        let finished = self.0.shutdown().await;
        finished.map_err(|error| FileStoreError::Unavailable(error.into()))
    }

    async fn abort(mut self: Box<Self>) {
        if let Err(error) = self.0.abort().await {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(
                error,
                "the parts of a file that was given up were not removed"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use object_store::ClientConfigKey;
    use portal_domain::environment::{Environment as _, SystemEnvironment};
    use portal_domain::ids::FileId;

    use super::*;

    fn key(organization: OrganizationId) -> FileKey {
        let file = FileId::generate(&SystemEnvironment);
        FileKey { organization, file }
    }

    async fn put(files: &ObjectFiles, key: FileKey, chunks: &[&'static [u8]]) {
        let mut sink = files.create(key).await.unwrap();
        for chunk in chunks {
            sink.write(Bytes::from_static(chunk)).await.unwrap();
        }
        sink.finish().await.unwrap();
    }

    async fn get(files: &ObjectFiles, key: FileKey, range: Range<u64>) -> Vec<u8> {
        let bytes = files.read(key, range).await.unwrap();
        let chunks: Vec<Bytes> = bytes.try_collect().await.unwrap();
        chunks.concat()
    }

    async fn listed(files: &ObjectFiles, organization: OrganizationId) -> Vec<(FileKey, u64)> {
        let stored: Vec<StoredBytes> = files.list(organization).try_collect().await.unwrap();
        let mut listed: Vec<_> = stored.iter().map(|s| (s.key, s.size_bytes)).collect();
        listed.sort_unstable();
        listed
    }

    #[test]
    fn a_body_may_take_long_but_not_stand_still() {
        let options = client_options();
        let value = |key| options.get_config_value(&key);
        assert_eq!(value(ClientConfigKey::Timeout), None);
        assert_eq!(value(ClientConfigKey::ReadTimeout).as_deref(), Some("30s"));
    }

    #[tokio::test]
    async fn a_folder_keeps_files_under_the_ids_of_organization_and_file() {
        let folder = tempfile::tempdir().unwrap();
        let files = ObjectFiles::in_folder(&folder.path().join("new/files")).unwrap();
        let acme = OrganizationId::generate(&SystemEnvironment);
        let globex = OrganizationId::generate(&SystemEnvironment);
        let (a, b) = (key(acme), key(globex));
        put(&files, a, &[b"Hello, ", b"world"]).await;
        put(&files, b, &[b"!"]).await;
        assert_eq!(get(&files, a, 0..12).await, b"Hello, world");
        assert_eq!(get(&files, a, 7..9).await, b"wo");
        assert_eq!(get(&files, a, 3..3).await, b"");
        assert_eq!(listed(&files, acme).await, [(a, 12)]);
        assert_eq!(listed(&files, globex).await, [(b, 1)]);
        let path = folder.path().join("new/files").join(a.to_string());
        assert_eq!(std::fs::read(path).unwrap(), b"Hello, world");

        files.remove(a).await.unwrap();
        files.remove(a).await.unwrap();
        assert_eq!(listed(&files, acme).await, []);
        let gone = files.read(a, 0..1).await.err().unwrap();
        assert!(matches!(gone, FileStoreError::Missing));
    }

    #[tokio::test]
    async fn what_a_crash_leaves_of_a_file_in_a_folder_goes_after_a_day() {
        static PIECE: [u8; PART] = [7; PART];
        let folder = tempfile::tempdir().unwrap();
        let files = ObjectFiles::in_folder(folder.path()).unwrap();
        let organization = || OrganizationId::generate(&SystemEnvironment);
        let (whole, broken_off) = (key(organization()), key(organization()));
        put(&files, whole, &[b"Hello"]).await;
        let mut sink = files.create(broken_off).await.unwrap();
        for _ in 0..2 {
            sink.write(Bytes::from_static(&PIECE)).await.unwrap();
        }
        // As a process that is killed does.
        std::mem::forget(sink);
        let left = || {
            let organization = folder.path().join(broken_off.organization.to_string());
            std::fs::read_dir(organization).unwrap().count()
        };
        let remove = async |before| files.remove_unfinished(before).await.unwrap();
        let now = SystemEnvironment.now();
        assert_eq!((remove(now - TimeDelta::days(1)).await, left()), (0, 1));
        assert_eq!((remove(now + TimeDelta::days(1)).await, left()), (1, 0));
        assert_eq!(get(&files, whole, 0..5).await, b"Hello");
    }

    #[tokio::test]
    async fn a_large_file_is_there_only_when_it_is_whole() {
        static PIECE: [u8; PART] = [7; PART];
        let folder = tempfile::tempdir().unwrap();
        let files = ObjectFiles::in_folder(folder.path()).unwrap();
        let acme = OrganizationId::generate(&SystemEnvironment);
        let (given_up, whole) = (key(acme), key(acme));
        let mut sink = files.create(given_up).await.unwrap();
        for _ in 0..3 {
            sink.write(Bytes::from_static(&PIECE)).await.unwrap();
        }
        assert_eq!(listed(&files, acme).await, []);
        sink.abort().await;
        assert_eq!(listed(&files, acme).await, []);
        assert!(files.read(given_up, 0..1).await.is_err());

        put(&files, whole, &[&PIECE, &PIECE, &PIECE]).await;
        assert_eq!(listed(&files, acme).await, [(whole, 3 * PART as u64)]);
    }
}
