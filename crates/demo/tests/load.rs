//! The demo data in a real database.
#![expect(clippy::unwrap_used, reason = "a failing step is a failing test")]

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use portal_demo::{DEMO_PASSWORD, DemoError, DemoReport};
use portal_domain::assets::Loan;
use portal_domain::audit::{AuditEntry, AuditFilter};
use portal_domain::branding::{Branding, Color};
use portal_domain::devices::{Device, DeviceFilter, DeviceStatus, OsType};
use portal_domain::environment::{Environment, SystemEnvironment};
use portal_domain::files::{Attachment, ContentType, FileDepot};
use portal_domain::notifications::OutboxState;
use portal_domain::operation::Operation;
use portal_domain::organizations::{self, NewOrganization, Organization};
use portal_domain::pagination::PageRequest;
use portal_domain::profiles::{self, NewUser, Password, PortalUser, UserStatus};
use portal_domain::store::{Store as _, TenantScope, TenantStore as _};
use portal_domain::tickets::{
    Audience, AuthorType, Comment, Ticket, TicketFilter, TicketPriority, TicketStatus,
};
use portal_domain::values::TimeZone;
use portal_persistence::Database;
use portal_test_support::operator;
use portal_test_support::{ManualEnvironment, TestDatabase, TestFiles};

/// An ordinary moment, and one just after midnight in Berlin, a day after a daylight saving change.
const PRESENTS: [&str; 2] = ["2026-06-17T13:20:00Z", "2026-03-30T22:00:30Z"];

const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdA";

/// An empty database with an operator's access, and its files.
async fn database() -> (TestDatabase, Database) {
    let files = TestDatabase::create().await;
    let operator = files.operator.clone();
    (files, operator)
}

fn depot() -> FileDepot {
    TestFiles::new(Arc::new(ManualEnvironment::at(PRESENTS[0]))).depot()
}

/// Loads the demo data with a new place for its files.
async fn load(
    database: &Database,
    env: &dyn Environment,
    hash: &str,
) -> Result<DemoReport, DemoError> {
    portal_demo::load(database, &depot(), env, hash).await
}

/// All data of an organization.
#[derive(Debug, PartialEq)]
struct Contents {
    organization: Organization,
    branding: Branding,
    users: Vec<PortalUser>,
    devices: Vec<Device>,
    tickets: Vec<(Ticket, Vec<Comment>)>,
    loans: Vec<Loan>,
    files: Vec<Attachment>,
    audit: Vec<AuditEntry>,
}

async fn contents(database: &Database) -> Vec<Contents> {
    let organizations = database
        .system_reader()
        .await
        .unwrap()
        .organizations()
        .await
        .unwrap();
    let mut all = Vec::new();
    for organization in organizations {
        let reader = database
            .reader(TenantScope::of(organization.id))
            .await
            .unwrap();
        let page = PageRequest::new(1, PageRequest::MAX_LIMIT);
        let every_device = DeviceFilter {
            include_ephemeral: true,
            ..DeviceFilter::default()
        };
        let mut tickets = Vec::new();
        for ticket in reader
            .tickets(&TicketFilter::default(), page)
            .await
            .unwrap()
            .items
        {
            let comments = reader.comments(ticket.id, Audience::Team, page).await;
            let comments = comments.unwrap().items;
            let ticket = reader.ticket(ticket.id).await.unwrap();
            tickets.push((ticket.unwrap(), comments));
        }
        let users = reader.users().await.unwrap();
        let mut loans = Vec::new();
        for user in &users {
            loans.extend(reader.loans_of(user.id, page).await.unwrap().items);
        }
        all.push(Contents {
            organization,
            branding: reader.branding().await.unwrap().unwrap(),
            users,
            devices: reader.devices(every_device, page).await.unwrap().items,
            tickets,
            loans,
            files: reader.all_files().await.unwrap(),
            audit: reader
                .audit_entries(&AuditFilter::default(), 10_000)
                .await
                .unwrap(),
        });
    }
    all
}

/// Asserts that the values are exactly all of their kind.
fn assert_all<T>(values: impl Iterator<Item = T>, all: &[T])
where
    T: Copy + Eq + std::hash::Hash + std::fmt::Debug,
{
    assert_eq!(
        values.collect::<HashSet<_>>(),
        all.iter().copied().collect()
    );
}

#[tokio::test]
async fn loading_a_second_time_changes_nothing() {
    let (_files, database) = database().await;
    let first = load(&database, &SystemEnvironment, HASH).await.unwrap();
    let before = contents(&database).await;
    let second = load(&database, &SystemEnvironment, HASH).await.unwrap();
    assert_eq!((first.loaded, second.loaded), (true, false));
    assert_eq!(first.sign_ins, second.sign_ins);
    assert_eq!(contents(&database).await, before);
}

