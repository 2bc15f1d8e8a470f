//! `POST /sign-out`.

use actix_web::post;

use crate::layout::{Flash, PageResult};
use crate::requests::{UserForm, redirect_signed_out};

/// Ends the current session.
#[post("/sign-out")]
pub(super) async fn sign_out(UserForm(_, user, _): UserForm) -> PageResult {
    user.sign_out(Ok(())).await?;
    Ok(redirect_signed_out(Flash::SignedOut))
}
