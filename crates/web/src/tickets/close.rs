//! `POST /tickets/{id}/close`.

use actix_web::post;
use portal_domain::branding::Feature;
use portal_domain::ids::TicketId;
use portal_domain::tickets::{self, TicketError, TicketStatus};

use crate::layout::{Flash, PageResult};
use crate::requests::{UserForm, redirect_with_flash};

/// Closes a resolved ticket.
#[post("/tickets/{id}/close")]
pub(super) async fn close_ticket(UserForm(request, user, _): UserForm) -> PageResult {
    let ticket: TicketId = request.context.path_part("id")?;
    user.write(Some(Feature::Tickets), Ok(()), async |op, ()| {
        match tickets::close(op, ticket).await {
            // A double click.
            Err(TicketError::InvalidTransition(invalid))
                if invalid.from == TicketStatus::Closed =>
            {
                Ok(())
            }
            closed => Ok(closed.map(drop)?),
        }
    })
    .await?;
    Ok(redirect_with_flash(
        &format!("/tickets/{ticket}"),
        Flash::TicketClosed,
    ))
}
