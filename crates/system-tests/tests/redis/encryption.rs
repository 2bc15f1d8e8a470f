//! `rediss://`

use std::process::{Command, Stdio};

use portal_auth::StateStore as _;
use portal_system_tests::redis::RedisServer;
use portal_test_support::redis::RedisAddress;

use crate::{open, works};
use portal_test_support::state::redis_config as config;

/// Names the server for the test that another one runs as a process of its own.
const SERVER: &str = "PORTAL_TEST_ENCRYPTED_REDIS";

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let server = RedisServer::with_tls();
    let error = open(config(server.address())).ping().await.unwrap_err();
    assert!(format!("{error:?}").contains("UnknownIssuer"), "{error:?}");
}

/// Whom to trust is a matter of the process's environment, so this test runs itself in another one.
#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    reason = "hands the server's address to the other process"
)]
async fn an_authority_is_trusted_that_the_environment_names() {
    if let Ok(url) = std::env::var(SERVER) {
        let address = RedisAddress::from(url);
        works(&open(config(&address))).await.unwrap();
        return;
    }
    let server = RedisServer::with_tls();
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "encryption::an_authority_is_trusted_that_the_environment_names",
        ])
        .env(SERVER, server.address().url())
        .env("SSL_CERT_FILE", server.address().authority().unwrap())
        .stderr(Stdio::null())
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}");
    assert!(printed.contains("1 passed"), "{printed}");
}
