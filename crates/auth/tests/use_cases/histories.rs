//! Hundreds of clients at one reset link, one invitation and one password. What each of them was told
//! has to fit into one order in which everything happened at once, whose changes are made at a single
//! moment between a call and its answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use futures_util::stream::{self, StreamExt as _};
use portal_auth::accounts::{
    AcceptInvitation, AcceptInvitationError, ChangePasswordError, Client, ResetPasswordError,
    SignInError, SignedIn,
};
use portal_auth::rate_limits::{AccountDigest, LimitKey, SprayingRule, WriteLimits, Writer};
use portal_auth::state::{Attempt, MemoryState, StateResult, StoredSession};
use portal_auth::{SessionId, SessionRecord, StateStore};
use portal_domain::access::{self, AccessError};
use portal_domain::audit::AuditAction;
use portal_domain::ids::UserId;
use portal_domain::profiles::{OneTimeTokenPurpose, Password};
use portal_test_support::{PASSWORD, Person, cheap_hasher};

use crate::world::{World, anywhere, client_at};

/// How many clients there are.
const CLIENTS: usize = 200;

/// How many of them ask at a time.
const AT_ONCE: usize = 40;

/// A state that limits no attempts, which would end the contention that is looked for.
struct Unlimited(MemoryState);

#[async_trait]
impl StateStore for Unlimited {
    async fn ping(&self) -> StateResult<()> {
        self.0.ping().await
    }

    async fn insert_session(&self, id: &SessionId, record: &SessionRecord) -> StateResult<()> {
        self.0.insert_session(id, record).await
    }

    async fn touch_session(&self, id: &SessionId) -> StateResult<Option<SessionRecord>> {
        self.0.touch_session(id).await
    }

    async fn replace_session(&self, id: &SessionId, record: &SessionRecord) -> StateResult<bool> {
        self.0.replace_session(id, record).await
    }

    async fn sessions_of(&self, user: UserId) -> StateResult<Vec<StoredSession>> {
        self.0.sessions_of(user).await
    }

    async fn remove_session(&self, id: &SessionId) -> StateResult<()> {
        self.0.remove_session(id).await
    }

    async fn remove_sessions_of(&self, user: UserId, keep: Option<&SessionId>) -> StateResult<()> {
        self.0.remove_sessions_of(user, keep).await
    }

    async fn attempt(&self, _: &LimitKey) -> StateResult<Attempt> {
        Ok(Attempt::Allowed)
    }

    async fn give_back(&self, _: &LimitKey) -> StateResult<()> {
        Ok(())
    }

    async fn clear(&self, _: &LimitKey) -> StateResult<()> {
        Ok(())
    }

    async fn record_failure(
        &self,
        _: &LimitKey,
        _: &AccountDigest,
        _: &SprayingRule,
    ) -> StateResult<()> {
        Ok(())
    }

    async fn count_write(&self, _: &Writer, _: &WriteLimits) -> StateResult<Attempt> {
        Ok(Attempt::Allowed)
    }
}

async fn world() -> World {
    World::with(cheap_hasher(), |env| {
        Arc::new(Unlimited(MemoryState::new(env)))
    })
    .await
}

/// A call and its answer, with the moments of both.
struct Call<T> {
    begun: usize,
    answered: usize,
    answer: T,
}

impl<T> Call<T> {
    /// Whether this call was answered before another was made.
    fn is_before<U>(&self, other: &Call<U>) -> bool {
        self.answered < other.begun
    }
}

/// Numbers the moments at which something is seen from outside.
#[derive(Default)]
struct Clock(AtomicUsize);

impl Clock {
    async fn call<T>(&self, work: impl Future<Output = T>) -> Call<T> {
        let begun = self.0.fetch_add(1, Ordering::SeqCst);
        let answer = work.await;
        Call {
            begun,
            answered: self.0.fetch_add(1, Ordering::SeqCst),
            answer,
        }
    }
}

