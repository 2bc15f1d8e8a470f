//! What the program tells of itself: metrics and log.

use std::fs;

use portal_demo::DEMO_PASSWORD;
use portal_test_support::program::eventually;
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::in_folder;

const LENA: &str = "lena.vogt@acme.example";
const WRONG_PASSWORD: &str = "Crowbar-Crowbar-1";
const NEW_PASSWORD: &str = "Marzipan-Marzipan-1";

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_labelled_with_route_patterns() {
    let folder = tempdir().unwrap();
    let server = in_folder(folder.path()).argument("--demo").start().await;
    let customer = server.signed_in(LENA).await;
    let ticket = customer.submit("measured").await.unwrap();
    let ticket = ticket.text("/ticket/id");
    let path = format!("/tickets/{ticket}");
    for _ in 0..3 {
        assert_eq!(customer.get(&path).await.unwrap().status, 200);
    }
    let stray = customer.get("/nowhere/labyrinth").await.unwrap();
    assert_eq!(stray.status, 404);
    let metrics = customer.get("//metrics").await.unwrap();
    assert_eq!(metrics.status, 200);
    let value = |series: &str| {
        let mut lines = metrics.body.lines();
        let value = lines.find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        value.unwrap_or_else(|| panic!("no {series}: {}", metrics.body))
    };
    let route = r#"method="GET",route="/api/v1/portal/tickets/{id}""#;
    let series = format!(r#"http_requests_total{{{route},status="200"}}"#);
    assert_eq!(value(&series), "3");
    let series = format!("http_request_duration_seconds_count{{{route}}}");
    assert_eq!(value(&series), "3");
    assert_eq!(value(r#"sign_ins_total{outcome="success"}"#), "1");
    for secret in [&*ticket, LENA, "labyrinth", "measured"] {
        assert!(!metrics.body.contains(secret), "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_served_on_their_own_listener_if_configured() {
    let folder = tempdir().unwrap();
    let launch = in_folder(folder.path()).set("PORTAL_OPS_BIND", "127.0.0.2:0");
    let mut server = launch.start().await;
    let client = server.client();
    assert_eq!(client.get("//metrics").await.unwrap().status, 404);
    let operations = server.announced("metrics on http://").await;
    let client = portal_test_support::program::Client::new(operations);
    assert_eq!(client.get("//healthz").await.unwrap().status, 404);
    let pool = r#"database_connections_max{pool="organization"} 16"#;
    for series in ["http_requests_total{", "outbox_mails_waiting 0", pool] {
        eventually(series, async || {
            let metrics = client.get("//metrics").await.unwrap();
            assert_eq!(metrics.status, 200);
            metrics.body.contains(series).then_some(())
        })
        .await;
    }
}

/// The token in the mail of a kind that was written as a file, whose lines may be folded.
async fn mailed_token(folder: &std::path::Path, link: &str) -> String {
    eventually("a mail with a token", async || {
        let mails = fs::read_dir(folder.join("data/outbox")).ok()?;
        let mut texts = mails.filter_map(|file| fs::read_to_string(file.ok()?.path()).ok());
        texts.find_map(|text| {
            let text = text.replace("=\r\n", "").replace("=3D", "=");
            let (_, after) = text.split_once(link)?;
            let is_token = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            let end = after.find(|c| !is_token(c))?;
            after.get(..end).map(str::to_owned)
        })
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_has_each_request_and_no_secrets() {
    let folder = tempdir().unwrap();
    let launch = in_folder(folder.path())
        .set("PORTAL_LOG", "trace")
        .set("PORTAL_LOG_FORMAT", "json");
    // The demo's addresses are printed for the person who asks for the demo.
    let demo = launch.clone().argument("--demo").start().await;
    demo.stopped_by("TERM").await;

    let server = launch.start().await;
    let mut ids = Vec::new();
    let mut seen = |response: std::io::Result<portal_test_support::program::Response>, status| {
        let response = response.unwrap();
        assert_eq!(response.status, status, "{response:?}");
        ids.push(response.header("x-request-id").unwrap().to_owned());
        response
    };
    let mut customer = server.client();
    seen(customer.sign_in(LENA, WRONG_PASSWORD).await, 401);
    seen(
        customer.sign_in("crow@bar.example", WRONG_PASSWORD).await,
        401,
    );
    seen(customer.sign_in(LENA, DEMO_PASSWORD).await, 200);
    let ticket = seen(customer.submit("peppermint").await, 201);
    let path = format!("/tickets/{}", ticket.text("/ticket/id"));
    seen(customer.get(&path).await, 200);
    seen(customer.get("/tickets?q=saffron").await, 200);
    seen(customer.get("/tickets?sort=cinnamon").await, 400);
    seen(customer.get("/reset-password?token=turmeric").await, 404);
    let forgotten = json!({ "email": LENA });
    seen(
        customer.post("/auth/forgot-password", &forgotten).await,
        200,
    );
    let reset_token = mailed_token(folder.path(), "/reset-password?token=").await;
    let reset = json!({ "token": reset_token, "password": NEW_PASSWORD });
    seen(customer.post("/auth/reset-password", &reset).await, 200);
    seen(customer.post("/auth/reset-password", &reset).await, 400);
    seen(customer.get("/devices").await, 401);
    let old_token = customer.token().unwrap().to_owned();
    seen(customer.sign_in(LENA, NEW_PASSWORD).await, 200);
    let new_token = customer.token().unwrap().to_owned();

    server.signal("TERM");
    let (status, said) = server.ended().await;
    assert_eq!(status.code(), Some(0));
    let entries = said.iter().filter(|line| line.starts_with('{'));
    let entries: Vec<Value> = entries
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for id in ids {
        let of_request = entries.iter().find(|entry| {
            entry.pointer("/span/request_id") == Some(&json!(id))
                && entry.get("message") == Some(&json!("request answered"))
        });
        let entry = of_request.unwrap_or_else(|| panic!("nothing of {id}: {said:#?}"));
        assert!(entry.pointer("/span/route").is_some(), "{entry}");
    }
    let secrets = [
        LENA,
        "crow@bar.example",
        "lena.vogt",
        DEMO_PASSWORD,
        WRONG_PASSWORD,
        NEW_PASSWORD,
        &old_token,
        &new_token,
        &reset_token,
        "peppermint",
        "saffron",
        "cinnamon",
        "turmeric",
        &path,
    ];
    for secret in secrets {
        let telling = said.iter().find(|line| line.contains(secret));
        assert_eq!(telling, None, "{secret}");
    }
}

/// The warnings of a server that was asked twice by a client at this address.
async fn warnings(trusted: &str, client: &str) -> Vec<String> {
    let folder = tempdir().unwrap();
    let launch = in_folder(folder.path()).set("TRUSTED_PROXY_CIDRS", trusted);
    let server = launch.start().await;
    for _ in 0..2 {
        let mut client = server.client().coming_from(client.to_owned());
        let response = client.sign_in(LENA, WRONG_PASSWORD).await.unwrap();
        assert_eq!(response.status, 401);
    }
    server.signal("TERM");
    let (_, said) = server.ended().await;
    let about = said
        .into_iter()
        .filter(|line| line.contains("TRUSTED_PROXY_CIDRS"));
    about.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_cannot_be_told_apart_are_warned_of_once() {
    let expected = [
        ("127.0.0.0/8", "198.51.100.1", None),
        ("127.0.0.0/8", "198.51.100.1:4711", None),
        ("127.0.0.0/8", "127.0.0.2", Some("names no address outside")),
        ("127.0.0.0/8", "unknown", Some("names no address outside")),
        ("", "198.51.100.1", Some("are ignored")),
        ("10.0.0.0/8", "198.51.100.1", Some("are ignored")),
    ];
    for (trusted, client, words) in expected {
        let found = warnings(trusted, client).await;
        match words {
            None => assert_eq!(found, [""; 0], "{trusted} {client}"),
            Some(words) => {
                assert_eq!(found.len(), 1, "{trusted} {client}: {found:?}");
                assert!(found[0].contains("WARN"), "{found:?}");
                assert!(found[0].contains(words), "{found:?}");
                assert!(!found[0].contains(client), "{found:?}");
            }
        }
    }
}
