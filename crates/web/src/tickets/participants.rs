//! `POST /tickets/{id}/participants`: adding and removing colleagues.

use actix_web::http::StatusCode;
use actix_web::post;
use portal_domain::branding::Feature;
use portal_domain::ids::{TicketId, UserId};
use portal_domain::tickets::{self, ColleagueRef, ParticipantError};
use portal_domain::values::EmailAddress;

use super::show::show_with_invitation;
use crate::error::PageError;
use crate::forms::Form;
use crate::i18n::Message;
use crate::layout::{Flash, PageResult};
use crate::requests::{UserForm, UserRequest, redirect_with_flash};

/// The field with the address of the colleague to add.
const COLLEAGUE: &str = "colleague";

/// The button whose value is the id of the participant to remove.
const REMOVE: &str = "remove";

const FEATURE: Option<Feature> = Some(Feature::Tickets);

/// Adds the colleague with an address, or removes a participant.
#[post("/tickets/{id}/participants")]
pub(super) async fn change_participants(UserForm(request, user, mut form): UserForm) -> PageResult {
    let ticket: TicketId = request.context.path_part("id")?;
    let path = format!("/tickets/{ticket}");
    if form.is_ticked(REMOVE) {
        let removed: UserId = form.value(REMOVE).parse().ok().ok_or(PageError::NotFound)?;
        let leaves = removed == request.user_id();
        user.write(FEATURE, Ok(()), async |op, ()| {
            match tickets::remove_participant(op, ticket, removed).await {
                // The form was sent twice: who has left does not see the ticket any more.
                Err(ParticipantError::NotFound) if leaves => Ok(()),
                removed => Ok(removed?),
            }
        })
        .await?;
        return Ok(if leaves {
            // Whoever left does not see the ticket any more, unless as a manager.
            redirect_with_flash("/tickets", Flash::TicketLeft)
        } else {
            redirect_with_flash(&path, Flash::ParticipantRemoved)
        });
    }
    let Ok(email) = form.parse::<EmailAddress>(COLLEAGUE) else {
        return show_again(&request, form).await;
    };
    let colleague = ColleagueRef::Email(email);
    let added = user
        .write(
            FEATURE,
            Ok(colleague),
            async |op, colleague| match tickets::add_participant(op, ticket, colleague).await {
                Err(ParticipantError::UnknownColleague) => Ok(None),
                added => Ok(Some(added?)),
            },
        )
        .await?;
    if added.is_none() {
        form.add_error(COLLEAGUE, Message::new("ticket-no-colleague"));
        return show_again(&request, form).await;
    }
    Ok(redirect_with_flash(&path, Flash::ParticipantAdded))
}

async fn show_again(request: &UserRequest, form: Form) -> PageResult {
    show_with_invitation(request, StatusCode::UNPROCESSABLE_ENTITY, form).await
}
