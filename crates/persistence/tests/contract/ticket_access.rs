//! Who sees which tickets: the same for lists, totals, searches and single tickets.

use portal_domain::actors::Customer;
use portal_domain::ids::{TicketId, UserId};
use portal_domain::operation::Operation;
use portal_domain::pagination::PageRequest;
use portal_domain::profiles;
use portal_domain::store::{Store, TenantScope, TenantStore as _};
use portal_domain::tickets::{
    self, Addition, ColleagueRef, Ticket, TicketFilter, TicketPriority, TicketScope,
};
use portal_test_support::{ManualEnvironment, fixtures, operator};

use crate::fixtures::{clock, customer, device, device_record, promote, tenant, ticket};
use crate::portal::Portal;

/// The subjects that a user sees in a scope, oldest first. The total has to be their number, and each
/// has to be visible on its own.
async fn seen(
    store: &dyn Store,
    tenant: TenantScope,
    user: UserId,
    scope: Option<TicketScope>,
    words: &str,
) -> Vec<String> {
    let reader = store.reader(tenant).await.unwrap();
    let filter = TicketFilter {
        words: words.parse().unwrap(),
        sort: "createdAt".parse().unwrap(),
        ..TicketFilter::of(user, scope)
    };
    let page = reader.tickets(&filter, PageRequest::default()).await;
    let page = page.unwrap();
    assert_eq!(page.total, i64::try_from(page.items.len()).unwrap());
    for ticket in &page.items {
        let visible = reader.visible_ticket(user, ticket.id).await.unwrap();
        assert_eq!(visible.unwrap().id, ticket.id);
    }
    page.items
        .iter()
        .map(|ticket| ticket.subject.to_string())
        .collect()
}

