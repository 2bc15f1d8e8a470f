//! `POST /profile/password`.

use actix_web::http::StatusCode;
use actix_web::post;
use portal_auth::accounts::ChangePasswordError;
use portal_domain::profiles::{Password, TypedPassword};

use crate::i18n::Message;
use crate::layout::{Flash, PageResult};
use crate::requests::{UserForm, redirect_signed_out};

/// Changes the password. All sessions of the user end, including the current one.
#[post("/profile/password")]
pub(super) async fn change_password(UserForm(request, user, mut form): UserForm) -> PageResult {
    let current = form.parse::<TypedPassword>("current-password");
    let new = form.parse::<Password>("new-password");
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let (Ok(current), Ok(new)) = (current, new) else {
        return super::show(&request, status, None, Some(form)).await;
    };
    let accounts = &request.context.portal.auth;
    let changed = accounts
        .change_password(
            user.client(),
            &user.session().claims(),
            current.secret(),
            &new,
        )
        .await;
    match changed {
        Ok(()) => Ok(redirect_signed_out(Flash::PasswordChanged)),
        Err(ChangePasswordError::WrongPassword) => {
            form.add_error("current-password", Message::new("error-current-password"));
            super::show(&request, status, None, Some(form)).await
        }
        Err(ChangePasswordError::Access(error)) => Err(error.into()),
        Err(ChangePasswordError::Attempt(failure)) => Err(failure.into()),
    }
}
