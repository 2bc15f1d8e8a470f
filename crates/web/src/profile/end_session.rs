//! `POST /profile/sessions/{id}`.

use actix_web::post;
use uuid::Uuid;

use crate::error::PageError;
use crate::layout::{Flash, PageResult};
use crate::requests::{UserForm, redirect_signed_out, redirect_with_flash};

/// Ends one of the user's sessions. Ending the current one signs out; one that has ended already stays
/// so.
#[post("/profile/sessions/{id}")]
pub(super) async fn end_session(UserForm(request, user, _): UserForm) -> PageResult {
    user.check(None).await?;
    let id = request.context.request.match_info().query("id");
    let id: Uuid = id.parse().ok().ok_or(PageError::NotFound)?;
    let sessions = user.sessions().await?;
    let session = sessions.iter().find(|session| session.public_id == id);
    match session {
        Some(session) if user.is_current(session) => {
            user.sign_out(Ok(())).await?;
            Ok(redirect_signed_out(Flash::SignedOut))
        }
        Some(session) => {
            user.end(session).await?;
            Ok(redirect_with_flash("/profile", Flash::SessionClosed))
        }
        None => Ok(redirect_with_flash("/profile", Flash::SessionClosed)),
    }
}
