//! Files: whose they are, and who takes one first.

use std::slice::from_ref;

use chrono::TimeDelta;
use futures_util::future::join;
use portal_domain::environment::Environment as _;
use portal_domain::files::{Attachment, Claim, ContentType, Sha256Digest};
use portal_domain::ids::{FileId, OrganizationId, UserId};
use portal_domain::store::{StorageError, Store, TenantScope, TenantStore as _};
use portal_domain::tickets::TicketPriority;
use portal_test_support::ManualEnvironment;

use crate::fixtures::{clock, tenant, ticket};
use crate::portal::Portal;

fn file(env: &ManualEnvironment, organization: OrganizationId, user: UserId) -> Attachment {
    Attachment {
        id: FileId::generate(env),
        organization_id: organization,
        file_name: "Bild ü.png".parse().unwrap_or_else(|never| match never {}),
        content_type: ContentType::Png,
        size_bytes: 5_000_000_000,
        sha256: Sha256Digest([0xab; 32]),
        uploaded_by: Some(user),
        ticket_id: None,
        comment_id: None,
        position: 0,
        created_at: env.now(),
        removed_at: None,
    }
}

async fn add(store: &dyn Store, scope: TenantScope, file: &Attachment) -> Result<(), StorageError> {
    let tx = store.begin(scope).await?;
    tx.add_file(file).await?;
    tx.commit().await
}

#[tokio::test]
async fn a_file_is_read_as_it_was_written_and_in_its_organization_alone() {
    let (store, env) = (Portal::create().await, clock());
    let acme = tenant(&store, &env, "acme").await;
    let globex = tenant(&store, &env, "globex").await;
    let (user, stranger) = (
        acme.customer.account.user.id,
        globex.customer.account.user.id,
    );
    let added = file(&env, acme.organization.id, user);
    assert!(add(&store, globex.scope, &added).await.is_err());
    add(&store, acme.scope, &added).await.unwrap();

    let own = store.reader(acme.scope).await.unwrap();
    assert_eq!(own.all_files().await.unwrap(), from_ref(&added));
    assert_eq!(own.total_file_bytes().await.unwrap(), 5_000_000_000);
    assert_eq!(
        own.waiting_files(user, &[added.id]).await.unwrap(),
        from_ref(&added)
    );
    assert_eq!(own.waiting_files(stranger, &[added.id]).await.unwrap(), []);
    let other = store.reader(globex.scope).await.unwrap();
    assert_eq!(other.all_files().await.unwrap(), []);
    assert_eq!(other.total_file_bytes().await.unwrap(), 0);
    assert_eq!(other.waiting_files(user, &[added.id]).await.unwrap(), []);

    let tx = store.begin(globex.scope).await.unwrap();
    assert!(!tx.remove_file(added.id, env.now()).await.unwrap());
    tx.expire_files(env.now() + TimeDelta::days(9), env.now())
        .await
        .unwrap();
    tx.forget_files(&[added.id]).await.unwrap();
    tx.commit().await.unwrap();
    let own = store.reader(acme.scope).await.unwrap();
    assert_eq!(own.all_files().await.unwrap(), [added]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_that_attach_a_file_at_once_one_has_it() {
    let (store, env) = (Portal::create().await, clock());
    let acme = tenant(&store, &env, "acme").await;
    let user = acme.customer.account.user.id;
    for _ in 0..10 {
        let one = ticket(&store, &env, &acme.customer, "One", TicketPriority::Normal).await;
        let two = ticket(&store, &env, &acme.customer, "Two", TicketPriority::Normal).await;
        let added = file(&env, acme.organization.id, user);
        add(&store, acme.scope, &added).await.unwrap();
        let claim = async |ticket| {
            let tx = store.begin(acme.scope).await.unwrap();
            let claim = Claim {
                file: added.id,
                uploader: Some(user),
                ticket,
                comment: None,
                position: 3,
            };
            let claimed = tx.claim_file(&claim).await.unwrap();
            tx.commit().await.unwrap();
            claimed
        };
        let (first, second) = join(claim(one.id), claim(two.id)).await;
        assert!(first != second, "{first} {second}");
        let has_it = if first { one.id } else { two.id };
        let reader = store.reader(acme.scope).await.unwrap();
        let [attached] = &*reader.files_of_ticket(has_it).await.unwrap() else {
            panic!("one file")
        };
        assert_eq!((attached.ticket_id, attached.position), (Some(has_it), 3));
    }
}

#[tokio::test]
async fn what_is_to_be_swept_is_found_and_forgotten() {
    let (store, env) = (Portal::create().await, clock());
    let acme = tenant(&store, &env, "acme").await;
    tenant(&store, &env, "globex").await;
    let user = acme.customer.account.user.id;
    let added = file(&env, acme.organization.id, user);
    add(&store, acme.scope, &added).await.unwrap();
    let found = async |before| {
        let system = store.system_reader().await.unwrap();
        system.organizations_to_sweep(before).await.unwrap()
    };
    let later = env.now() + TimeDelta::seconds(1);
    assert_eq!(found(env.now()).await, []);
    assert_eq!(found(later).await, [acme.organization.id]);
    let tx = store.begin(acme.scope).await.unwrap();
    // A file that is still there is not forgotten.
    tx.forget_files(&[added.id]).await.unwrap();
    assert_eq!(tx.removed_files(None, 10).await.unwrap(), []);
    tx.expire_files(later, env.now()).await.unwrap();
    assert_eq!(tx.removed_files(None, 10).await.unwrap(), [added.id]);
    assert_eq!(tx.total_file_bytes().await.unwrap(), 0);
    tx.commit().await.unwrap();
    assert_eq!(found(env.now()).await, [acme.organization.id]);
    let tx = store.begin(acme.scope).await.unwrap();
    tx.forget_files(&[added.id]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(found(later).await, []);
}
