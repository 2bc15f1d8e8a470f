//! Whom among the customers to tell of what happens to a ticket: the submitter and the participants,
//! but not who did it.

use super::{Comment, Ticket};
use crate::audit::Actor;
use crate::ids::UserId;
use crate::notifications::MailKind;
use crate::operation::Operation;
use crate::storage_error::StorageError;

/// Mails everybody that the team has answered.
pub(super) async fn tell_of_team_reply(
    op: &Operation<'_, impl Actor>,
    ticket: &Ticket,
    comment: &Comment,
) -> Result<(), StorageError> {
    let (ticket_id, comment_id) = (ticket.id, comment.id);
    op.mail(MailKind::team_replied(ticket_id, comment_id))
        .await?;
    let kind = |user_id| MailKind::ParticipantTeamReplied {
        ticket_id,
        comment_id,
        user_id,
    };
    tell_participants(op, ticket, None, kind).await
}

/// Mails everybody but `by` that the ticket has another status.
pub(super) async fn tell_of_status(
    op: &Operation<'_, impl Actor>,
    ticket: &Ticket,
    by: Option<UserId>,
) -> Result<(), StorageError> {
    let status = ticket.status.as_str();
    if by != Some(ticket.submitted_by) {
        op.mail(MailKind::status_changed(ticket.id, status)).await?;
    }
    let kind = |user_id| MailKind::ParticipantStatusChanged {
        ticket_id: ticket.id,
        status: status.to_owned(),
        user_id,
    };
    tell_participants(op, ticket, by, kind).await
}

/// Mails everybody but the author of a customer's comment.
pub(super) async fn tell_of_colleagues_reply(
    op: &Operation<'_, impl Actor>,
    ticket: &Ticket,
    comment: &Comment,
) -> Result<(), StorageError> {
    let kind = |user_id| MailKind::ColleagueReplied {
        ticket_id: ticket.id,
        comment_id: comment.id,
        user_id,
    };
    if comment.portal_user_id != Some(ticket.submitted_by) {
        op.mail(kind(ticket.submitted_by)).await?;
    }
    tell_participants(op, ticket, comment.portal_user_id, kind).await
}

async fn tell_participants(
    op: &Operation<'_, impl Actor>,
    ticket: &Ticket,
    except: Option<UserId>,
    kind: impl Fn(UserId) -> MailKind,
) -> Result<(), StorageError> {
    for participant in op.tx.participants(ticket.id).await? {
        if Some(participant.id) != except {
            op.mail(kind(participant.id)).await?;
        }
    }
    Ok(())
}
