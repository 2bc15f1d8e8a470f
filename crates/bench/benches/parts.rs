//! The pure parts of a request that take time: `cargo bench -p portal-bench`.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot be set up has to fail"
)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use highway::{HighwayHash as _, HighwayHasher, Key};
use portal_auth::{CsrfTokens, PayloadSigner, Purpose, SecretKey, SessionToken};
use portal_domain::environment::SystemEnvironment;
use portal_domain::ids::{TicketId, UserId};
use portal_domain::text::search_key;
use portal_domain::tickets::{TicketPriority, TicketStatus};
use portal_domain::timestamp;
use portal_domain::values::{EmailAddress, SearchWords};
use portal_wire::{List, Pagination, Person, TicketSummary};

const SUBJECT: &str = "Der Drucker im zweiten Stock druckt nicht (Störung 0x80070035)";

fn list() -> List<TicketSummary> {
    let at = timestamp::parse("2026-01-31T09:05:00.000Z").unwrap();
    let ticket = |_| TicketSummary {
        id: TicketId::generate(&SystemEnvironment),
        ticket_number: "7KQ3MRXD".to_owned(),
        subject: SUBJECT.to_owned(),
        status: TicketStatus::OnHold.into(),
        status_name: "On hold",
        priority: TicketPriority::High.into(),
        submitted_by: Person {
            id: UserId::generate(&SystemEnvironment),
            name: "Ada Moreno".to_owned(),
        },
        created_at: at.into(),
        updated_at: at.into(),
    };
    List {
        data: (0..50).map(ticket).collect(),
        pagination: Pagination {
            page: 1,
            limit: 50,
            total: 60,
        },
    }
}

fn responses(c: &mut Criterion) {
    let list = list();
    let body = serde_json::to_vec(&list).unwrap();
    c.bench_function("list of 50 tickets: serialize", |b| {
        b.iter(|| serde_json::to_vec(black_box(&list)).unwrap());
    });
    c.bench_function("list of 50 tickets: hash for the entity tag", |b| {
        b.iter(|| HighwayHasher::new(Key::default()).hash128(black_box(&body)));
    });
}

fn texts(c: &mut Criterion) {
    let description = [SUBJECT, "It began on Monday.", "Seit dem Update."]
        .join(" ")
        .repeat(36);
    c.bench_function("search text: fold a subject", |b| {
        b.iter(|| search_key(black_box(SUBJECT)));
    });
    c.bench_function("search text: fold 4,000 characters", |b| {
        b.iter(|| search_key(black_box(&description)));
    });
    c.bench_function("search: parse two words", |b| {
        b.iter(|| black_box("Drucker Störung").parse::<SearchWords>().unwrap());
    });
}

fn values(c: &mut Criterion) {
    c.bench_function("parse an email address", |b| {
        b.iter(|| {
            black_box("ada.moreno@support.acme.example")
                .parse::<EmailAddress>()
                .unwrap()
        });
    });
    c.bench_function("parse an id", |b| {
        let id = TicketId::generate(&SystemEnvironment).to_string();
        b.iter(|| black_box(&id).parse::<TicketId>().unwrap());
    });
    c.bench_function("parse an instant", |b| {
        b.iter(|| timestamp::parse(black_box("2026-01-31T09:05:00.123456Z")).unwrap());
    });
}

fn sessions(c: &mut Criterion) {
    let secret = SecretKey::random();
    let token = SessionToken::generate();
    c.bench_function("session: id of a token", |b| {
        b.iter(|| black_box(&token).id());
    });
    let csrf = CsrfTokens::new(&secret);
    let (session, signed) = (token.id(), csrf.issue(&token.id()));
    c.bench_function("session: verify a CSRF token", |b| {
        b.iter(|| csrf.verify(black_box(&session), black_box(&signed)));
    });
    let payloads = PayloadSigner::new(&secret, Purpose::FormIdempotency);
    let signed = payloads.sign(&["user", "form"], &[7; 16]);
    c.bench_function("form: open a signed payload", |b| {
        b.iter(|| {
            payloads
                .open(&["user", "form"], black_box(&signed))
                .unwrap()
        });
    });
}

criterion_group!(parts, responses, texts, values, sessions);
criterion_main!(parts);
