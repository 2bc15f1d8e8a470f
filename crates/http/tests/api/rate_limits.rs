//! How often somebody may try.

use actix_web::http::Method;
use chrono::TimeDelta;
use futures_util::future::join_all;
use portal_test_support::{Answer, BearerUser, Caller as _, PASSWORD, TestApp};
use serde_json::{Value, json};

use crate::support::accounts::{invite, reset_token};

const LOGIN: &str = "Too many login attempts. Please try again later.";
const RESET: &str = "Too many password reset attempts. Please try again later.";
const OTHER: &str = "Too many attempts. Please try again later.";

/// Where requests come from, unless a test is about that.
const HOME: &str = "203.0.113.9";

async fn post_from(app: &TestApp, address: &str, path: &str, body: &Value) -> Answer {
    app.anonymous()
        .call(Method::POST, path)
        .from_address(address)
        .json(body)
        .send()
        .await
}

/// Tries to sign in with a wrong password.
async fn guess(app: &TestApp, address: &str, email: &str) -> Answer {
    let body = json!({ "email": email, "password": "Wrong-Horse-7" });
    post_from(app, address, "/auth/login", &body).await
}

/// Signs in with the right password.
async fn sign_in(app: &TestApp, address: &str, email: &str) -> Answer {
    let body = json!({ "email": email, "password": PASSWORD });
    post_from(app, address, "/auth/login", &body).await
}

/// The attempt was made and failed.
fn assert_failed(answer: &Answer) {
    assert_eq!(answer.status(), 401, "{answer:?}");
}

fn assert_refused(answer: &Answer, sentence: &str, retry_after: u64) {
    assert_eq!(answer.parts(), (429, json!({ "error": sentence })));
    let expected = retry_after.to_string();
    assert_eq!(answer.header("retry-after"), Some(expected));
    assert_eq!(answer.set_cookies(), [""; 0]);
}

/// What a limit is, with an attempt that fails.
struct Endpoint {
    path: &'static str,
    body: Value,
    /// What an attempt that is made answers.
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
async fn each_endpoint_has_its_number_its_block_and_its_sentence() {
    for endpoint in endpoints() {
        let app = TestApp::start().await;
        let attempt = || post_from(&app, HOME, endpoint.path, &endpoint.body);
        let block = endpoint.block.num_seconds().unsigned_abs();
        for number in 1..=endpoint.attempts {
            let answer = attempt().await;
            assert_eq!(answer.status(), endpoint.status, "{number} {answer:?}");
        }
        assert_refused(&attempt().await, endpoint.sentence, block);

        // Refused attempts do not extend the block, which ends in time and leaves nothing.
        app.env.advance(TimeDelta::milliseconds(500));
        assert_refused(&attempt().await, endpoint.sentence, block);
        app.env
            .advance(endpoint.block - TimeDelta::milliseconds(1500));
        assert_refused(&attempt().await, endpoint.sentence, 1);
        app.env.advance(TimeDelta::seconds(1));
        for number in 1..=endpoint.attempts {
            let answer = attempt().await;
            assert_eq!(answer.status(), endpoint.status, "{number} {answer:?}");
        }
        assert_refused(&attempt().await, endpoint.sentence, block);
    }
}

#[actix_web::test]
async fn the_window_slides() {
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
async fn endpoints_do_not_count_for_each_other() {
    let app = TestApp::start().await;
    for endpoint in endpoints() {
        for _ in 0..endpoint.attempts {
            let answer = post_from(&app, HOME, endpoint.path, &endpoint.body).await;
            assert_eq!(answer.status(), endpoint.status, "{}", endpoint.path);
        }
    }
    for endpoint in endpoints() {
        let answer = post_from(&app, HOME, endpoint.path, &endpoint.body).await;
        assert_eq!(answer.status(), 429, "{}", endpoint.path);
    }
}

#[actix_web::test]
async fn an_address_is_counted_whatever_account_it_tries() {
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
            let answer = post_from(&app, HOME, endpoint.path, &body(number)).await;
            assert_eq!(answer.status(), endpoint.status, "{}", endpoint.path);
        }
        let fresh = body(endpoint.attempts);
        let answer = post_from(&app, HOME, endpoint.path, &fresh).await;
        let block = endpoint.block.num_seconds().unsigned_abs();
        assert_refused(&answer, endpoint.sentence, block);
        let answer = post_from(&app, "198.51.100.1", endpoint.path, &fresh).await;
        assert_eq!(answer.status(), endpoint.status, "{}", endpoint.path);
    }
}

