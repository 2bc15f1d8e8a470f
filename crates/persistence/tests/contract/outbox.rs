//! The outbox.

use chrono::TimeDelta;
use portal_domain::environment::Environment as _;
use portal_domain::ids::OutboxMailId;
use portal_domain::notifications::{
    MailClaim, MailKind, MailPriority, OutboxBacklog, OutboxMail, OutboxState, ResetAccount,
};
use portal_domain::store::{StorageError, Store, TenantStore as _};
use portal_test_support::ManualEnvironment;

use crate::fixtures::{clock, tenant};
use crate::portal::Portal;

/// Three mails, a second apart.
async fn mails(store: &Portal, env: &ManualEnvironment) -> Vec<OutboxMail> {
    let acme = tenant(store, env, "acme").await;
    let (organization_id, user_id) = (acme.organization.id, acme.customer.account.user.id);
    let accounts = vec![ResetAccount {
        organization_id,
        user_id,
    }];
    let mut mails = Vec::new();
    let tx = store.begin(acme.scope).await.unwrap();
    for kind in [
        MailKind::PasswordReset { accounts },
        MailKind::PasswordChanged { user_id },
        MailKind::Invitation { user_id },
    ] {
        let mail = OutboxMail::new(env, organization_id, kind);
        tx.add_mail(&mail).await.unwrap();
        mails.push(mail);
        env.advance(TimeDelta::seconds(1));
    }
    tx.commit().await.unwrap();
    mails
}

async fn claim(store: &dyn Store, env: &ManualEnvironment, limit: u32) -> Vec<OutboxMail> {
    let tx = store.begin_system().await.unwrap();
    let hidden_until = env.now() + TimeDelta::minutes(5);
    let claim = MailClaim {
        now: env.now(),
        hidden_until,
        limit,
        priority: MailPriority::Notification,
        after: None,
        except: &[],
    };
    let claimed = tx.claim_mails(&claim).await.unwrap();
    tx.commit().await.unwrap();
    claimed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claimed_mail_is_hidden_and_counted() {
    let store = &Portal::create().await;
    let env = clock();
    let written = mails(store, &env).await;
    let hidden_until = env.now() + TimeDelta::minutes(5);
    let expected = |mail: &OutboxMail| OutboxMail {
        attempts: 1,
        next_attempt_at: hidden_until,
        ..mail.clone()
    };
    let expected: Vec<_> = written.iter().map(expected).collect();
    assert_eq!(claim(store, &env, 2).await, expected[..2]);
    assert_eq!(claim(store, &env, 2).await, expected[2..]);
    assert_eq!(claim(store, &env, 2).await, []);
    let tx = store.begin_system().await.unwrap();
    assert_eq!(tx.mails(OutboxState::Waiting, 10).await.unwrap(), expected);
    assert_eq!(
        tx.mails(OutboxState::Waiting, 1).await.unwrap(),
        expected[..1]
    );
    drop(tx);

    env.advance(TimeDelta::minutes(5));
    let again = claim(store, &env, 10).await;
    assert_eq!(
        again.iter().map(|mail| mail.attempts).collect::<Vec<_>>(),
        [2, 2, 2]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_is_sent_is_not_claimed_again() {
    let store = &Portal::create().await;
    let env = clock();
    let written = mails(store, &env).await;
    let tx = store.begin_system().await.unwrap();
    let sent = [written[0].id];
    tx.mark_mails_sent(&sent, env.now()).await.unwrap();
    assert!(!tx.retry_mail(written[0].id, env.now()).await.unwrap());
    let nobody = tx
        .mark_mails_sent(&[OutboxMailId::generate(&env)], env.now())
        .await;
    assert!(matches!(nobody, Err(StorageError::Missing("mail_outbox"))));
    tx.commit().await.unwrap();
    assert_eq!(claim(store, &env, 10).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_mail_waits_and_a_dead_one_is_retried() {
    let store = &Portal::create().await;
    let env = clock();
    let written = mails(store, &env).await;
    let (failed, dead) = (written[0].id, written[1].id);
    let later = env.now() + TimeDelta::minutes(1);
    let tx = store.begin_system().await.unwrap();
    tx.mark_mail_failed(failed, "no route", later, None)
        .await
        .unwrap();
    tx.mark_mail_failed(dead, "refused", later, Some(env.now()))
        .await
        .unwrap();
    tx.commit().await.unwrap();

    assert_eq!(claim(store, &env, 10).await.len(), 1);
    env.advance(TimeDelta::minutes(1));
    let claimed = claim(store, &env, 10).await;
    assert_eq!(claimed.len(), 1);
    assert_eq!(
        (claimed[0].id, claimed[0].last_error.as_deref()),
        (failed, Some("no route"))
    );

    let tx = store.begin_system().await.unwrap();
    let found = tx.mails(OutboxState::Dead, 10).await.unwrap();
    assert_eq!(found.iter().map(|mail| mail.id).collect::<Vec<_>>(), [dead]);
    assert!(tx.retry_mail(dead, env.now()).await.unwrap());
    assert!(
        !tx.retry_mail(OutboxMailId::generate(&env), env.now())
            .await
            .unwrap()
    );
    assert_eq!(tx.mails(OutboxState::Dead, 10).await.unwrap(), []);
    tx.commit().await.unwrap();
    let claimed = claim(store, &env, 10).await;
    assert_eq!(
        (claimed[0].id, claimed[0].attempts, claimed[0].dead_at),
        (dead, 1, None)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_cannot_be_read_stands_in_nobodys_way() {
    let store = &Portal::create().await;
    let env = clock();
    let written = mails(store, &env).await;
    let strange = written[0].id;
    store.tamper(&format!(
        "UPDATE mail_outbox SET payload = '{{\"kind\":\"from_the_future\"}}' WHERE id = '{strange}'"
    ));
    let ids = |mails: &[OutboxMail]| mails.iter().map(|mail| mail.id).collect::<Vec<_>>();
    assert_eq!(ids(&claim(store, &env, 1).await), [written[1].id]);
    assert_eq!(ids(&claim(store, &env, 1).await), [written[2].id]);

    // given up in the end, and listed by nobody who cannot say what it is
    env.advance(OutboxMail::LIFETIME);
    claim(store, &env, 10).await;
    let tx = store.begin_system().await.unwrap();
    assert_eq!(tx.mails(OutboxState::Dead, 10).await.unwrap(), []);
    assert!(tx.retry_mail(strange, env.now()).await.unwrap());
    tx.commit().await.unwrap();
    store.tamper(&format!(
        "UPDATE mail_outbox SET payload = \
         (SELECT payload FROM mail_outbox WHERE id = '{}') WHERE id = '{strange}'",
        written[1].id
    ));
    assert_eq!(claim(store, &env, 1).await[0].attempts, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_backlog_is_what_is_neither_sent_nor_given_up() {
    let store = &Portal::create().await;
    let env = clock();
    let backlog = async || {
        let system = store.system_reader().await.unwrap();
        let OutboxBacklog { waiting, oldest } = system.outbox_backlog().await.unwrap();
        (waiting, oldest)
    };
    assert_eq!(backlog().await, (0, None));
    let written = mails(store, &env).await;
    assert_eq!(backlog().await, (3, Some(written[0].created_at)));
    let tx = store.begin_system().await.unwrap();
    let sent = [written[0].id];
    tx.mark_mails_sent(&sent, env.now()).await.unwrap();
    tx.mark_mail_failed(written[2].id, "refused", env.now(), Some(env.now()))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(backlog().await, (1, Some(written[1].created_at)));
}
