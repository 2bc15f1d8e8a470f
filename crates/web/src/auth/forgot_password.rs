//! `/forgot-password`.

use actix_web::http::StatusCode;
use actix_web::{get, post};
use askama::Template;
use portal_auth::accounts::{ForgotPassword, SignInScope};
use portal_domain::branding::Feature;
use portal_domain::values::EmailAddress;

use crate::error::PageError;
use crate::forms::Form;
use crate::layout::{Frame, Notice, PageResult};
use crate::session::{Guest, GuestSubmission, see_other_saying};

#[derive(Template)]
#[template(path = "auth/forgot_password.html")]
struct ForgotPasswordPage {
    frame: Frame,
    welcome: Vec<String>,
    form: Form,
}

/// `GET /forgot-password`.
#[get("/forgot-password")]
pub(super) async fn show_forgot_password(guest: Guest) -> PageResult {
    show(&guest, StatusCode::OK, Form::default()).await
}

/// `POST /forgot-password`. The answer is the same whoever asks.
#[post("/forgot-password")]
pub(super) async fn forgot_password(submission: GuestSubmission) -> PageResult {
    let GuestSubmission { guest, mut form } = submission;
    let Ok(email) = form.parse::<EmailAddress>("email") else {
        return show(&guest, StatusCode::UNPROCESSABLE_ENTITY, form).await;
    };
    offered(&guest.frame().await?)?;
    let origin = &guest.context.origin;
    let forgot = ForgotPassword {
        email,
        scope: SignInScope {
            organization: None,
            host: origin.custom_domain.clone(),
        },
    };
    let accounts = &guest.context.portal.accounts;
    accounts.forgot_password(&origin.client, forgot).await?;
    Ok(see_other_saying("/sign-in", Notice::ResetLinkSent))
}

/// Whether the organization whose host this is lets people reset their passwords.
fn offered(frame: &Frame) -> Result<(), PageError> {
    if frame.has_password_reset() {
        Ok(())
    } else {
        Err(PageError::FeatureDisabled(Feature::PasswordReset))
    }
}

async fn show(guest: &Guest, status: StatusCode, form: Form) -> PageResult {
    let frame = guest.frame().await?;
    offered(&frame)?;
    let page = ForgotPasswordPage {
        welcome: super::welcome(&frame),
        frame,
        form,
    };
    page.frame.show_as(status, &page)
}
