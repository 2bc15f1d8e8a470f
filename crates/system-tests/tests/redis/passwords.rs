//! Servers that let in only those who know a password.

use portal_system_tests::redis::RedisServer;
use secrecy::ExposeSecret as _;

use crate::{open, works};
use portal_test_support::state::redis_config as config;

#[tokio::test]
async fn the_password_stands_in_the_address() {
    let server = RedisServer::with_password("hunter2");
    let with = |credentials| {
        let mut config = config(server.address());
        let url = config.url.expose_secret();
        config.url = url.replace("default:hunter2@", credentials).into();
        open(config)
    };
    for right in ["default:hunter2@", ":hunter2@"] {
        works(&with(right)).await.unwrap();
    }
    for wrong in ["default:hunter3@", ":hunter3@", ""] {
        let error = works(&with(wrong)).await.unwrap_err();
        assert!(!format!("{error:?}").contains("hunter"), "{error:?}");
    }
}

/// Its own keys, and the commands that read, write, run scripts and tell the time.
#[tokio::test]
async fn a_user_needs_few_rights_and_may_have_a_database_of_its_own() {
    let server = RedisServer::start();
    let mut config = config(server.address());
    let keys = format!("~{}*", config.key_prefix);
    let user = [
        "ACL",
        "SETUSER",
        "portal",
        "on",
        ">hunter2",
        "resetchannels",
    ];
    let rights = [
        &keys,
        "-@all",
        "+@connection",
        "+@read",
        "+@write",
        "+@scripting",
        "+time",
    ];
    server.address().command(user.into_iter().chain(rights));
    let url = config.url.expose_secret();
    config.url = url.replace("redis://", "redis://portal:hunter2@").into();
    config.url = format!("{}/5", config.url.expose_secret()).into();
    let state = open(config);
    works(&state).await.unwrap();
    let keyspace = server.address().command(["INFO", "keyspace"]);
    assert!(!keyspace.contains("db0:"), "{keyspace}");
}
