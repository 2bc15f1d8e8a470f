//! Rate limits as clients meet them. `crates/auth/tests` has the rules that need no HTTP.

use actix_web::http::Method;
use chrono::TimeDelta;
use portal_test_support::{BearerUser, Caller as _, PASSWORD, Response, TestApp};
use serde_json::{Value, json};

use crate::support::accounts::{invite, reset_token};

const LOGIN: &str = "Too many login attempts. Please try again later.";
const RESET: &str = "Too many password reset attempts. Please try again later.";
const OTHER: &str = "Too many attempts. Please try again later.";

/// The default address of clients.
const HOME: &str = "203.0.113.9";

async fn post_from(app: &TestApp, address: &str, path: &str, body: &Value) -> Response {
    app.anonymous()
        .call(Method::POST, path)
        .from_address(address)
        .json(body)
        .send()
        .await
}

/// Attempts to sign in with a wrong password.
async fn guess(app: &TestApp, address: &str, email: &str) -> Response {
    let body = json!({ "email": email, "password": "Wrong-Horse-7" });
    post_from(app, address, "/auth/login", &body).await
}

/// Signs in with the right password.
async fn sign_in(app: &TestApp, address: &str, email: &str) -> Response {
    let body = json!({ "email": email, "password": PASSWORD });
    post_from(app, address, "/auth/login", &body).await
}

/// The attempt was counted, and failed.
fn assert_failed(response: &Response) {
    assert_eq!(response.status(), 401, "{response:?}");
}

fn assert_rate_limited(response: &Response, sentence: &str, retry_after: u64) {
    assert_eq!(response.parts(), (429, json!({ "error": sentence })));
    let expected = retry_after.to_string();
    assert_eq!(response.header("retry-after"), Some(expected));
    assert_eq!(response.set_cookies(), [""; 0]);
}

/// The limit of an endpoint, with an attempt that fails.
struct Endpoint {
    path: &'static str,
    body: Value,
    /// The status of a counted attempt.
    status: u16,
    attempts: usize,
    window: TimeDelta,
    block: TimeDelta,
    sentence: &'static str,
}

fn endpoints() -> [Endpoint; 4] {
    let token = json!({ "token": "x".repeat(43), "password": "Winter-Birds-47" });
    [
        Endpoint {
            path: "/auth/login",
            body: json!({ "email": "ada@acme.example", "password": "Wrong-Horse-7" }),
            status: 401,
            attempts: 10,
            window: TimeDelta::minutes(5),
            block: TimeDelta::minutes(15),
            sentence: LOGIN,
        },
        Endpoint {
            path: "/auth/forgot-password",
            body: json!({ "email": "ada@acme.example" }),
            status: 200,
            attempts: 5,
            window: TimeDelta::minutes(15),
            block: TimeDelta::minutes(30),
            sentence: RESET,
        },
        Endpoint {
            path: "/auth/reset-password",
            body: token.clone(),
            status: 400,
            attempts: 10,
            window: TimeDelta::minutes(15),
            block: TimeDelta::minutes(30),
            sentence: RESET,
        },
        Endpoint {
            path: "/auth/accept-invite",
            body: token,
            status: 400,
            attempts: 10,
            window: TimeDelta::minutes(15),
            block: TimeDelta::minutes(30),
            sentence: OTHER,
        },
    ]
}

#[actix_web::test]
async fn rate_limit_of_each_endpoint() {
    for endpoint in endpoints() {
        let app = TestApp::start().await;
        let attempt = || post_from(&app, HOME, endpoint.path, &endpoint.body);
        let block = endpoint.block.num_seconds().unsigned_abs();
        for number in 1..=endpoint.attempts {
            let response = attempt().await;
            assert_eq!(response.status(), endpoint.status, "{number} {response:?}");
        }
        assert_rate_limited(&attempt().await, endpoint.sentence, block);

        // Refused attempts do not extend the block, which ends in time and leaves nothing.
        app.env.advance(TimeDelta::milliseconds(500));
        assert_rate_limited(&attempt().await, endpoint.sentence, block);
        app.env
            .advance(endpoint.block - TimeDelta::milliseconds(1500));
        assert_rate_limited(&attempt().await, endpoint.sentence, 1);
        app.env.advance(TimeDelta::seconds(1));
        for number in 1..=endpoint.attempts {
            let response = attempt().await;
            assert_eq!(response.status(), endpoint.status, "{number} {response:?}");
        }
        assert_rate_limited(&attempt().await, endpoint.sentence, block);
    }
}

