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
use crate::session::{Guest, GuestSubmission, leave, see_other_saying};

#[derive(Template)]
#[template(path = "auth/reset_password.html")]
struct ResetPasswordPage {
    frame: Frame,
    welcome: Vec<String>,
    form: Form,
    /// Whether the link is still good; else there is nothing to fill in.
    is_good: bool,
}

/// `GET /reset-password`.
#[get("/reset-password")]
pub(super) async fn show_reset_password(guest: Guest) -> PageResult {
    let token = guest.context.query("token");
    let accounts = &guest.context.portal.accounts;
    match accounts.resettable(&token).await {
        Ok(_) => show(&guest, StatusCode::OK, Form::default().fill("token", token)).await,
        Err(ResetPasswordError::InvalidToken) => show_dead(&guest, StatusCode::NOT_FOUND).await,
        Err(error) => Err(error.into()),
    }
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
        Ok(()) => {
            let mut response = see_other_saying("/sign-in", Notice::PasswordReset);
            // Whoever may be signed in here is not who goes on.
            leave(&guest.context, &mut response).await?;
            Ok(response)
        }
        Err(ResetPasswordError::InvalidToken) => show_dead(&guest, status).await,
        Err(error) => Err(error.into()),
    }
}

impl From<ResetPasswordError> for PageError {
    fn from(error: ResetPasswordError) -> Self {
        match error {
            ResetPasswordError::InvalidToken => Self::NotFound,
            ResetPasswordError::Disabled => Self::FeatureDisabled(Feature::PasswordReset),
            ResetPasswordError::Failure(failure) => failure.into(),
        }
    }
}

/// Says that the link is no longer good, and where to get another.
async fn show_dead(guest: &Guest, status: StatusCode) -> PageResult {
    let mut form = Form::default();
    form.refuse_whole(Message::new("error-reset-token"));
    show_as(guest, status, form, false).await
}

async fn show(guest: &Guest, status: StatusCode, form: Form) -> PageResult {
    show_as(guest, status, form, true).await
}

async fn show_as(guest: &Guest, status: StatusCode, form: Form, is_good: bool) -> PageResult {
    let frame = guest.frame().await?.without_referrer();
    let page = ResetPasswordPage {
        welcome: super::welcome(&frame),
        frame,
        form,
        is_good,
    };
    page.frame.show_as(status, &page)
}