/// The calls of all clients, some at a time, in the order of their answers.
async fn all<T>(call: impl AsyncFn(usize) -> Call<T>) -> Vec<Call<T>> {
    let calls = stream::iter((0..CLIENTS).map(|number| call(number)));
    calls.buffer_unordered(AT_ONCE).collect().await
}

/// The client of this number, each at an address of its own.
fn client(number: usize) -> Client {
    client_at(&format!("198.51.{}.{}", number / 250, number % 250 + 1))
}

/// The password that a client chooses.
fn chosen(number: usize) -> String {
    format!("Winter-Birds-{number}")
}

fn parsed(number: usize) -> Password {
    chosen(number).parse().unwrap()
}

/// Whose chosen passwords are the one of a person now.
async fn passwords_in_use(world: &World, person: &Person) -> Vec<usize> {
    let reader = world.reader(person.scope()).await;
    let hash = reader.password_hash(person.id).await.unwrap();
    drop(reader);
    let (hasher, mut found) = (cheap_hasher(), Vec::new());
    for number in 0..CLIENTS {
        let password = chosen(number).into();
        let verified = hasher.verify_each(&password, vec![hash.clone()]).await;
        if verified.unwrap().iter().all(|found| found.is_right()) {
            found.push(number);
        }
    }
    found
}

/// Whether a session is still let in.
async fn is_let_in(world: &World, signed_in: &SignedIn) -> bool {
    let Some(live) = world.sessions.load(&signed_in.session.token).await.unwrap() else {
        return false;
    };
    let claims = live.record.claims();
    let asked = access::read(&*world.store, &claims, None, async |_| {
        Ok::<_, AccessError>(())
    });
    match asked.await {
        Ok(_) => true,
        Err(AccessError::SessionEnded) => false,
        Err(error) => panic!("{error}"),
    }
}

/// What somebody did with a reset link.
#[derive(Debug)]
enum AtLink {
    /// Opened its page; whether it was good.
    Opened(bool),
    /// Set a password of their own; whether they could.
    Reset(usize, bool),
}

#[tokio::test]
async fn of_hundreds_at_one_reset_link_one_sets_their_password_and_nobody_is_told_otherwise() {
    let world = world().await;
    let ada = &world.acme.ada;
    let before = world.user(ada).await.session_version;
    let signed_in = world.sign_in(&ada.email, PASSWORD, anywhere()).await;
    let token = world.mint(ada, OneTimeTokenPurpose::PasswordReset).await;
    let clock = Clock::default();
    let calls = all(async |number| {
        let by = client(number);
        clock
            .call(async {
                if number % 4 == 0 {
                    let opened = world.auth.resettable(&by, &token).await;
                    assert!(matches!(
                        opened,
                        Ok(_) | Err(ResetPasswordError::InvalidToken)
                    ));
                    return AtLink::Opened(opened.is_ok());
                }
                let reset = world
                    .auth
                    .reset_password(&by, &token, &parsed(number))
                    .await;
                assert!(
                    matches!(reset, Ok(()) | Err(ResetPasswordError::InvalidToken)),
                    "{reset:?}"
                );
                AtLink::Reset(number, reset.is_ok())
            })
            .await
    })
    .await;

    let is_done = |call: &&Call<AtLink>| matches!(call.answer, AtLink::Reset(_, true));
    let done: Vec<_> = calls.iter().filter(is_done).collect();
    let [reset] = done[..] else {
        panic!("{} have set their password", done.len());
    };
    let AtLink::Reset(number, _) = reset.answer else {
        panic!("{:?}", reset.answer);
    };
    for call in &calls {
        match call.answer {
            AtLink::Opened(true) => assert!(!reset.is_before(call), "good after it was used"),
            AtLink::Opened(false) => assert!(!call.is_before(reset), "used before it was"),
            AtLink::Reset(..) => {}
        }
        // Whoever was refused was so because another had been faster.
        if matches!(call.answer, AtLink::Reset(_, false)) {
            assert!(!call.is_before(reset), "refused before it was used");
        }
    }
    assert_eq!(passwords_in_use(&world, ada).await, [number]);
    assert_eq!(world.user(ada).await.session_version, before + 1);
    assert!(!is_let_in(&world, &signed_in.unwrap()).await);
    let action = AuditAction::PortalAuthPasswordReset;
    assert_eq!(world.audited(world.acme.id, action).await.len(), 1);
    assert_eq!(world.outbox(world.acme.id).await.len(), 1);
}