#[actix_web::test]
async fn rate_limit_window_slides() {
    for endpoint in endpoints() {
        let app = TestApp::start().await;
        let attempt = || post_from(&app, HOME, endpoint.path, &endpoint.body);
        let made = async |count: usize| {
            for _ in 0..count {
                assert_eq!(attempt().await.status(), endpoint.status);
            }
        };
        made(1).await;
        app.env.advance(endpoint.window - TimeDelta::seconds(1));
        made(endpoint.attempts - 1).await;
        // The first leaves the window, the others do not.
        app.env.advance(TimeDelta::seconds(1));
        made(1).await;
        assert_eq!(attempt().await.status(), 429, "{}", endpoint.path);
    }
}

#[actix_web::test]
async fn rate_limits_of_endpoints_are_independent() {
    let app = TestApp::start().await;
    for endpoint in endpoints() {
        for _ in 0..endpoint.attempts {
            let response = post_from(&app, HOME, endpoint.path, &endpoint.body).await;
            assert_eq!(response.status(), endpoint.status, "{}", endpoint.path);
        }
    }
    for endpoint in endpoints() {
        let response = post_from(&app, HOME, endpoint.path, &endpoint.body).await;
        assert_eq!(response.status(), 429, "{}", endpoint.path);
    }
}

#[actix_web::test]
async fn rate_limit_counts_an_address_over_accounts() {
    for endpoint in endpoints() {
        let app = TestApp::start().await;
        let body = |number: usize| {
            let mut body = endpoint.body.clone();
            if body.get("email").is_some() {
                body["email"] = json!(format!("user{number}@acme.example"));
            } else {
                body["token"] = json!(format!("{number:0>43}"));
            }
            body
        };
        for number in 0..endpoint.attempts {
            let response = post_from(&app, HOME, endpoint.path, &body(number)).await;
            assert_eq!(response.status(), endpoint.status, "{}", endpoint.path);
        }
        let fresh = body(endpoint.attempts);
        let response = post_from(&app, HOME, endpoint.path, &fresh).await;
        let block = endpoint.block.num_seconds().unsigned_abs();
        assert_rate_limited(&response, endpoint.sentence, block);
        let response = post_from(&app, "198.51.100.1", endpoint.path, &fresh).await;
        assert_eq!(response.status(), endpoint.status, "{}", endpoint.path);
    }
}

#[actix_web::test]
async fn rate_limit_counts_an_account_over_addresses() {
    for endpoint in endpoints() {
        let app = TestApp::start().await;
        for number in 0..endpoint.attempts {
            let address = format!("198.51.100.{number}");
            let response = post_from(&app, &address, endpoint.path, &endpoint.body).await;
            assert_eq!(response.status(), endpoint.status, "{}", endpoint.path);
        }
        let response = post_from(&app, HOME, endpoint.path, &endpoint.body).await;
        let block = endpoint.block.num_seconds().unsigned_abs();
        assert_rate_limited(&response, endpoint.sentence, block);
    }
}

#[actix_web::test]
async fn rate_limit_ignores_the_spelling_of_an_account() {
    let app = TestApp::start().await;
    let globex = app.globex.id.to_string();
    for number in 0..10 {
        let (email, org) = [
            ("ada@acme.example", None),
            (" ADA@Acme.Example", None),
            ("ada@ACME.example", Some(&globex)),
        ][number % 3];
        let body = json!({ "email": email, "password": "Wrong-Horse-7", "orgId": org });
        let address = format!("198.51.100.{number}");
        assert_failed(&post_from(&app, &address, "/auth/login", &body).await);
    }
    let acme = app.acme.id.to_string();
    let body = json!({ "email": "ada@acme.example", "password": PASSWORD, "orgId": acme });
    let response = post_from(&app, HOME, "/auth/login", &body).await;
    assert_rate_limited(&response, LOGIN, 900);
    assert_eq!(sign_in(&app, HOME, "bob@acme.example").await.status(), 200);
}

