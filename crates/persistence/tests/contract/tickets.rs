//! Tickets and their comments.

use std::cmp::Reverse;

use chrono::TimeDelta;
use portal_domain::actors::Technician;
use portal_domain::environment::Environment as _;
use portal_domain::ids::{CommentId, TicketId};
use portal_domain::operation::Operation;
use portal_domain::pagination::PageRequest;
use portal_domain::store::{StorageError, Store, TenantScope, TenantStore as _};
use portal_domain::tickets::{
    self, Audience, Comment, CommentError, NewTicket, SubmitError, TeamTicketSummary, Ticket,
    TicketAddition, TicketFilter, TicketPriority, TicketSort, TicketStatus, TicketSummary, Viewer,
};
use portal_test_support::operator;

use crate::fixtures::{clock, customer, tenant, ticket};
use crate::portal::Portal;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_is_taken_once() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let globex = tenant(store, &env, "globex").await;
    let first = ticket(store, &env, &acme.customer, "Printer", TicketPriority::Low).await;
    let tx = store.begin(globex.scope).await.unwrap();
    let mut second = Ticket {
        id: TicketId::generate(&env),
        organization_id: globex.organization.id,
        submitted_by: globex.customer.account.user.id,
        ..first.clone()
    };
    let added = tx.add_ticket(&second).await.unwrap();
    assert_eq!(added, TicketAddition::NumberTaken);
    second.number = "OTHER-1".parse().unwrap();
    let added = tx.add_ticket(&second).await.unwrap();
    assert_eq!(added, TicketAddition::Added);
    tx.commit().await.unwrap();

    let system = store.operator.system_reader().await.unwrap();
    let found = system.ticket_by_number(&first.number).await.unwrap();
    assert_eq!(found, Some((acme.organization.id, first.id)));
    let nobody = "NOBODY".parse().unwrap();
    assert_eq!(system.ticket_by_number(&nobody).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_is_submitted_once_under_an_id() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let id = TicketId::generate(&env);
    let submit = async || {
        let new = NewTicket {
            subject: "Printer".parse().unwrap(),
            description: "On fire.".parse().unwrap(),
            priority: TicketPriority::Normal,
            device_id: None,
            on_behalf_of: None,
            attachments: portal_domain::files::AttachmentIds::NONE,
        };
        let tx = store.begin(acme.scope).await.unwrap();
        let ticket =
            tickets::submit_with_id(&Operation::new(&*tx, &acme.customer, &env), id, new).await;
        tx.commit().await.unwrap();
        ticket
    };
    let (first, second) = tokio::join!(submit(), submit());
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!((first.id, &first.number), (id, &second.number));
    assert_eq!(submit().await.unwrap(), first);
    let filter = TicketFilter::default();
    assert_eq!(subjects(store, acme.scope, &filter).await, ["Printer"]);

    let tx = store.begin(acme.scope).await.unwrap();
    tickets::delete(&Operation::new(&*tx, &operator(), &env), id)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let again = submit().await;
    assert!(matches!(again, Err(SubmitError::Deleted)), "{again:?}");
    assert!(subjects(store, acme.scope, &filter).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_withdrawn_is_not_said_again_under_its_id() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let ticket = ticket(store, &env, &acme.customer, "Printer", TicketPriority::Low).await;
    let id = CommentId::generate(&env);
    let tx = store.begin(acme.scope).await.unwrap();
    let say = async || {
        let content = "Oops".parse().unwrap();
        tickets::add_customer_reply_with_id(
            &Operation::new(&*tx, &acme.customer, &env),
            ticket.id,
            id,
            content,
        )
        .await
    };
    let said = say().await.unwrap();
    assert_eq!(say().await.unwrap(), said);
    tickets::withdraw_comment(&Operation::new(&*tx, &acme.customer, &env), ticket.id, id)
        .await
        .unwrap();
    let again = say().await;
    assert!(matches!(again, Err(CommentError::Withdrawn)), "{again:?}");
    tx.commit().await.unwrap();
}

async fn subjects(store: &dyn Store, scope: TenantScope, filter: &TicketFilter) -> Vec<String> {
    let reader = store.reader(scope).await.unwrap();
    let page = reader
        .tickets(filter, PageRequest::default())
        .await
        .unwrap();
    assert_eq!(page.total, i64::try_from(page.items.len()).unwrap());
    page.items
        .iter()
        .map(|ticket| ticket.subject.to_string())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tickets_come_in_the_order_asked_for() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let mut submitted = Vec::new();
    for (subject, priority) in [
        ("a", TicketPriority::Normal),
        ("b", TicketPriority::Urgent),
        ("c", TicketPriority::Low),
        ("d", TicketPriority::High),
        ("e", TicketPriority::Normal),
    ] {
        env.advance(TimeDelta::microseconds(1000));
        submitted.push(ticket(store, &env, &acme.customer, subject, priority).await);
    }
    env.advance(TimeDelta::hours(1));
    let tx = store.begin(acme.scope).await.unwrap();
    tickets::set_status(
        &Operation::new(&*tx, &operator(), &env),
        submitted[1].id,
        TicketStatus::Open,
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();

    for (sort, expected) in [
        ("-createdAt", "edcba"),
        ("createdAt", "abcde"),
        ("-updatedAt", "bedca"),
        ("updatedAt", "acdeb"),
        ("-priority", "bdeac"),
        ("priority", "caedb"),
    ] {
        let sort: TicketSort = sort.parse().unwrap();
        let filter = TicketFilter {
            sort,
            ..TicketFilter::default()
        };
        let found = subjects(store, acme.scope, &filter).await.concat();
        assert_eq!(found, expected, "{sort:?}");
    }

    let reader = store.reader(acme.scope).await.unwrap();
    let filter = TicketFilter::default();
    let page = reader
        .tickets(&filter, PageRequest::new(2, 2))
        .await
        .unwrap();
    assert_eq!(page.total, 5);
    let found: Vec<_> = page
        .items
        .iter()
        .map(|ticket| ticket.subject.as_str())
        .collect();
    assert_eq!(found, ["c", "b"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_does_not_read_descriptions() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let ticket = ticket(store, &env, &acme.customer, "Printer", TicketPriority::Low).await;
    // A control character, which no description may have.
    store.tamper("UPDATE tickets SET description = '\u{7}'");

    let reader = store.reader(acme.scope).await.unwrap();
    let whole = reader.ticket(ticket.id).await;
    let Err(StorageError::Corrupt { column, .. }) = whole else {
        panic!("{whole:?}");
    };
    assert_eq!(column, "description");
    let (filter, page) = (TicketFilter::default(), PageRequest::default());
    let listed = reader.tickets(&filter, page).await.unwrap();
    assert_eq!(listed.items, [TicketSummary::from(&ticket)]);
    let listed = reader.team_tickets(&filter, page).await.unwrap();
    assert_eq!(listed.items, [TeamTicketSummary::from(&ticket)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tickets_are_filtered() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let bob = customer(store, &env, acme.scope, "bob@acme.example").await;
    let open = ticket(store, &env, &acme.customer, "open", TicketPriority::Low).await;
    env.advance(TimeDelta::seconds(1));
    ticket(store, &env, &acme.customer, "new", TicketPriority::High).await;
    env.advance(TimeDelta::seconds(1));
    ticket(store, &env, &bob, "bob's", TicketPriority::Low).await;
    let tx = store.begin(acme.scope).await.unwrap();
    tickets::set_status(
        &Operation::new(&*tx, &operator(), &env),
        open.id,
        TicketStatus::Open,
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();

    let any = TicketFilter::default();
    let viewer = Viewer::Customer(acme.customer.account.user.id);
    for (filter, expected) in [
        (
            TicketFilter {
                viewer,
                ..any.clone()
            },
            vec!["new", "open"],
        ),
        (
            TicketFilter {
                statuses: vec![TicketStatus::Open],
                ..any.clone()
            },
            vec!["open"],
        ),
        (
            TicketFilter {
                statuses: TicketStatus::ALL.to_vec(),
                ..any.clone()
            },
            vec!["bob's", "new", "open"],
        ),
        (
            TicketFilter {
                priorities: vec![TicketPriority::Low],
                ..any.clone()
            },
            vec!["bob's", "open"],
        ),
        (
            TicketFilter {
                viewer,
                statuses: vec![TicketStatus::New, TicketStatus::Closed],
                priorities: vec![TicketPriority::High, TicketPriority::Urgent],
                words: "NEW".parse().unwrap(),
                ..any.clone()
            },
            vec!["new"],
        ),
        (
            TicketFilter {
                statuses: vec![TicketStatus::Closed],
                ..any.clone()
            },
            vec![],
        ),
    ] {
        assert_eq!(
            subjects(store, acme.scope, &filter).await,
            expected,
            "{filter:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_are_found_in_any_case_and_to_the_letter() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    for subject in [
        "Straße ΟΔΥΣΣΕΥΣ",
        "100% of disk_1",
        "1000 of disk-1",
        "ПРИНТЕР Ärger",
        "k*[a]\\",
    ] {
        ticket(store, &env, &acme.customer, subject, TicketPriority::Normal).await;
        env.advance(TimeDelta::seconds(1));
    }
    let percent = ["100% of disk_1"].as_slice();
    for (words, expected) in [
        ("strasse οδυσσευς", ["Straße ΟΔΥΣΣΕΥΣ"].as_slice()),
        ("STRAßE", &["Straße ΟΔΥΣΣΕΥΣ"]),
        ("принтер", &["ПРИНТЕР Ärger"]),
        ("ÄRGER", &["ПРИНТЕР Ärger"]),
        ("100%", percent),
        ("%", percent),
        ("disk_", percent),
        ("disk 100", &["1000 of disk-1", "100% of disk_1"]),
        ("k*[a]\\", &["k*[a]\\"]),
        ("\u{212a}*", &["k*[a]\\"]),
        ("*", &["k*[a]\\"]),
        ("'", &[]),
        ("A\u{308}rger", &["ПРИНТЕР Ärger"]),
        ("A\u{200b}\u{308}r\u{ad}ger", &["ПРИНТЕР Ärger"]),
        ("strasse принтер", &[]),
    ] {
        let filter = TicketFilter {
            words: words.parse().unwrap(),
            ..TicketFilter::default()
        };
        assert_eq!(
            subjects(store, acme.scope, &filter).await,
            expected,
            "{words}"
        );
    }
    let everywhere = TicketFilter {
        words: "on FIRE.".parse().unwrap(),
        ..TicketFilter::default()
    };
    assert_eq!(subjects(store, acme.scope, &everywhere).await.len(), 5);
    let longest = "ä ".repeat(100);
    let filter = TicketFilter {
        words: longest.parse().unwrap(),
        ..TicketFilter::default()
    };
    assert_eq!(
        subjects(store, acme.scope, &filter).await,
        ["ПРИНТЕР Ärger"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_is_found_in_any_canonical_form_also_if_an_earlier_release_stored_it() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let (composed, decomposed) = ("Café 1 İzmir", "Cafe\u{301} 2 I\u{307}zmir");
    for subject in [composed, decomposed] {
        ticket(store, &env, &acme.customer, subject, TicketPriority::Normal).await;
        env.advance(TimeDelta::seconds(1));
    }
    for is_stored_by_an_earlier_release in [false, true] {
        if is_stored_by_an_earlier_release {
            store.tamper(
                "UPDATE tickets SET search_text = 'café 1 i\u{307}zmir' WHERE search_text LIKE '% 1 %';
                 UPDATE tickets SET search_text = 'cafe\u{301} 2 i\u{307}zmir' WHERE search_text LIKE '% 2 %'",
            );
        }
        for words in ["CAFÉ", "cafe\u{301}", "CAFE\u{301} İzmir"] {
            let filter = TicketFilter {
                words: words.parse().unwrap(),
                ..TicketFilter::default()
            };
            assert_eq!(
                subjects(store, acme.scope, &filter).await,
                [decomposed, composed],
                "{words}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deleted_tickets_and_comments_are_never_read() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let deleted = ticket(store, &env, &acme.customer, "a", TicketPriority::Normal).await;
    let kept = ticket(store, &env, &acme.customer, "b", TicketPriority::Normal).await;
    let tx = store.begin(acme.scope).await.unwrap();
    tickets::delete(&Operation::new(&*tx, &operator(), &env), deleted.id)
        .await
        .unwrap();
    let content = "Oops".parse().unwrap();
    let comment = tickets::add_customer_reply(
        &Operation::new(&*tx, &acme.customer, &env),
        kept.id,
        content,
    )
    .await
    .unwrap();
    tickets::withdraw_comment(
        &Operation::new(&*tx, &acme.customer, &env),
        kept.id,
        comment.id,
    )
    .await
    .unwrap();
    assert_eq!(tx.lock_ticket(deleted.id).await.unwrap(), None);
    tx.commit().await.unwrap();

    let reader = store.reader(acme.scope).await.unwrap();
    assert_eq!(reader.ticket(deleted.id).await.unwrap(), None);
    let comments = reader.comments(kept.id, Audience::Team, PageRequest::default());
    assert_eq!(comments.await.unwrap().total, 0);
    assert_eq!(reader.comment(comment.id).await.unwrap(), None);
    assert_eq!(
        subjects(store, acme.scope, &TicketFilter::default()).await,
        ["b"]
    );
    let system = store.operator.system_reader().await.unwrap();
    assert_eq!(
        system.ticket_by_number(&deleted.number).await.unwrap(),
        None
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn comments_are_for_their_audience() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let id = ticket(store, &env, &acme.customer, "a", TicketPriority::Normal)
        .await
        .id;
    let robin = Technician::named("Robin".parse().unwrap());
    let tx = store.begin(acme.scope).await.unwrap();
    let first = "First".parse().unwrap();
    let first = tickets::add_customer_reply(&Operation::new(&*tx, &acme.customer, &env), id, first)
        .await
        .unwrap();
    env.advance(TimeDelta::seconds(1));
    let note = tickets::add_internal_note(
        &Operation::new(&*tx, &robin, &env),
        id,
        "Note".parse().unwrap(),
    )
    .await
    .unwrap();
    env.advance(TimeDelta::seconds(1));
    let reply = tickets::add_team_reply(
        &Operation::new(&*tx, &robin, &env),
        id,
        "Reply".parse().unwrap(),
    )
    .await
    .unwrap();
    let edited = Comment {
        content: "Edited".parse().unwrap(),
        edited_at: Some(env.now()),
        ..first.clone()
    };
    tx.update_comment(&edited).await.unwrap();
    tx.commit().await.unwrap();

    let reader = store.reader(acme.scope).await.unwrap();
    assert_eq!(reader.comment(note.id).await.unwrap().as_ref(), Some(&note));
    let seen = async |audience| {
        let page = reader.comments(id, audience, PageRequest::default()).await;
        page.unwrap().items
    };
    assert_eq!(
        seen(Audience::Customer).await,
        [reply.clone(), edited.clone()]
    );
    assert_eq!(seen(Audience::Team).await, [reply.clone(), note, edited]);
    assert_eq!(
        reader.last_team_reply(id).await.unwrap(),
        Some(reply.position())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversation_comes_in_pages_from_either_end() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let id = ticket(store, &env, &acme.customer, "a", TicketPriority::Normal)
        .await
        .id;
    let tx = store.begin(acme.scope).await.unwrap();
    let mut newest_first = Vec::new();
    for number in 0..11 {
        // Two at a time are of one moment.
        env.advance(TimeDelta::seconds(number % 2));
        let op = Operation::new(&*tx, &acme.customer, &env);
        let text = number.to_string().parse().unwrap();
        let added = tickets::add_customer_reply(&op, id, text).await;
        newest_first.push(added.unwrap());
    }
    tx.commit().await.unwrap();
    newest_first.sort_by_key(|comment| Reverse(comment.position()));

    let reader = store.reader(acme.scope).await.unwrap();
    assert_eq!(reader.last_team_reply(id).await.unwrap(), None);
    let mut pages = newest_first.chunks(3);
    for number in 1..=6 {
        let request = PageRequest::new(number, 3);
        let page = reader.comments(id, Audience::Customer, request).await;
        let page = page.unwrap();
        assert_eq!(
            page.items,
            pages.next().unwrap_or_default(),
            "page {number}"
        );
        assert_eq!(page.total, 11);
    }
}