#[tokio::test]
async fn of_hundreds_at_one_invitation_one_sets_up_the_account_and_nobody_is_told_otherwise() {
    let world = world().await;
    let new = world.invited(&world.acme, "new@acme.example").await;
    let token = world.mint(&new, OneTimeTokenPurpose::Invitation).await;
    let clock = Clock::default();
    let calls = all(async |number| {
        let accept = AcceptInvitation {
            token: token.clone(),
            password: parsed(number),
            name: None,
        };
        let by = client(number);
        let accepted = world.auth.accept_invitation(&by, accept);
        clock.call(async { (number, accepted.await) }).await
    })
    .await;

    let done: Vec<_> = calls.iter().filter(|call| call.answer.1.is_ok()).collect();
    let [accepted] = done[..] else {
        panic!("{} have set up the account", done.len());
    };
    for call in &calls {
        match &call.answer.1 {
            Ok(_) => {}
            // It was used between the look-up and the change.
            Err(AcceptInvitationError::InvalidToken) => {
                assert!(!accepted.is_before(call) && !call.is_before(accepted));
            }
            Err(AcceptInvitationError::AlreadySetUp) => assert!(!call.is_before(accepted)),
            Err(error) => panic!("{error}"),
        }
    }
    let (number, signed_in) = &accepted.answer;
    assert_eq!(passwords_in_use(&world, &new).await, [*number]);
    assert!(is_let_in(&world, signed_in.as_ref().unwrap()).await);
    let open = world
        .sessions
        .of_user(&signed_in.as_ref().unwrap().session.record);
    assert_eq!(open.await.unwrap().len(), 1);
    let action = AuditAction::PortalAuthInviteAccept;
    assert_eq!(world.audited(world.acme.id, action).await.len(), 1);
}

/// What somebody did with a password.
enum AtPassword {
    /// Signed in with the old one, or the one that one of the changes sets.
    SignIn(Option<usize>, Option<Box<SignedIn>>),
    /// Changed it.
    Change(usize, bool),
}

