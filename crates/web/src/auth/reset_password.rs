//! `/reset-password`. Opening the link does not use it up.

use actix_web::http::StatusCode;
use actix_web::{get, post};
use askama::Template;
use portal_auth::accounts::ResetPasswordError;
use portal_domain::branding::Feature;
use portal_domain::profiles::{Account, Password};
use portal_http::browser;

use crate::error::PageError;
use crate::forms::Form;
use crate::i18n::Message;
use crate::layout::{Frame, Notice, PageResult};
use crate::session::{Context, Guest, GuestSubmission, leave, see_other_saying};

#[derive(Template)]
#[template(path = "auth/reset_password.html")]
struct ResetPasswordPage {
    frame: Frame,
    welcome: Vec<String>,
    form: Form,
    /// Whose password it is; where the link is not good, there is none to set.
    account: Option<Account>,
}

/// `GET /reset-password`.
#[get("/reset-password")]
pub(super) async fn show_reset_password(guest: Guest) -> PageResult {
    let token = guest.context.query("token");
    let accounts = &guest.context.portal.accounts;
    match accounts.resettable(&token).await {
        Ok(account) => {
            let form = Form::default().fill("token", &*token);
            show(&guest, StatusCode::OK, form, Some(account)).await
        }
        Err(error) => refuse(&guest, StatusCode::NOT_FOUND, error).await,
    }
}

/// `POST /reset-password`. Every session of the account ends.
#[post("/reset-password")]
pub(super) async fn reset_password(submission: GuestSubmission) -> PageResult {
    let GuestSubmission { guest, mut form } = submission;
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let accounts = &guest.context.portal.accounts;
    let Ok(password) = form.parse::<Password>("new-password") else {
        return match accounts.resettable(form.value("token")).await {
            Ok(account) => show(&guest, status, form, Some(account)).await,
            Err(error) => refuse(&guest, status, error).await,
        };
    };
    let client = &guest.context.origin.client;
    let reset = accounts
        .reset_password(client, form.value("token"), &password)
        .await;
    match reset {
        Ok(()) => {
            let mut response = see_other_saying("/sign-in", Notice::PasswordReset);
            // Whoever may be signed in here is not who goes on. The password is set by now, so it
            // is not worth an error if their session cannot be ended.
            let Context {
                request, portal, ..
            } = &guest.context;
            if let Ok(former) = browser::session(request, portal)
                && let Err(error) = portal.sessions.end(&former.id).await
            {
                let error: &(dyn std::error::Error + Send + Sync) = &error;
                tracing::warn!(error, "a session could not be ended");
            }
            leave(&guest.context, &mut response);
            Ok(response)
        }
        Err(error) => refuse(&guest, status, error).await,
    }
}

/// Says why the link sets no password.
async fn refuse(guest: &Guest, status: StatusCode, error: ResetPasswordError) -> PageResult {
    match error {
        ResetPasswordError::InvalidToken => {
            let mut form = Form::default();
            form.refuse_whole(Message::new("error-reset-token"));
            show(guest, status, form, None).await
        }
        ResetPasswordError::Disabled => Err(PageError::FeatureDisabled(Feature::PasswordReset)),
        ResetPasswordError::Failure(failure) => Err(failure.into()),
    }
}

async fn show(
    guest: &Guest,
    status: StatusCode,
    form: Form,
    account: Option<Account>,
) -> PageResult {
    let frame = guest.frame().await?.without_referrer();
    let page = ResetPasswordPage {
        welcome: super::welcome(&frame),
        frame,
        form,
        account,
    };
    page.frame.show_as(status, &page)
}
