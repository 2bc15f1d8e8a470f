//! A bucket of moto.

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use portal_domain::environment::SystemEnvironment;
use portal_domain::files::{FileKey, FileStore as _, FileStoreError, StoredBytes};
use portal_domain::ids::{FileId, OrganizationId};
use portal_files::{ObjectFiles, S3Config};
use portal_system_tests::moto::MotoServer;

use crate::tools::{folder, install_once, run};

const REQUIREMENTS: &str = include_str!("requirements.txt");

/// The Python environment with moto.
fn environment() -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = folder("moto");
        fs::write(folder.join("requirements.txt"), REQUIREMENTS).unwrap();
        install_once(&folder, "requirements.txt", || {
            run("python3", &["-m", "venv", "--clear", "venv"], &folder);
            let install = ["install", "--quiet", "--requirement", "requirements.txt"];
            run(folder.join("venv/bin/pip"), &install, &folder);
        });
        folder
    });
    folder.join("venv")
}

fn config(server: &MotoServer, bucket: &str, prefix: &str) -> S3Config {
    S3Config {
        bucket: bucket.to_owned(),
        prefix: prefix.to_owned(),
        endpoint: Some(server.url()),
        region: "us-east-1".to_owned(),
        credentials: Some(("test".to_owned(), "hunter2".into())),
    }
}

/// A bucket is made with a PUT; moto does not look at signatures.
fn make_bucket(server: &MotoServer, bucket: &str) {
    let script = "import sys, urllib.request as r; \
                  r.urlopen(r.Request(sys.argv[1], method='PUT'))";
    let address = format!("{}/{bucket}", server.url());
    run("python3", &["-c", script, &address], &std::env::temp_dir());
}

fn key(organization: OrganizationId) -> FileKey {
    let file = FileId::generate(&SystemEnvironment);
    FileKey { organization, file }
}

async fn listed(files: &ObjectFiles, organization: OrganizationId) -> Vec<(FileKey, u64)> {
    let stored: Vec<StoredBytes> = files.list(organization).try_collect().await.unwrap();
    let mut listed: Vec<_> = stored.iter().map(|s| (s.key, s.size_bytes)).collect();
    listed.sort_unstable();
    listed
}

#[tokio::test]
async fn a_bucket_keeps_small_and_large_files() {
    let server = MotoServer::start(&environment());
    make_bucket(&server, "files");
    let files = ObjectFiles::in_bucket(&config(&server, "files", "portal/a")).unwrap();
    let acme = OrganizationId::generate(&SystemEnvironment);
    // One request, and a multipart upload of several.
    let sizes = [5_usize, 12 * 1024 * 1024 + 7];
    let mut expected = Vec::new();
    for size in sizes {
        let key = key(acme);
        let content: Vec<u8> = (0..=250).cycle().take(size).collect();
        let mut sink = files.create(key).await.unwrap();
        for piece in content.chunks(100_000) {
            sink.write(Bytes::copy_from_slice(piece)).await.unwrap();
        }
        sink.finish().await.unwrap();
        let read = files.read(key, 1..size as u64).await.unwrap();
        let read: Vec<Bytes> = read.try_collect().await.unwrap();
        assert!(read.concat() == content[1..], "{size}");
        expected.push((key, size as u64));
    }
    expected.sort_unstable();
    assert_eq!(listed(&files, acme).await, expected);
    let other = OrganizationId::generate(&SystemEnvironment);
    assert_eq!(listed(&files, other).await, []);

    for (key, _) in expected {
        files.remove(key).await.unwrap();
        files.remove(key).await.unwrap();
        let gone = files.read(key, 0..1).await.err().unwrap();
        assert!(matches!(gone, FileStoreError::Missing), "{gone:?}");
    }
    assert_eq!(listed(&files, acme).await, []);
}

#[tokio::test]
async fn what_is_given_up_is_not_there() {
    let server = MotoServer::start(&environment());
    make_bucket(&server, "files");
    let files = ObjectFiles::in_bucket(&config(&server, "files", "")).unwrap();
    let acme = OrganizationId::generate(&SystemEnvironment);
    let mut sink = files.create(key(acme)).await.unwrap();
    for _ in 0..12 {
        sink.write(Bytes::from(vec![7; 1 << 20])).await.unwrap();
    }
    sink.abort().await;
    assert_eq!(listed(&files, acme).await, []);
}

#[tokio::test]
async fn a_store_that_is_gone_or_has_no_such_bucket_is_an_error() {
    let server = MotoServer::start(&environment());
    let files = ObjectFiles::in_bucket(&config(&server, "nowhere", "")).unwrap();
    let acme = OrganizationId::generate(&SystemEnvironment);
    let write = async |files: &ObjectFiles| {
        let mut sink = files.create(key(acme)).await.unwrap();
        sink.write(Bytes::from_static(b"x")).await.unwrap();
        sink.finish().await
    };
    assert!(write(&files).await.is_err());
    drop(server);
    assert!(write(&files).await.is_err());
}
