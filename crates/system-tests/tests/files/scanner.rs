//! `clamd`, with a signature of the tests' own.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt as _;
use portal_domain::environment::SystemEnvironment;
use portal_domain::files::{
    FileDepot, FileLimits, FileScanner as _, FileStore as _, UploadError, Verdict,
};
use portal_domain::ids::OrganizationId;
use portal_files::{Clamd, ObjectFiles};
use portal_system_tests::clamd::{ClamdServer, MALICIOUS, SIGNATURE};

async fn scanned(address: &str, content: Vec<u8>) -> Option<Verdict> {
    let clamd: Clamd = address.parse().unwrap();
    // In pieces, as a store gives it.
    let pieces: Vec<_> = content
        .chunks(10_000)
        .map(|piece| Ok(Bytes::copy_from_slice(piece)))
        .collect();
    clamd
        .scan(futures_util::stream::iter(pieces).boxed())
        .await
        .ok()
}

#[tokio::test]
async fn clamd_finds_what_it_knows_by_tcp_and_by_socket() {
    let server = ClamdServer::start("");
    let malicious = [vec![b'x'; 1_000_000], MALICIOUS.into(), vec![b'y'; 100_000]].concat();
    for address in [server.tcp(), server.socket()] {
        let clean = scanned(&address, vec![b'x'; 3_000_000]).await;
        assert_eq!(clean, Some(Verdict::Clean), "{address}");
        let found = scanned(&address, malicious.clone()).await;
        assert_eq!(
            found,
            Some(Verdict::Infected(SIGNATURE.to_owned())),
            "{address}"
        );
    }
}

#[tokio::test]
async fn a_file_that_clamd_does_not_take_has_no_verdict() {
    let server = ClamdServer::start("StreamMaxLength 1M");
    assert_eq!(scanned(&server.tcp(), vec![b'x'; 5_000_000]).await, None);
    let address = server.tcp();
    drop(server);
    assert_eq!(scanned(&address, b"x".to_vec()).await, None);
}

#[tokio::test]
async fn a_malicious_file_leaves_nothing_in_the_store() {
    let server = ClamdServer::start("");
    let folder = tempfile::tempdir().unwrap();
    let files = ObjectFiles::in_folder(folder.path()).unwrap();
    let clamd: Clamd = server.tcp().parse().unwrap();
    let depot = FileDepot {
        store: Arc::new(files.clone()),
        scanner: Some(Arc::new(clamd)),
        limits: FileLimits::DEFAULT,
    };
    let organization = OrganizationId::generate(&SystemEnvironment);
    let take = async |content: &'static str| {
        let name = "a.txt".parse().unwrap();
        let received = depot.receive(&SystemEnvironment, organization, name).await;
        let mut reception = received.unwrap();
        reception.write(content.into()).await.unwrap();
        reception.finish().await
    };
    assert!(matches!(take(MALICIOUS).await, Err(UploadError::Infected)));
    assert_eq!(files.list(organization).count().await, 0);
    assert!(take("harmless").await.is_ok());
    drop(server);
    assert!(matches!(
        take("harmless").await,
        Err(UploadError::Scanner(_))
    ));
    assert_eq!(files.list(organization).count().await, 1);
}