#[actix_web::test]
async fn rate_limit_counts_an_ipv6_network_as_one_address() {
    let app = TestApp::start().await;
    for number in 1..=10 {
        let address = format!("2001:db8:1:2:{number}::{number}");
        let email = format!("user{number}@acme.example");
        assert_failed(&guess(&app, &address, &email).await);
    }
    let (same, next) = ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:3::1");
    assert_rate_limited(&guess(&app, same, "new@acme.example").await, LOGIN, 900);
    assert_failed(&guess(&app, next, "new@acme.example").await);
}

#[actix_web::test]
async fn rate_limit_counts_mapped_ipv4_addresses_as_one() {
    let app = TestApp::start().await;
    for number in 0..10 {
        let address = ["192.0.2.1", "::ffff:192.0.2.1"][number % 2];
        let email = format!("user{number}@acme.example");
        assert_failed(&guess(&app, address, &email).await);
    }
    for address in ["192.0.2.1", "::ffff:192.0.2.1"] {
        let response = guess(&app, address, "new@acme.example").await;
        assert_rate_limited(&response, LOGIN, 900);
    }
    assert_failed(&guess(&app, "::ffff:192.0.2.2", "new@acme.example").await);
}

#[actix_web::test]
async fn rate_limit_counts_clients_behind_a_proxy() {
    let app = TestApp::with(|config| {
        config.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
    })
    .await;
    let through_proxy = async |client: &str, number: usize| {
        let email = format!("user{number}@acme.example");
        app.anonymous()
            .call(Method::POST, "/auth/login")
            .from_address("10.0.0.1")
            .header("x-forwarded-for", client)
            .json(&json!({ "email": email, "password": PASSWORD }))
            .send()
            .await
    };
    for number in 0..10 {
        // What a client writes in front of its own address does not make it another.
        let chain = format!("6.6.6.{number}, 198.51.100.1");
        assert_failed(&through_proxy(&chain, number).await);
    }
    let response = through_proxy("198.51.100.1", 10).await;
    assert_rate_limited(&response, LOGIN, 900);
    assert_failed(&through_proxy("198.51.100.2", 11).await);
}

