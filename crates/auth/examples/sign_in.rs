//! An attacker guesses passwords, and a user signs in.
//!
//! `cargo run -p portal-auth --example sign_in`
#![expect(clippy::print_stdout, reason = "printing is all it does")]

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use portal_auth::rate_limits::LOGIN;
use portal_auth::state::MemoryState;
use portal_auth::{
    Argon2Params, LimitError, Match, PasswordHasher, RateLimiter, SessionRecord, Sessions,
    StateStore,
};
use portal_domain::environment::{Environment, SystemEnvironment};
use portal_domain::ids::{OrganizationId, UserId};

const ACCOUNT: &str = "ada@acme.example";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let env: Arc<dyn Environment> = Arc::new(SystemEnvironment);
    let state: Arc<dyn StateStore> = Arc::new(MemoryState::new(Arc::clone(&env)));
    let passwords = PasswordHasher::new(Argon2Params::default())?;
    let stored = Some(passwords.hash(&"Portal-Demo-1".into()).await?);
    let limiter = RateLimiter::new(Arc::clone(&state));

    let guesser = IpAddr::from(Ipv4Addr::new(198, 51, 100, 7));
    for guess in 1.. {
        match limiter
            .attempt(&LOGIN, guesser, "somebody@else.example")
            .await
        {
            Ok(_counted) => {
                let matches = passwords
                    .verify_each(&"123456".into(), vec![stored.clone()])
                    .await?;
                println!(
                    "guess {guess}: {}",
                    if matches == [Match::Yes] {
                        "in"
                    } else {
                        "wrong"
                    }
                );
            }
            Err(LimitError::Exceeded { retry_after }) => {
                println!(
                    "guess {guess}: not before {} seconds",
                    retry_after.as_secs()
                );
                break;
            }
            Err(error) => return Err(error.into()),
        }
    }

    let ada = IpAddr::from(Ipv4Addr::new(203, 0, 113, 9));
    let permit = limiter.attempt(&LOGIN, ada, ACCOUNT).await?;
    let matches = passwords
        .verify_each(&"Portal-Demo-1".into(), vec![stored])
        .await?;
    if matches == [Match::Yes] {
        let sessions = Sessions::new(state, Arc::clone(&env));
        let record = SessionRecord {
            user_id: UserId::generate(&*env),
            org_id: OrganizationId::generate(&*env),
            version: 1,
            signed_in_at: env.now(),
            client: None,
            ip_address: Some(ada),
        };
        let session = sessions.create(&record).await?;
        permit.succeeded().await?;
        let found = sessions.load(&session.token).await?;
        println!(
            "Ada is in until {}: {}",
            session.expires_at,
            found.is_some()
        );
    }
    Ok(())
}