#[actix_web::test]
async fn an_account_is_counted_whatever_address_tries_it() {
    for endpoint in endpoints() {
        let app = TestApp::start().await;
        for number in 0..endpoint.attempts {
            let address = format!("198.51.100.{number}");
            let answer = post_from(&app, &address, endpoint.path, &endpoint.body).await;
            assert_eq!(answer.status(), endpoint.status, "{}", endpoint.path);
        }
        let answer = post_from(&app, HOME, endpoint.path, &endpoint.body).await;
        let block = endpoint.block.num_seconds().unsigned_abs();
        assert_refused(&answer, endpoint.sentence, block);
    }
}

#[actix_web::test]
async fn an_account_is_one_however_it_is_spelled_and_wherever_it_is_looked_for() {
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
    let answer = post_from(&app, HOME, "/auth/login", &body).await;
    assert_refused(&answer, LOGIN, 900);
    assert_eq!(sign_in(&app, HOME, "bob@acme.example").await.status(), 200);
}

#[actix_web::test]
async fn an_ipv6_network_of_64_bits_is_one_address() {
    let app = TestApp::start().await;
    for number in 1..=10 {
        let address = format!("2001:db8:1:2:{number}::{number}");
        let email = format!("user{number}@acme.example");
        assert_failed(&guess(&app, &address, &email).await);
    }
    let (same, next) = ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:3::1");
    assert_refused(&guess(&app, same, "new@acme.example").await, LOGIN, 900);
    assert_failed(&guess(&app, next, "new@acme.example").await);
}

#[actix_web::test]
async fn an_ipv4_address_is_the_same_in_both_spellings() {
    let app = TestApp::start().await;
    for number in 0..10 {
        let address = ["192.0.2.1", "::ffff:192.0.2.1"][number % 2];
        let email = format!("user{number}@acme.example");
        assert_failed(&guess(&app, address, &email).await);
    }
    for address in ["192.0.2.1", "::ffff:192.0.2.1"] {
        let answer = guess(&app, address, "new@acme.example").await;
        assert_refused(&answer, LOGIN, 900);
    }
    assert_failed(&guess(&app, "::ffff:192.0.2.2", "new@acme.example").await);
}

#[actix_web::test]
async fn behind_a_proxy_its_clients_are_counted() {
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
    let answer = through_proxy("198.51.100.1", 10).await;
    assert_refused(&answer, LOGIN, 900);
    assert_failed(&through_proxy("198.51.100.2", 11).await);
}

#[actix_web::test]
async fn what_cannot_be_an_attempt_does_not_count() {
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
                let answer = app
                    .anonymous()
                    .call(Method::POST, endpoint.path)
                    .body(content_type, body)
                    .send()
                    .await;
                assert_eq!(answer.status(), status, "{}", endpoint.path);
            }
            if endpoint.body.get("token").is_some() {
                let mut weak = endpoint.body.clone();
                weak["password"] = json!("weak");
                let answer = post_from(&app, HOME, endpoint.path, &weak).await;
                assert_eq!(answer.status(), 400, "{}", endpoint.path);
            }
        }
        for _ in 0..endpoint.attempts {
            let answer = post_from(&app, HOME, endpoint.path, &endpoint.body).await;
            assert_eq!(answer.status(), endpoint.status, "{}", endpoint.path);
        }
    }
}

#[actix_web::test]
async fn a_login_clears_its_address_and_its_account() {
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
    assert_refused(&guess(&app, fresh, "ada@acme.example").await, LOGIN, 900);
    assert_refused(&guess(&app, HOME, "new@acme.example").await, LOGIN, 900);
}

#[actix_web::test]
async fn a_login_does_not_clear_other_accounts() {
    let app = TestApp::start().await;
    for _ in 0..9 {
        assert_failed(&guess(&app, HOME, "bob@acme.example").await);
    }
    assert_eq!(sign_in(&app, HOME, "ada@acme.example").await.status(), 200);
    assert_failed(&guess(&app, HOME, "bob@acme.example").await);
    let answer = guess(&app, HOME, "bob@acme.example").await;
    assert_refused(&answer, LOGIN, 900);
}

#[actix_web::test]
async fn the_right_password_does_not_open_a_block() {
    let app = TestApp::start().await;
    for _ in 0..10 {
        assert_failed(&guess(&app, HOME, "ada@acme.example").await);
    }
    for address in [HOME, "198.51.100.1"] {
        let answer = sign_in(&app, address, "ada@acme.example").await;
        assert_refused(&answer, LOGIN, 900);
    }
    app.env.advance(TimeDelta::minutes(15));
    assert_eq!(sign_in(&app, HOME, "ada@acme.example").await.status(), 200);
}