async fn add(
    store: &dyn Store,
    env: &ManualEnvironment,
    by: &Customer,
    ticket: TicketId,
    user: UserId,
) -> Addition {
    let scope = TenantScope::of(by.account.organization.id);
    fixtures::change(store, env, scope, by, async |op| {
        tickets::add_participant(op, ticket, ColleagueRef::Id(user)).await
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scope_has_what_its_name_says_and_no_ticket_is_seen_by_anybody_else() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let ada = &acme.customer;
    let bob = customer(store, &env, acme.scope, "bob@acme.example").await;
    let cy = customer(store, &env, acme.scope, "cy@acme.example").await;
    let globex = tenant(store, &env, "globex").await;
    promote(store, &env, &globex).await;
    let mut submitted: Vec<Ticket> = Vec::new();
    for (by, subject) in [(ada, "Ada 1"), (ada, "Ada 2"), (&bob, "Bob 1")] {
        env.advance(chrono::TimeDelta::seconds(1));
        submitted.push(ticket(store, &env, by, subject, TicketPriority::Low).await);
    }
    let bob_id = bob.account.user.id;
    add(store, &env, ada, submitted[0].id, bob_id).await;

    let all = ["Ada 1", "Ada 2", "Bob 1"];
    let (mine, shared) = (Some(TicketScope::Mine), Some(TicketScope::Shared));
    let organization = Some(TicketScope::Organization);
    let ada_id = ada.account.user.id;
    for (user, scope, expected) in [
        (ada_id, mine, &all[..2]),
        (ada_id, shared, &[]),
        (ada_id, organization, &[]),
        (ada_id, None, &all[..2]),
        (bob_id, mine, &["Bob 1"]),
        (bob_id, shared, &["Ada 1"]),
        (bob_id, organization, &[]),
        (bob_id, None, &["Ada 1", "Bob 1"]),
        (cy.account.user.id, None, &[]),
        (globex.customer.account.user.id, None, &[]),
        (globex.customer.account.user.id, organization, &[]),
    ] {
        let found = seen(store, acme.scope, user, scope, "").await;
        assert_eq!(found, expected, "{user} {scope:?}");
    }
    assert_eq!(
        seen(store, acme.scope, bob_id, None, "ada").await,
        ["Ada 1"]
    );
    let reader = store.reader(acme.scope).await.unwrap();
    let hidden = reader.visible_ticket(bob_id, submitted[1].id).await;
    assert_eq!(hidden.unwrap(), None);
    drop(reader);

    promote(store, &env, &acme).await;
    let found = seen(store, acme.scope, ada_id, organization, "").await;
    assert_eq!(found, all);
    assert_eq!(seen(store, acme.scope, ada_id, mine, "").await, all[..2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_removed_sees_nothing_until_they_are_added_again() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let ada = &acme.customer;
    let bob = customer(store, &env, acme.scope, "bob@acme.example").await;
    let bob_id = bob.account.user.id;
    let ticket = ticket(store, &env, ada, "Printer", TicketPriority::Low).await;
    for _ in 0..2 {
        let added = add(store, &env, ada, ticket.id, bob_id).await;
        assert!(matches!(added, Addition::Added(_)), "{added:?}");
        let again = add(store, &env, ada, ticket.id, bob_id).await;
        assert!(matches!(again, Addition::Already(_)), "{again:?}");
        assert_eq!(seen(store, acme.scope, bob_id, None, "").await, ["Printer"]);
        fixtures::change(store, &env, acme.scope, ada, async |op| {
            tickets::remove_participant(op, ticket.id, bob_id).await
        })
        .await;
        assert_eq!(seen(store, acme.scope, bob_id, None, "").await, [""; 0]);
    }
    let reader = store.reader(acme.scope).await.unwrap();
    assert_eq!(reader.participants(ticket.id).await.unwrap(), []);
    assert_eq!(
        reader.visible_ticket(bob_id, ticket.id).await.unwrap(),
        None
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_additions_at_the_same_moment_one_adds() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let bob = customer(store, &env, acme.scope, "bob@acme.example").await;
    let ticket = ticket(store, &env, &acme.customer, "Printer", TicketPriority::Low).await;
    let add = || add(store, &env, &acme.customer, ticket.id, bob.account.user.id);
    let (first, second) = tokio::join!(add(), add());
    let added = [&first, &second].map(|one| matches!(one, Addition::Added(_)));
    assert_eq!(added.iter().filter(|added| **added).count(), 1, "{added:?}");
    let reader = store.reader(acme.scope).await.unwrap();
    assert_eq!(reader.participants(ticket.id).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn disabled_users_take_part_in_nothing_and_are_in_no_directory() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let bob = customer(store, &env, acme.scope, "bob@acme.example").await;
    let user = &bob.account.user;
    let ticket = ticket(store, &env, &acme.customer, "Printer", TicketPriority::Low).await;
    add(store, &env, &acme.customer, ticket.id, user.id).await;
    fixtures::change(store, &env, acme.scope, &operator(), async |op| {
        profiles::disable(op, &user.email).await
    })
    .await;
    let tx = store.begin(acme.scope).await.unwrap();
    assert_eq!(tx.participants(ticket.id).await.unwrap(), []);
    let active = tx.active_users().await.unwrap();
    let ids: Vec<_> = active.iter().map(|colleague| colleague.id).collect();
    assert_eq!(ids, [acme.customer.account.user.id]);
    let op = Operation::new(&*tx, &acme.customer, &env);
    let again = tickets::add_participant(&op, ticket.id, ColleagueRef::Id(user.id)).await;
    assert!(again.is_err(), "{again:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tickets_of_a_device_are_those_that_the_viewer_may_see() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let bob = customer(store, &env, acme.scope, "bob@acme.example").await;
    let printer = device(store, &env, acme.scope, device_record("printer")).await;
    let hidden = device(
        store,
        &env,
        acme.scope,
        portal_domain::devices::DeviceRecord {
            is_ephemeral: true,
            ..device_record("builder")
        },
    )
    .await;
    let new = |device| tickets::NewTicket {
        device_id: device,
        ..fixtures::new_ticket("About it")
    };
    let about = fixtures::ticket(store, &env, &acme.customer, new(Some(printer.id))).await;
    fixtures::ticket(store, &env, &acme.customer, new(None)).await;
    fixtures::ticket(store, &env, &bob, new(Some(printer.id))).await;
    let reader = store.reader(acme.scope).await.unwrap();
    let filter = TicketFilter {
        device: Some(printer.id),
        ..TicketFilter::of(acme.customer.account.user.id, None)
    };
    let found = reader.tickets(&filter, PageRequest::default()).await;
    let ids: Vec<_> = found
        .unwrap()
        .items
        .iter()
        .map(|ticket| ticket.id)
        .collect();
    assert_eq!(ids, [about.id]);
    let shown = reader.device_of_ticket(about.id).await.unwrap();
    assert_eq!(shown, Some(printer));
    drop(reader);

    let refused = fixtures::try_change(store, &env, acme.scope, &bob, async |op| {
        tickets::submit(op, new(Some(hidden.id))).await
    })
    .await;
    assert!(
        matches!(refused, Err(tickets::SubmitError::UnknownDevice)),
        "{refused:?}"
    );
}