#[tokio::test]
async fn a_ticket_has_a_picture_once() {
    let (_files, database) = database().await;
    let world = TestFiles::new(Arc::new(ManualEnvironment::at(PRESENTS[0])));
    for _ in 0..2 {
        let depot = world.depot();
        let loaded = portal_demo::load(&database, &depot, &SystemEnvironment, HASH);
        loaded.await.unwrap();
    }
    let all = contents(&database).await;
    let files: Vec<_> = all.iter().flat_map(|contents| &contents.files).collect();
    let [picture] = &*files else {
        panic!("one file: {files:?}")
    };
    assert_eq!(picture.content_type, ContentType::Png);
    assert_eq!(world.keys(), [picture.key()]);
    let tickets = all.iter().flat_map(|contents| &contents.tickets);
    let mut with_picture = tickets.filter(|(ticket, _)| picture.ticket_id == Some(ticket.id));
    let (ticket, _) = with_picture.next().unwrap();
    assert_eq!(picture.created_at, ticket.created_at);
}

#[tokio::test]
async fn every_status_priority_and_author_type_occurs() {
    let (_files, database) = database().await;
    load(&database, &SystemEnvironment, HASH).await.unwrap();
    let now = SystemEnvironment.now();
    let all = contents(&database).await;
    let tickets = || all.iter().flat_map(|contents| &contents.tickets);
    let devices = || all.iter().flat_map(|contents| &contents.devices);
    let users = || all.iter().flat_map(|contents| &contents.users);
    let loans = || {
        all.iter()
            .flat_map(|contents| &contents.loans)
            .map(|loan| &loan.checkout)
    };
    let comments = || tickets().flat_map(|(_, comments)| comments);

    assert_all(
        tickets().map(|(ticket, _)| ticket.status),
        TicketStatus::ALL,
    );
    assert_all(
        tickets().map(|(ticket, _)| ticket.priority),
        TicketPriority::ALL,
    );
    assert_all(devices().map(|device| device.status), DeviceStatus::ALL);
    assert_all(devices().map(|device| device.os_type), OsType::ALL);
    assert_all(users().map(|user| user.status), UserStatus::ALL);
    assert_all(
        comments().map(|comment| comment.author_type),
        AuthorType::ALL,
    );

    assert_eq!(devices().count(), 40);
    assert!(devices().any(|device| device.is_ephemeral));
    assert!(devices().any(|device| device.is_loanable && device.last_seen_at.is_none()));
    assert!(devices().any(|device| !device.is_loanable));
    assert!(comments().any(|comment| !comment.is_public));
    assert!(tickets().any(|(ticket, _)| ticket.external_ticket_url.is_some()));

    for is_overdue in [true, false] {
        assert!(all.iter().any(|contents| {
            let zone = contents.organization.time_zone;
            let mut loans = contents.loans.iter().map(|loan| &loan.checkout);
            loans.any(|loan| loan.is_out() && loan.is_overdue(zone, now) == is_overdue)
        }));
    }
    assert!(loans().any(|loan| {
        let texts = [&loan.condition, &loan.checkin_condition].map(Option::is_some);
        let notes = [&loan.checkout_notes, &loan.checkin_notes].map(Option::is_some);
        !loan.is_out() && texts == [true; 2] && notes == [true; 2]
    }));
}

#[tokio::test]
async fn the_report_lists_every_user_with_their_status() {
    let (_files, database) = database().await;
    let report = load(&database, &SystemEnvironment, HASH).await.unwrap();
    let stored: HashSet<_> = contents(&database)
        .await
        .into_iter()
        .flat_map(|contents| {
            let name = contents.organization.name.to_string();
            contents
                .users
                .into_iter()
                .map(move |user| (name.clone(), user.email, user.status))
        })
        .collect();
    let reported: HashSet<_> = report
        .sign_ins
        .iter()
        .map(|sign_in| {
            (
                sign_in.organization.to_string(),
                sign_in.email.clone(),
                sign_in.status,
            )
        })
        .collect();
    assert_eq!(reported, stored);

    let email = "sam@consulting.example".parse().unwrap();
    let system = database.system_reader().await.unwrap();
    let candidates = system.sign_in_candidates(&email, None).await.unwrap();
    assert_eq!(candidates.len(), 2);
    for candidate in candidates {
        assert!(candidate.account.is_active());
        assert_eq!(candidate.password_hash.as_deref(), Some(HASH));
    }
}

#[tokio::test]
async fn events_are_in_order_and_none_is_in_the_future() {
    for present in PRESENTS {
        let env = ManualEnvironment::at(present);
        let (_files, database) = database().await;
        load(&database, &env, HASH).await.unwrap();
        for contents in contents(&database).await {
            assert_in_order(contents, env.now());
        }
    }
}

