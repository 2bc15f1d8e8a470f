//! `POST /sign-out`.

use actix_web::post;
use portal_domain::profiles::record_sign_out;

use crate::layout::{Flash, PageResult};
use crate::requests::{UserForm, redirect_signed_out};

/// Ends the current session.
#[post("/sign-out")]
pub(super) async fn sign_out(UserForm(_, user, _): UserForm) -> PageResult {
    user.write(None, Ok(()), async |op, ()| Ok(record_sign_out(op).await?))
        .await?;
    user.end_session().await?;
    Ok(redirect_signed_out(Flash::SignedOut))
}