#[actix_web::test]
async fn a_choice_of_organizations_gives_its_attempt_back() {
    let app = TestApp::start().await;
    app.person(app.acme.id, "sam@example.org").await;
    app.person(app.globex.id, "sam@example.org").await;
    for _ in 0..9 {
        assert_failed(&guess(&app, HOME, "sam@example.org").await);
    }
    for _ in 0..15 {
        let answer = sign_in(&app, HOME, "sam@example.org").await;
        assert_eq!(answer.json()["code"], "MULTIPLE_ACCOUNTS", "{answer:?}");
    }
    // It neither counts nor clears.
    assert_failed(&guess(&app, HOME, "sam@example.org").await);
    let answer = sign_in(&app, HOME, "sam@example.org").await;
    assert_refused(&answer, LOGIN, 900);
}

#[actix_web::test]
async fn of_attempts_at_once_no_more_are_made_than_are_allowed() {
    let app = TestApp::start().await;
    let all = (0..25).map(|_| guess(&app, HOME, "ada@acme.example"));
    let answers = join_all(all).await;
    let count = |status| {
        let answers = answers.iter().filter(|answer| answer.status() == status);
        answers.count()
    };
    assert_eq!((count(401), count(429)), (10, 15));
}

#[actix_web::test]
async fn thirty_accounts_failed_from_an_address_block_it_for_an_hour() {
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
    let answer = sign_in(&app, HOME, "ada@acme.example").await;
    assert_refused(&answer, LOGIN, 3000);
    // Signing in elsewhere opens nothing here, and what was refused here harms nobody elsewhere.
    let elsewhere = "198.51.100.1";
    let answer = sign_in(&app, elsewhere, "ada@acme.example").await;
    assert_eq!(answer.status(), 200);
    app.env
        .advance(TimeDelta::minutes(50) - TimeDelta::seconds(1));
    let answer = sign_in(&app, HOME, "ada@acme.example").await;
    assert_refused(&answer, LOGIN, 1);
    app.env.advance(TimeDelta::seconds(1));
    assert_eq!(sign_in(&app, HOME, "ada@acme.example").await.status(), 200);
}

#[actix_web::test]
async fn fewer_accounts_or_a_longer_time_do_not() {
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
async fn nothing_clears_requests_for_a_link() {
    let app = TestApp::start().await;
    let body = json!({ "email": "ada@acme.example" });
    let path = "/auth/forgot-password";
    for _ in 0..5 {
        assert_eq!(post_from(&app, HOME, path, &body).await.status(), 200);
        assert_eq!(sign_in(&app, HOME, "ada@acme.example").await.status(), 200);
    }
    assert_refused(&post_from(&app, HOME, path, &body).await, RESET, 1800);
}

#[actix_web::test]
async fn a_reset_clears_the_failures_of_its_address() {
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
    assert_refused(&attempt(&format!("{:0>43}", 20)).await, RESET, 1800);
}

#[actix_web::test]
async fn an_accepted_invitation_clears_the_failures_of_its_address() {
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
    assert_refused(&attempt(&format!("{:0>43}", 20)).await, OTHER, 1800);
}

async fn change_password(user: &BearerUser, address: &str, current: &str, new: &str) -> Answer {
    user.call(Method::POST, "/profile/password")
        .from_address(address)
        .json(&json!({ "currentPassword": current, "newPassword": new }))
        .send()
        .await
}

#[actix_web::test]
async fn guessing_the_current_password_is_counted_for_the_user() {
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
        let answer = change_password(session, &address, "Wrong-Horse-7", new).await;
        assert_eq!(answer.parts(), (400, wrong.clone()), "{number}");
    }
    for session in &sessions {
        let answer = change_password(session, HOME, PASSWORD, new).await;
        assert_refused(&answer, OTHER, 900);
    }
    // A count of its own, of this user alone, which ends no session.
    assert_eq!(sessions[0].get("/profile").await.status(), 200);
    assert_eq!(sign_in(&app, HOME, "ada@acme.example").await.status(), 200);
    let answer = change_password(&bob, HOME, PASSWORD, new).await;
    assert_eq!(answer.status(), 200);
    app.env.advance(TimeDelta::minutes(15));
    let answer = change_password(&sessions[0], HOME, PASSWORD, new).await;
    assert_eq!(answer.status(), 200);
}

#[actix_web::test]
async fn guessing_current_passwords_is_counted_for_the_address() {
    let app = TestApp::start().await;
    let [ada, bob] = [
        app.bearer(&app.acme.ada).await,
        app.bearer(&app.acme.bob).await,
    ];
    let new = "Winter-Birds-47";
    for number in 0..10 {
        let user = [&ada, &bob][number % 2];
        let answer = change_password(user, HOME, "Wrong-Horse-7", new).await;
        assert_eq!(answer.status(), 400, "{number}");
    }
    let answer = change_password(&ada, HOME, PASSWORD, new).await;
    assert_refused(&answer, OTHER, 900);
    let answer = change_password(&ada, "198.51.100.1", PASSWORD, new).await;
    assert_eq!(answer.status(), 200);
}