#[tokio::test]
async fn a_password_that_hundreds_use_while_it_is_changed_is_the_old_one_until_it_is_the_new_one() {
    let world = world().await;
    let ada = &world.acme.ada;
    let claims = world.claims(ada).await;
    // Several want to change it, in the same session, in the midst of those who sign in.
    let changers = [40, 41, 42, 43, 44];
    let clock = Clock::default();
    let sign_in = async |number: usize, new: Option<usize>| {
        let password = new.map_or_else(|| PASSWORD.to_owned(), chosen);
        let by = client(number);
        let signed_in = world.sign_in_from(by, &ada.email, &password, anywhere());
        let signed_in = match signed_in.await {
            Ok(signed_in) => Some(Box::new(signed_in)),
            Err(SignInError::InvalidCredentials) => None,
            Err(error) => panic!("{error}"),
        };
        AtPassword::SignIn(new, signed_in)
    };
    let mut calls = all(async |number| {
        let by = client(number);
        clock
            .call(async {
                if changers.contains(&number) {
                    let (old, new) = (PASSWORD.into(), parsed(number));
                    let changed = world.auth.change_password(&by, &claims, &old, &new).await;
                    assert!(
                        matches!(
                            changed,
                            Ok(())
                                | Err(ChangePasswordError::WrongPassword
                                    | ChangePasswordError::Access(AccessError::SessionEnded))
                        ),
                        "{changed:?}"
                    );
                    return AtPassword::Change(number, changed.is_ok());
                }
                let new = (number % 2 == 1).then(|| changers[number / 2 % changers.len()]);
                sign_in(number, new).await
            })
            .await
    })
    .await;
    for (number, new) in changers.into_iter().map(Some).chain([None]).enumerate() {
        calls.push(clock.call(sign_in(number, new)).await);
    }
    world.settle().await;

    let is_done = |call: &&Call<AtPassword>| matches!(call.answer, AtPassword::Change(_, true));
    let done: Vec<_> = calls.iter().filter(is_done).collect();
    let [change] = done[..] else {
        panic!("{} have changed the password", done.len());
    };
    let AtPassword::Change(changer, _) = change.answer else {
        panic!("no change");
    };
    let (mut old_ones, mut new_ones) = (Vec::new(), Vec::new());
    for call in &calls {
        let AtPassword::SignIn(with, signed_in) = &call.answer else {
            continue;
        };
        match (with, signed_in) {
            (None, Some(signed_in)) => {
                assert!(!change.is_before(call), "the old one after the change");
                assert!(!is_let_in(&world, signed_in).await, "its session goes on");
                old_ones.push(call);
            }
            (None, None) => assert!(!call.is_before(change), "not the old one before"),
            (Some(new), Some(signed_in)) => {
                assert_eq!(*new, changer, "another one");
                assert!(!call.is_before(change), "the new one before the change");
                assert!(is_let_in(&world, signed_in).await, "its session has ended");
                new_ones.push(call);
            }
            (Some(new), None) => {
                assert!(
                    *new != changer || !change.is_before(call),
                    "not the new one after"
                );
            }
        }
    }
    assert!(!old_ones.is_empty() && !new_ones.is_empty());
    // Once the new one was good, the old one was not any more.
    for old in old_ones {
        assert!(new_ones.iter().all(|new| !new.is_before(old)));
    }
    assert_eq!(passwords_in_use(&world, ada).await, [changer]);
    let action = AuditAction::PortalProfilePasswordChange;
    assert_eq!(world.audited(world.acme.id, action).await.len(), 1);
    assert_eq!(world.outbox(world.acme.id).await.len(), 1);
}

#[tokio::test]
async fn a_reset_a_change_and_a_new_link_at_once_wait_for_each_other_in_one_order() {
    let world = world().await;
    let ada = &world.acme.ada;
    for _ in 0..20 {
        let old = "Autumn-Leaves-3";
        let mint = async || world.mint(ada, OneTimeTokenPurpose::PasswordReset).await;
        let token = mint().await;
        world
            .auth
            .reset_password(&client(0), &token, &old.parse().unwrap())
            .await
            .unwrap();
        world.env.advance(chrono::TimeDelta::seconds(1));
        let token = mint().await;
        let signed_in = world.sign_in(&ada.email, old, anywhere()).await.unwrap();
        let claims = signed_in.session.record.claims();
        let (by_link, by_session) = (client(1), client(2));
        let (reset_to, change_to, old_one) = (parsed(1), parsed(2), old.into());
        let (reset, changed) = futures_util::future::join(
            world.auth.reset_password(&by_link, &token, &reset_to),
            world
                .auth
                .change_password(&by_session, &claims, &old_one, &change_to),
        )
        .await;
        // A new password voids links and ends sessions, so only one of them can be first.
        let expected = match (reset, changed) {
            (Ok(()), Err(ChangePasswordError::WrongPassword | ChangePasswordError::Access(_))) => 1,
            (Err(ResetPasswordError::InvalidToken), Ok(())) => 2,
            other => panic!("{other:?}"),
        };
        assert_eq!(passwords_in_use(&world, ada).await, [expected]);
        world.env.advance(chrono::TimeDelta::minutes(1));
    }
}
