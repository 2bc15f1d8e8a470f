//! `POST /profile/password`.

use actix_web::http::StatusCode;
use actix_web::post;
use portal_auth::accounts::ChangePasswordError;
use portal_domain::profiles::Password;

use crate::i18n::Message;
use crate::layout::{Notice, PageResult};
use crate::session::{Submission, leave, see_other_saying};

/// Changes the password. Every session of the user ends, this one included.
#[post("/profile/password")]
pub(super) async fn change_password(submission: Submission) -> PageResult {
    let Submission { visit, mut form } = submission;
    let current = form.value("current-password").to_owned();
    if current.is_empty() {
        form.refuse("current-password", Message::new("error-required"));
    }
    let new = form.parse::<Password>("new-password");
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let (Ok(new), false) = (new, current.is_empty()) else {
        return super::show(&visit, status, None, Some(form)).await;
    };
    let accounts = &visit.context.portal.accounts;
    let client = &visit.context.origin.client;
    let changed = accounts
        .change_password(client, &visit.session.claims(), &current.into(), &new)
        .await;
    match changed {
        Ok(()) => {
            let mut response = see_other_saying("/sign-in", Notice::PasswordChanged);
            leave(&visit.context, &mut response);
            Ok(response)
        }
        Err(ChangePasswordError::WrongPassword) => {
            form.refuse("current-password", Message::new("error-current-password"));
            super::show(&visit, status, None, Some(form)).await
        }
        Err(ChangePasswordError::Access(error)) => Err(error.into()),
        Err(ChangePasswordError::Failure(failure)) => Err(failure.into()),
    }
}
