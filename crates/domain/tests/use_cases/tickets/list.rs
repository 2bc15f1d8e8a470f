//! Sorting and searching tickets.

use chrono::TimeDelta;
use portal_domain::pagination::PageRequest;
use portal_domain::tickets::{self, NewTicket, SubmitError, Ticket, TicketFilter};
use portal_test_support::TestWorld;
use portal_test_support::fixtures::new_ticket;

async fn submit(world: &TestWorld, subject: &str, description: &str) -> Ticket {
    let new = NewTicket {
        subject: subject.parse().unwrap(),
        description: description.parse().unwrap(),
        ..new_ticket(subject)
    };
    let ticket: Result<_, SubmitError> = world
        .act(&world.acme.ada, async |op| tickets::submit(op, new).await)
        .await;
    world.env.advance(TimeDelta::seconds(1));
    ticket.unwrap()
}

#[tokio::test]
async fn a_search_finds_words_in_any_case_order_and_field() {
    let world = TestWorld::create().await;
    let street = "Drucker in der STRASSE";
    let street_number = submit(&world, street, "Σίσυφος rolls, 50% done")
        .await
        .number
        .to_string()
        .to_lowercase();
    let trouble = "Ärger mit file_name";
    submit(&world, trouble, "C:\\temp is full").await;
    let file = "fileXname";
    submit(&world, file, "50 done, İstanbul").await;

    let (border, other_border) = (
        format!("strasse{street_number}"),
        format!("{street_number}σίσυφος"),
    );
    for (words, expected) in [
        ("drucker", &[street][..]),
        ("straße", &[street]),
        ("ΣΊΣΥΦΟΣ", &[street]),
        ("ärger", &[trouble]),
        ("ÄRGER", &[trouble]),
        ("50%", &[street]),
        ("%", &[street]),
        ("_", &[trouble]),
        ("file_name", &[trouble]),
        ("FILE", &[file, trouble]),
        ("c:\\TEMP", &[trouble]),
        (&street_number, &[street]),
        // Every word, in any order and in any field.
        ("done drucker", &[street]),
        ("done\ndrucker\trolls", &[street]),
        ("drucker full", &[]),
        // No match spans two fields.
        (&border, &[]),
        (&other_border, &[]),
        ("", &[file, trouble, street]),
        (" \t", &[file, trouble, street]),
        ("nothing-of-the-kind", &[]),
        ("' OR 1=1--", &[]),
    ] {
        let filter = TicketFilter {
            words: words.parse().unwrap(),
            ..TicketFilter::default()
        };
        let reader = world.reader(world.acme.scope()).await;
        let page = reader.tickets(&filter, PageRequest::default()).await;
        let page = page.unwrap();
        let subjects: Vec<_> = page
            .items
            .iter()
            .map(|ticket| ticket.subject.as_str())
            .collect();
        assert_eq!(subjects, expected, "{words:?}");
    }
}

#[tokio::test]
async fn tickets_with_equal_sort_keys_are_ordered_by_id() {
    let world = TestWorld::create().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(world.ticket(&world.acme.ada, "Printer").await.id);
    }
    ids.sort_unstable();
    for key in ["createdAt", "updatedAt", "priority"] {
        for (sign, is_descending) in [("", false), ("-", true)] {
            let filter = TicketFilter {
                sort: format!("{sign}{key}").parse().unwrap(),
                ..TicketFilter::default()
            };
            let reader = world.reader(world.acme.scope()).await;
            let mut found = Vec::new();
            for page in 1..=3 {
                let page = reader.tickets(&filter, PageRequest::new(page, 2)).await;
                found.extend(page.unwrap().items.iter().map(|ticket| ticket.id));
            }
            if is_descending {
                found.reverse();
            }
            assert_eq!(found, ids, "{sign}{key}");
        }
    }
}
