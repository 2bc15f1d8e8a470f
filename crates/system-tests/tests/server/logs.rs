//! The log, with drivers that have much to tell.

use portal_demo::DEMO_PASSWORD;
use serde_json::json;

use crate::backends::Backends;

const LENA: &str = "lena.vogt@acme.example";

#[tokio::test(flavor = "multi_thread")]
async fn drivers_log_no_parameters_whatever_is_asked_for() {
    let backends = Backends::start().await;
    for filter in [
        "trace",
        "debug,tokio_postgres=trace,redis=trace,diesel=trace",
    ] {
        let server = backends.launch().set("PORTAL_LOG", filter).start().await;
        let customer = server.signed_in(LENA).await;
        assert_eq!(customer.submit("peppermint").await.unwrap().status, 201);
        let forgotten = json!({ "email": LENA });
        let response = customer.post("/auth/forgot-password", &forgotten).await;
        assert_eq!(response.unwrap().status, 200);
        let token = customer.token().unwrap().to_owned();
        server.signal("TERM");
        let (_, said) = server.ended().await;
        let is_answered = said.iter().any(|line| line.contains("request answered"));
        assert!(is_answered, "{said:#?}");
        for secret in [LENA, DEMO_PASSWORD, &token, "peppermint", "$argon2id$"] {
            let telling = said.iter().find(|line| line.contains(secret));
            assert_eq!(telling, None, "{filter}: {secret}");
        }
        // Parameters may be printed as bytes too.
        let bytes = format!("{:?}", LENA.as_bytes());
        let bytes = bytes.trim_matches(['[', ']']);
        assert!(!said.iter().any(|line| line.contains(bytes)), "{filter}");
    }
}