fn assert_in_order(contents: Contents, present: DateTime<Utc>) {
    let in_order = |moments: &[Option<DateTime<Utc>>]| {
        let moments: Vec<_> = moments.iter().copied().flatten().chain([present]).collect();
        assert!(moments.is_sorted(), "{moments:?}");
    };
    let founded = Some(contents.organization.created_at);
    in_order(&[founded, Some(contents.branding.created_at)]);
    for user in contents.users {
        in_order(&[founded, Some(user.created_at), Some(user.updated_at)]);
        in_order(&[Some(user.created_at), user.last_login_at]);
    }
    for device in contents.devices {
        in_order(&[founded, Some(device.created_at), device.last_seen_at]);
        in_order(&[Some(device.created_at), Some(device.updated_at)]);
    }
    for (ticket, comments) in contents.tickets {
        let created = Some(ticket.created_at);
        in_order(&[founded, created]);
        in_order(&[created, ticket.first_response_at, Some(ticket.updated_at)]);
        in_order(&[
            created,
            ticket.resolved_at,
            ticket.closed_at,
            Some(ticket.updated_at),
        ]);
        let newest_first = comments.iter().map(|comment| Some(comment.created_at));
        in_order(&newest_first.chain([created]).rev().collect::<Vec<_>>());
    }
    for Loan { checkout, device } in contents.loans {
        let out = Some(checkout.checked_out_at);
        in_order(&[Some(device.created_at), out, checkout.checked_in_at]);
        assert!(
            checkout
                .expected_return_at
                .is_none_or(|due| Some(due) > out)
        );
    }
    for entry in contents.audit {
        in_order(&[founded, Some(entry.timestamp)]);
    }
}

#[tokio::test]
async fn only_mails_of_today_wait_in_the_outbox() {
    for present in PRESENTS {
        let (_files, database) = database().await;
        load(&database, &ManualEnvironment::at(present), HASH)
            .await
            .unwrap();
        let tx = database.begin_system().await.unwrap();
        let waiting = tx.mails(OutboxState::Waiting, 1_000).await.unwrap();
        tx.rollback().await.unwrap();
        let mut names: Vec<_> = waiting.iter().map(|mail| mail.kind.name()).collect();
        names.sort_unstable();
        let (customer_replied, invitation) = (["customer_replied"; 2], ["invitation"; 2]);
        let (new, received) = (["new_ticket"; 3], ["ticket_received"; 3]);
        let answered = ["status_changed", "team_replied"];
        let expected: [&[_]; 6] = [
            &["colleague_replied"],
            &customer_replied,
            &invitation,
            &new,
            &answered,
            &received,
        ];
        assert_eq!(names, expected.concat(), "{present}");
    }
}

#[tokio::test]
async fn an_interrupted_load_is_completed() {
    let (_files, interrupted) = database().await;
    create_organization(&interrupted, "Acme").await;
    let report = load(&interrupted, &SystemEnvironment, HASH).await.unwrap();
    assert!(report.loaded);
    let counts = |all: &[Contents]| {
        all.iter()
            .map(|c| {
                (
                    c.users.len(),
                    c.devices.len(),
                    c.tickets.len(),
                    c.loans.len(),
                )
            })
            .collect::<Vec<_>>()
    };
    let (_files, whole) = database().await;
    load(&whole, &SystemEnvironment, HASH).await.unwrap();
    assert_eq!(
        counts(&contents(&interrupted).await),
        counts(&contents(&whole).await)
    );
}

#[tokio::test]
async fn an_existing_organization_with_users_is_left_alone() {
    let (_files, database) = database().await;
    let theirs = create_organization(&database, "Acme").await;
    let tx = database.begin(TenantScope::of(theirs.id)).await.unwrap();
    let new = NewUser {
        email: "ada@example.com".parse().unwrap(),
        name: None,
        role: None,
        locale: None,
        password_hash: None,
    };
    profiles::create(
        &Operation::new(&*tx, &operator(), &SystemEnvironment),
        new,
        false,
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();

    let report = load(&database, &SystemEnvironment, HASH).await.unwrap();
    assert!(
        report
            .sign_ins
            .iter()
            .all(|sign_in| sign_in.organization.as_str() == "Globex")
    );
    let reader = database.reader(TenantScope::of(theirs.id)).await.unwrap();
    assert_eq!(reader.users().await.unwrap().len(), 1);
    assert_eq!(reader.branding().await.unwrap(), None);
}

async fn create_organization(database: &Database, name: &str) -> Organization {
    let tx = database.begin_system().await.unwrap();
    let new = NewOrganization {
        name: name.parse().unwrap(),
        slug: None,
        time_zone: TimeZone::UTC,
    };
    let organization =
        organizations::create(&Operation::new(&*tx, &operator(), &SystemEnvironment), new)
            .await
            .unwrap();
    tx.commit().await.unwrap();
    organization
}

#[tokio::test]
async fn brand_colors_differ_and_are_readable_on_white() {
    let (_files, database) = database().await;
    load(&database, &SystemEnvironment, HASH).await.unwrap();
    let white: Color = "white".parse().unwrap();
    let mut colors = HashSet::new();
    for contents in contents(&database).await {
        let branding = contents.branding;
        assert!(branding.verified_domain().is_some());
        let Branding {
            primary_color,
            secondary_color,
            accent_color,
            ..
        } = branding;
        for color in [primary_color, secondary_color, accent_color].map(Option::unwrap) {
            assert!(color.contrast(white) >= 4.5, "{color}");
            colors.insert(color.to_string());
        }
    }
    assert_eq!(colors.len(), 6);
}

#[test]
fn the_demo_password_is_strong_enough() {
    assert!(DEMO_PASSWORD.parse::<Password>().is_ok());
}
