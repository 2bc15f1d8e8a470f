//! Reading a database as the portal does.

use portal_domain::audit::AuditFilter;
use portal_domain::devices::{Device, DeviceFilter};
use portal_domain::notifications::OutboxState;
use portal_domain::pagination::PageRequest;
use portal_domain::store::{Store, TenantReader, TenantScope};
use portal_domain::tickets::{Audience, TicketFilter};

use super::contents::Inspect;
use crate::world::stored;

/// What the portal reads of a fixture, and the rows of the fixture that this has to be.
const READ: [(&str, &str); 10] = [
    ("organizations", "organizations"),
    ("users", "portal_users"),
    ("brandings", "portal_branding"),
    ("devices", "devices"),
    ("tickets", "tickets WHERE deleted_at IS NULL"),
    (
        "comments",
        "ticket_comments WHERE deleted_at IS NULL
            AND ticket_id IN (SELECT id FROM tickets WHERE deleted_at IS NULL)",
    ),
    ("loans", "asset_checkouts"),
    ("audit entries", "audit_logs"),
    ("tokens", "one_time_tokens"),
    ("mails", "mail_outbox WHERE sent_at IS NULL"),
];

/// More than a fixture has of anything.
const ALL: u32 = 1_000_000;

/// Fails unless every entity of every organization can be read through a store, that is, as many as
/// a fixture has, which is the same database before it was upgraded.
pub async fn assert_readable(store: &dyn Store, fixture: &dyn Inspect) {
    let mut read = Read::default();
    read.across_organizations(store, fixture).await;
    let system = stored(store.system_reader().await);
    for organization in stored(system.organizations().await) {
        let scope = TenantScope::of(organization.id);
        let reader = stored(store.reader(scope).await);
        read.organization(&*reader).await;
    }
    for (what, rows) in READ {
        let count = fixture.query(&format!("SELECT CAST(count(*) AS text) FROM {rows}"));
        let found = read.0.iter().filter(|read| **read == what).count();
        assert_eq!([found.to_string()], *count, "{what}");
    }
}

/// One word for each entity that was read.
#[derive(Default)]
struct Read(Vec<&'static str>);

impl Read {
    fn note<T>(&mut self, what: &'static str, found: impl IntoIterator<Item = T>) {
        self.0.extend(found.into_iter().map(|_| what));
    }

    async fn across_organizations(&mut self, store: &dyn Store, fixture: &dyn Inspect) {
        let system = stored(store.system_reader().await);
        for organization in stored(system.organizations().await) {
            let by_slug = stored(system.organization_by_slug(&organization.slug).await);
            assert_eq!(by_slug.as_ref(), Some(&organization));
            self.note("organizations", by_slug);
        }
        for hash in fixture.query("SELECT token_hash FROM one_time_tokens") {
            self.note("tokens", stored(system.token_by_hash(&hash).await));
        }
        for address in fixture.query("SELECT email FROM portal_users") {
            let address = address.parse().expect("an address");
            let candidates = stored(system.sign_in_candidates(&address, None).await);
            assert!(!candidates.is_empty(), "nobody signs in as {address}");
        }
        let verified = "SELECT custom_domain FROM portal_branding WHERE domain_verified";
        for domain in fixture.query(verified) {
            let domain = domain.parse().expect("a domain");
            stored(system.branding_by_domain(&domain).await);
            let organization = stored(system.organization_by_domain(&domain).await);
            assert!(organization.is_some(), "{domain} is nobody's");
        }
        let tx = stored(store.begin_system().await);
        for state in [OutboxState::Waiting, OutboxState::Dead] {
            self.note("mails", stored(tx.mails(state, ALL).await));
        }
        stored(tx.rollback().await);
    }

    async fn organization(&mut self, reader: &dyn TenantReader) {
        assert!(stored(reader.own_organization().await).is_some());
        self.note("brandings", stored(reader.branding().await));
        for user in stored(reader.users().await) {
            let account = stored(reader.account(user.id).await);
            assert_eq!(account.map(|account| account.user).as_ref(), Some(&user));
            let hash = stored(reader.password_hash(user.id).await);
            assert_eq!(hash.is_some(), user.has_password, "{}", user.email);
            for page in 1.. {
                let page = PageRequest::new(page, PageRequest::MAX_LIMIT);
                let loans = stored(reader.loans_of(user.id, page).await).items;
                if loans.is_empty() {
                    break;
                }
                for loan in loans {
                    self.note("loans", stored(reader.loan(loan.checkout.id).await));
                }
            }
            self.note("users", [user]);
        }
        stored(reader.loans_out().await);
        self.devices(reader).await;
        self.tickets(reader).await;
        let entries = stored(reader.audit_entries(&AuditFilter::default(), ALL).await);
        self.note("audit entries", entries);
    }

    async fn devices(&mut self, reader: &dyn TenantReader) {
        let filter = DeviceFilter {
            include_ephemeral: true,
            ..DeviceFilter::default()
        };
        for page in 1.. {
            let page = PageRequest::new(page, PageRequest::MAX_LIMIT);
            stored(reader.available_assets(page).await);
            let devices: Vec<Device> = stored(reader.devices(filter, page).await).items;
            if devices.is_empty() {
                break;
            }
            for device in devices {
                let by_name = stored(reader.device_by_hostname(&device.hostname).await);
                assert_eq!(by_name.as_ref(), Some(&device));
                stored(reader.active_checkout(device.id).await);
                self.note("devices", stored(reader.device(device.id).await));
            }
        }
    }

    async fn tickets(&mut self, reader: &dyn TenantReader) {
        for page in 1.. {
            let page = PageRequest::new(page, PageRequest::MAX_LIMIT);
            let filter = TicketFilter::default();
            let tickets = stored(reader.tickets(&filter, page).await).items;
            assert_eq!(
                stored(reader.team_tickets(&filter, page).await).items.len(),
                tickets.len()
            );
            if tickets.is_empty() {
                break;
            }
            for ticket in tickets {
                let all = PageRequest::first(u32::MAX);
                let comments = stored(reader.comments(ticket.id, Audience::Team, all).await);
                for comment in comments.items {
                    self.note("comments", stored(reader.comment(comment.id).await));
                }
                self.note("tickets", stored(reader.ticket(ticket.id).await));
            }
        }
    }
}
