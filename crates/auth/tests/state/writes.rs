//! The limits on changes, by user and by organization.
//!
//! A step is ten seconds, as a server's clock goes on while a test runs.

use std::sync::Arc;
use std::time::Duration;

use portal_auth::{LimitError, RateLimiter, WriteLimits, Writer};
use portal_domain::environment::SystemEnvironment;
use portal_domain::ids::{OrganizationId, UserId};
use portal_test_support::TestState;
use tokio::sync::Barrier;

const STEP: Duration = Duration::from_secs(10);

const LIMITS: WriteLimits = WriteLimits {
    per_user: 3,
    per_organization: 5,
};

struct Fixture<'a> {
    backend: &'a TestState,
    limiter: RateLimiter,
}

impl<'a> Fixture<'a> {
    fn new(backend: &'a TestState) -> Self {
        let limiter = RateLimiter::new(Arc::clone(&backend.store));
        Self { backend, limiter }
    }

    async fn allowed(&self, writer: &Writer, limits: WriteLimits) {
        self.limiter.write(writer, &limits).await.unwrap();
    }

    /// Asserts that a change has to wait for this many steps, or slightly less.
    async fn refused(&self, writer: &Writer, limits: WriteLimits, steps: u32) {
        match self.limiter.write(writer, &limits).await {
            Err(LimitError::Exceeded { retry_after }) => {
                let most = STEP * steps;
                assert!(
                    retry_after <= most && retry_after + STEP > most,
                    "{retry_after:?}"
                );
            }
            other => panic!("{other:?}"),
        }
    }

    fn advance(&self, steps: u32) {
        self.backend.advance(STEP * steps);
    }
}

fn somebody_of(organization: OrganizationId) -> Writer {
    Writer {
        user: UserId::generate(&SystemEnvironment),
        organization,
    }
}

fn somebody() -> Writer {
    somebody_of(OrganizationId::generate(&SystemEnvironment))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_makes_only_so_many_changes_in_any_minute() {
    let backend = &TestState::create();
    let fixture = Fixture::new(backend);
    let ada = somebody();
    fixture.allowed(&ada, LIMITS).await;
    fixture.advance(3);
    fixture.allowed(&ada, LIMITS).await;
    fixture.allowed(&ada, LIMITS).await;
    fixture.refused(&ada, LIMITS, 3).await;
    // What was refused counts for nothing: there is room as soon as the first has left.
    fixture.advance(3);
    fixture.allowed(&ada, LIMITS).await;
    fixture.refused(&ada, LIMITS, 3).await;
    fixture.advance(3);
    fixture.allowed(&ada, LIMITS).await;
    fixture.allowed(&ada, LIMITS).await;
    fixture.refused(&ada, LIMITS, 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_users_of_an_organization_share_its_limit_and_others_do_not() {
    let backend = &TestState::create();
    let fixture = Fixture::new(backend);
    let ada = somebody();
    let [bob, cid] = [(); 2].map(|()| somebody_of(ada.organization));
    for writer in [&ada, &ada, &ada, &bob, &bob] {
        fixture.allowed(writer, LIMITS).await;
    }
    for writer in [&bob, &cid] {
        fixture.refused(writer, LIMITS, 6).await;
    }
    fixture.allowed(&somebody(), LIMITS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_refused_to_a_user_does_not_count_for_the_organization() {
    let backend = &TestState::create();
    let fixture = Fixture::new(backend);
    let ada = somebody();
    let bob = somebody_of(ada.organization);
    for _ in 0..3 {
        fixture.allowed(&ada, LIMITS).await;
    }
    for _ in 0..10 {
        fixture.refused(&ada, LIMITS, 6).await;
    }
    fixture.allowed(&bob, LIMITS).await;
    fixture.allowed(&bob, LIMITS).await;
    // Nor the other way round: refused to the organization, they do not count for the user.
    for _ in 0..10 {
        fixture.refused(&bob, LIMITS, 6).await;
    }
    fixture.advance(6);
    for _ in 0..3 {
        fixture.allowed(&bob, LIMITS).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn zero_is_no_limit() {
    let backend = &TestState::create();
    let fixture = Fixture::new(backend);
    let ada = somebody();
    let by_user = WriteLimits {
        per_organization: 0,
        ..LIMITS
    };
    let by_organization = WriteLimits {
        per_user: 0,
        ..LIMITS
    };
    for _ in 0..20 {
        fixture.allowed(&ada, WriteLimits::NONE).await;
    }
    // Nothing was counted.
    for _ in 0..3 {
        fixture.allowed(&ada, by_user).await;
    }
    fixture.refused(&ada, by_user, 6).await;
    let bob = somebody_of(ada.organization);
    for _ in 0..5 {
        fixture.allowed(&bob, by_organization).await;
    }
    fixture.refused(&bob, by_organization, 6).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_that_is_lowered_holds_for_what_was_counted_before() {
    let backend = &TestState::create();
    let fixture = Fixture::new(backend);
    let ada = somebody();
    let high = WriteLimits {
        per_user: 4,
        per_organization: 0,
    };
    for _ in 0..4 {
        fixture.allowed(&ada, high).await;
        fixture.advance(1);
    }
    let low = WriteLimits {
        per_user: 2,
        ..high
    };
    // The third of the four was made two steps ago.
    fixture.refused(&ada, low, 4).await;
    fixture.advance(4);
    fixture.allowed(&ada, low).await;
    fixture.refused(&ada, low, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_hundred_concurrent_changes_exactly_the_limit_is_allowed() {
    let backend = &TestState::create();
    let limiter = RateLimiter::new(Arc::clone(&backend.store));
    let start = Arc::new(Barrier::new(100));
    let organization = OrganizationId::generate(&SystemEnvironment);
    let users: Vec<_> = (0..10).map(|_| somebody_of(organization)).collect();
    let limits = WriteLimits {
        per_user: 7,
        per_organization: 40,
    };
    let tasks: Vec<_> = (0..100)
        .map(|number| {
            let (limiter, start, writer) =
                (limiter.clone(), Arc::clone(&start), users[number % 10]);
            tokio::spawn(async move {
                start.wait().await;
                limiter.write(&writer, &limits).await.is_ok()
            })
        })
        .collect();
    let mut allowed = [0; 10];
    for (number, task) in tasks.into_iter().enumerate() {
        allowed[number % 10] += usize::from(task.await.unwrap());
    }
    assert_eq!(allowed.iter().sum::<usize>(), 40);
    assert!(allowed.iter().all(|by_one| *by_one <= 7), "{allowed:?}");
}
