//! `/reset-password`: where the link in a mail leads. Opening it uses nothing up.

use actix_web::http::StatusCode;
use actix_web::{get, post};
use askama::Template;
use portal_auth::accounts::ResetPasswordError;
use portal_domain::branding::Feature;
use portal_domain::profiles::Password;

use crate::error::PageError;
use crate::forms::Form;
use crate::i18n::Message;
use crate::layout::{Frame, Notice, PageResult};
use crate::session::{Guest, GuestSubmission, see_other_saying};

#[derive(Template)]
#[template(path = "auth/reset_password.html")]
struct ResetPasswordPage {
    frame: Frame,
    welcome: Vec<String>,
    form: Form,
}

/// `GET /reset-password`.
#[get("/reset-password")]
pub(super) async fn show_reset_password(guest: Guest) -> PageResult {
    let token = guest.context.query("token");
    show(&guest, StatusCode::OK, Form::default().fill("token", token)).await
}

/// `POST /reset-password`. Every session of the account ends.
#[post("/reset-password")]
pub(super) async fn reset_password(submission: GuestSubmission) -> PageResult {
    let GuestSubmission { guest, mut form } = submission;
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let Ok(password) = form.parse::<Password>("new-password") else {
        return show(&guest, status, form).await;
    };
    let accounts = &guest.context.portal.accounts;
    let client = &guest.context.origin.client;
    let reset = accounts
        .reset_password(client, form.value("token"), &password)
        .await;
    match reset {
        Ok(()) => Ok(see_other_saying("/sign-in", Notice::PasswordReset)),
        Err(ResetPasswordError::InvalidToken) => {
            form.refuse_whole(Message::new("error-reset-token"));
            show(&guest, status, form).await
        }
        Err(ResetPasswordError::Disabled) => {
            Err(PageError::FeatureDisabled(Feature::PasswordReset))
        }
        Err(ResetPasswordError::Failure(failure)) => Err(failure.into()),
    }
}

async fn show(guest: &Guest, status: StatusCode, form: Form) -> PageResult {
    let frame = guest.frame().await?.without_referrer();
    let page = ResetPasswordPage {
        welcome: super::welcome(&frame),
        frame,
        form,
    };
    page.frame.show_as(status, &page)
}
