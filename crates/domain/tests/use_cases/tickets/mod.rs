//! Tickets.

mod conversation;
mod lifecycle;
mod list;
mod participants;
mod submit;

use portal_domain::ids::TicketId;
use portal_domain::tickets::Ticket;
use portal_test_support::{Tenant, TestWorld};

/// A ticket as it is stored.
async fn stored(world: &TestWorld, tenant: &Tenant, id: TicketId) -> Ticket {
    let reader = world.reader(tenant.scope()).await;
    reader.ticket(id).await.unwrap().expect("a ticket")
}
