//! Tickets in responses, and changes by the team of `acme`.

use portal_domain::ids::TicketId;
use portal_domain::tickets::TicketStatus;
use portal_test_support::{Caller, TestApp};
use serde_json::Value;

use super::id;

/// The id of a ticket.
pub(crate) fn ticket_id(ticket: &Value) -> TicketId {
    id(ticket).parse().unwrap()
}

/// The path of a ticket below the API's prefix.
pub(crate) fn ticket_path(ticket: &Value) -> String {
    format!("/tickets/{}", id(ticket))
}

/// A ticket as its submitter sees it.
pub(crate) async fn shown(caller: &impl Caller, ticket: &Value) -> Value {
    let response = caller.get(&ticket_path(ticket)).await;
    assert_eq!(response.status(), 200, "{response:?}");
    response.json()["ticket"].clone()
}

/// The team moves a ticket to another status.
pub(crate) async fn set_ticket_status(app: &TestApp, ticket: &Value, status: TicketStatus) {
    app.set_ticket_status(&app.acme, ticket_id(ticket), status)
        .await;
}

/// The team replies; returns the id of the comment.
pub(crate) async fn team_replies(app: &TestApp, ticket: &Value, text: &str) -> String {
    let reply = app.team_replies(&app.acme, ticket_id(ticket), text).await;
    reply.id.to_string()
}

/// The team adds an internal note; returns the id of the comment.
pub(crate) async fn team_notes(app: &TestApp, ticket: &Value, text: &str) -> String {
    let note = app.team_notes(&app.acme, ticket_id(ticket), text).await;
    note.id.to_string()
}
