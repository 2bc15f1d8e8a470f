//! `POST /tickets/{id}/close`.

use actix_web::post;
use portal_domain::branding::Feature;
use portal_domain::ids::TicketId;
use portal_domain::tickets::{self, CloseError, TicketStatus};

use super::id;
use crate::error::PageError;
use crate::layout::{Notice, PageResult};
use crate::session::{Submission, see_other_saying};

/// Confirms that a resolved ticket is done.
#[post("/tickets/{id}/close")]
pub(super) async fn close_ticket(submission: Submission) -> PageResult {
    let visit = submission.visit;
    let ticket = visit
        .write(Some(Feature::Tickets), async |op| {
            let ticket: TicketId = id(&visit, "id")?;
            match tickets::close(op, ticket).await {
                // An impatient second click gets what it wants.
                Err(CloseError::NotResolved(refused)) if refused.from == TicketStatus::Closed => {}
                closed => drop(closed?),
            }
            Ok::<_, PageError>(ticket)
        })
        .await?;
    Ok(see_other_saying(
        &format!("/tickets/{ticket}"),
        Notice::TicketClosed,
    ))
}