#[actix_web::test]
async fn rate_limit_ignores_invalid_requests() {
    for endpoint in endpoints() {
        let app = TestApp::with(|config| config.max_body_bytes = 1000).await;
        let json = "application/json";
        for _ in 0..5 {
            for (content_type, body, status) in [
                (json, "{".to_owned(), 400),
                (json, "{}".to_owned(), 400),
                (json, r#"{"email": 7, "token": 7}"#.to_owned(), 400),
                (json, format!("\"{}\"", "x".repeat(1000)), 413),
                ("text/plain", endpoint.body.to_string(), 415),
            ] {
                let response = app
                    .anonymous()
                    .call(Method::POST, endpoint.path)
                    .body(content_type, body)
                    .send()
                    .await;
                assert_eq!(response.status(), status, "{}", endpoint.path);
            }
            if endpoint.body.get("token").is_some() {
                let mut weak = endpoint.body.clone();
                weak["password"] = json!("weak");
                let response = post_from(&app, HOME, endpoint.path, &weak).await;
                assert_eq!(response.status(), 400, "{}", endpoint.path);
            }
        }
        for _ in 0..endpoint.attempts {
            let response = post_from(&app, HOME, endpoint.path, &endpoint.body).await;
            assert_eq!(response.status(), endpoint.status, "{}", endpoint.path);
        }
    }
}

#[actix_web::test]
async fn login_resets_the_rate_limit_of_address_and_account() {
    let app = TestApp::start().await;
    for number in 0..9 {
        assert_failed(&guess(&app, &format!("198.51.100.{number}"), "ada@acme.example").await);
    }
    for number in 0..9 {
        assert_failed(&guess(&app, HOME, &format!("user{number}@acme.example")).await);
    }
    assert_eq!(sign_in(&app, HOME, "ada@acme.example").await.status(), 200);
    // Both counts begin again.
    for number in 10..20 {
        assert_failed(&guess(&app, &format!("198.51.100.{number}"), "ada@acme.example").await);
    }
    for number in 10..20 {
        assert_failed(&guess(&app, HOME, &format!("user{number}@acme.example")).await);
    }
    let fresh = "198.51.100.99";
    assert_rate_limited(&guess(&app, fresh, "ada@acme.example").await, LOGIN, 900);
    assert_rate_limited(&guess(&app, HOME, "new@acme.example").await, LOGIN, 900);
}

#[actix_web::test]
async fn login_keeps_the_rate_limit_of_other_accounts() {
    let app = TestApp::start().await;
    for _ in 0..9 {
        assert_failed(&guess(&app, HOME, "bob@acme.example").await);
    }
    assert_eq!(sign_in(&app, HOME, "ada@acme.example").await.status(), 200);
    assert_failed(&guess(&app, HOME, "bob@acme.example").await);
    let response = guess(&app, HOME, "bob@acme.example").await;
    assert_rate_limited(&response, LOGIN, 900);
}

#[actix_web::test]
async fn thirty_failed_accounts_block_an_address_for_an_hour() {
    let app = TestApp::start().await;
    let mut accounts = (0..30).map(|number| format!("user{number}@acme.example"));
    // The owner of an account signs in now and then, which clears the other count.
    for batch in [9, 9, 9, 3] {
        assert_eq!(sign_in(&app, HOME, "ada@acme.example").await.status(), 200);
        for email in accounts.by_ref().take(batch) {
            assert_failed(&guess(&app, HOME, &email).await);
        }
        app.env.advance(TimeDelta::minutes(10));
    }
    // Ten minutes of the hour are over.
    let response = sign_in(&app, HOME, "ada@acme.example").await;
    assert_rate_limited(&response, LOGIN, 3000);
    // Signing in elsewhere opens nothing here, and what was refused here harms nobody elsewhere.
    let elsewhere = "198.51.100.1";
    let response = sign_in(&app, elsewhere, "ada@acme.example").await;
    assert_eq!(response.status(), 200);
    app.env
        .advance(TimeDelta::minutes(50) - TimeDelta::seconds(1));
    let response = sign_in(&app, HOME, "ada@acme.example").await;
    assert_rate_limited(&response, LOGIN, 1);
    app.env.advance(TimeDelta::seconds(1));
    assert_eq!(sign_in(&app, HOME, "ada@acme.example").await.status(), 200);
}

#[actix_web::test]
async fn fewer_failed_accounts_do_not_block_an_address() {
    let app = TestApp::start().await;
    let attempts = async |numbers: std::ops::Range<usize>| {
        for number in numbers {
            if number % 9 == 0 {
                assert_eq!(sign_in(&app, HOME, "ada@acme.example").await.status(), 200);
            }
            assert_failed(&guess(&app, HOME, &format!("user{number}@acme.example")).await);
        }
        assert_eq!(sign_in(&app, HOME, "ada@acme.example").await.status(), 200);
    };
    attempts(0..29).await;
    // The same once more are still twenty-nine.
    attempts(0..29).await;
    app.env.advance(TimeDelta::hours(1));
    attempts(29..58).await;
}

#[actix_web::test]
async fn rate_limit_of_forgot_password_is_never_reset() {
    let app = TestApp::start().await;
    let body = json!({ "email": "ada@acme.example" });
    let path = "/auth/forgot-password";
    for _ in 0..5 {
        assert_eq!(post_from(&app, HOME, path, &body).await.status(), 200);
        assert_eq!(sign_in(&app, HOME, "ada@acme.example").await.status(), 200);
    }
    assert_rate_limited(&post_from(&app, HOME, path, &body).await, RESET, 1800);
}

#[actix_web::test]
async fn password_reset_resets_the_rate_limit_of_the_address() {
    let app = TestApp::start().await;
    let good = reset_token(&app, &app.acme.ada).await;
    let attempt = async |token: &str| {
        let body = json!({ "token": token, "password": "Winter-Birds-47" });
        post_from(&app, HOME, "/auth/reset-password", &body).await
    };
    for number in 0..9 {
        assert_eq!(attempt(&format!("{number:0>43}")).await.status(), 400);
    }
    assert_eq!(attempt(&good).await.status(), 200);
    for number in 10..20 {
        assert_eq!(attempt(&format!("{number:0>43}")).await.status(), 400);
    }
    assert_rate_limited(&attempt(&format!("{:0>43}", 20)).await, RESET, 1800);
}

#[actix_web::test]
async fn accepted_invitation_resets_the_rate_limit_of_the_address() {
    let app = TestApp::start().await;
    let (_, good) = invite(&app, &app.acme, "new@acme.example").await;
    let attempt = async |token: &str| {
        let body = json!({ "token": token, "password": "Winter-Birds-47" });
        post_from(&app, HOME, "/auth/accept-invite", &body).await
    };
    for number in 0..9 {
        assert_eq!(attempt(&format!("{number:0>43}")).await.status(), 400);
    }
    assert_eq!(attempt(&good).await.status(), 200);
    for number in 10..20 {
        assert_eq!(attempt(&format!("{number:0>43}")).await.status(), 400);
    }
    assert_rate_limited(&attempt(&format!("{:0>43}", 20)).await, OTHER, 1800);
}

async fn change_password(user: &BearerUser, address: &str, current: &str, new: &str) -> Response {
    user.call(Method::POST, "/profile/password")
        .from_address(address)
        .json(&json!({ "currentPassword": current, "newPassword": new }))
        .send()
        .await
}

#[actix_web::test]
async fn wrong_current_passwords_are_rate_limited_by_user() {
    let app = TestApp::start().await;
    let sessions = [
        app.bearer(&app.acme.ada).await,
        app.bearer(&app.acme.ada).await,
    ];
    let bob = app.bearer(&app.acme.bob).await;
    let wrong = json!({ "error": "Current password is incorrect", "code": "INVALID_CREDENTIALS" });
    let new = "Winter-Birds-47";
    // A password that breaks a rule is no guess.
    let weak = change_password(&sessions[0], HOME, PASSWORD, "weak").await;
    assert_eq!(weak.status(), 400);
    for number in 0..10 {
        let address = format!("198.51.100.{number}");
        let session = &sessions[number % 2];
        let response = change_password(session, &address, "Wrong-Horse-7", new).await;
        assert_eq!(response.parts(), (400, wrong.clone()), "{number}");
    }
    for session in &sessions {
        let response = change_password(session, HOME, PASSWORD, new).await;
        assert_rate_limited(&response, OTHER, 900);
    }
    // A count of its own, of this user alone, which ends no session.
    assert_eq!(sessions[0].get("/profile").await.status(), 200);
    assert_eq!(sign_in(&app, HOME, "ada@acme.example").await.status(), 200);
    let response = change_password(&bob, HOME, PASSWORD, new).await;
    assert_eq!(response.status(), 200);
    app.env.advance(TimeDelta::minutes(15));
    let response = change_password(&sessions[0], HOME, PASSWORD, new).await;
    assert_eq!(response.status(), 200);
}

#[actix_web::test]
async fn wrong_current_passwords_are_rate_limited_by_address() {
    let app = TestApp::start().await;
    let [ada, bob] = [
        app.bearer(&app.acme.ada).await,
        app.bearer(&app.acme.bob).await,
    ];
    let new = "Winter-Birds-47";
    for number in 0..10 {
        let user = [&ada, &bob][number % 2];
        let response = change_password(user, HOME, "Wrong-Horse-7", new).await;
        assert_eq!(response.status(), 400, "{number}");
    }
    let response = change_password(&ada, HOME, PASSWORD, new).await;
    assert_rate_limited(&response, OTHER, 900);
    let response = change_password(&ada, "198.51.100.1", PASSWORD, new).await;
    assert_eq!(response.status(), 200);
}
