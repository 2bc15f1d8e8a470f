//! `/reset-password`. Opening the link does not use it up.

use actix_web::http::StatusCode;
use actix_web::{get, post};
use askama::Template;
use portal_auth::accounts::ResetPasswordError;
use portal_domain::branding::Feature;
use portal_domain::profiles::{Account, OneTimeTokenPurpose, Password};
use portal_session::end_session;

use crate::error::PageError;
use crate::forms::Form;
use crate::i18n::Message;
use crate::layout::{Flash, Frame, PageResult};
use crate::requests::{PublicForm, PublicRequest, redirect_signed_out};

#[derive(Template)]
#[template(path = "auth/reset_password.html")]
struct ResetPasswordPage {
    frame: Frame,
    welcome: Vec<String>,
    form: Form,
    /// The account whose password is reset; `None` if the link is invalid.
    account: Option<Account>,
}

#[get("/reset-password")]
pub(super) async fn show_reset_password(request: PublicRequest) -> PageResult {
    let token = request.context.query("token");
    let client = &request.context.info.client;
    let accounts = &request.context.portal.auth;
    match accounts.resettable(client, &token).await {
        Ok(account) => {
            let form = Form::default().fill("token", &*token);
            show(&request, StatusCode::OK, form, Some(account)).await
        }
        Err(error) => show_error(&request, StatusCode::NOT_FOUND, error).await,
    }
}

/// Resets the password. All sessions of the account end.
#[post("/reset-password")]
pub(super) async fn reset_password(PublicForm(request, form): PublicForm) -> PageResult {
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let client = &request.context.info.client;
    let accounts = &request.context.portal.auth;
    let mut form = match form {
        Ok(form) => form,
        Err(outdated) => {
            let form = outdated.into_form();
            return match accounts.resettable(client, form.value("token")).await {
                Ok(account) => show(&request, status, form, Some(account)).await,
                Err(error) => show_error(&request, status, error).await,
            };
        }
    };
    let Ok(password) = form.parse::<Password>("new-password") else {
        return match accounts.resettable(client, form.value("token")).await {
            Ok(account) => show(&request, status, form, Some(account)).await,
            Err(error) => show_error(&request, status, error).await,
        };
    };
    let reset = accounts
        .reset_password(client, form.value("token"), &password)
        .await;
    match reset {
        Ok(()) => {
            // The password is already set, so this failure is only logged.
            if let Err(error) = end_session(&request.context.request).await {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(error, "session not ended after a password reset");
            }
            Ok(redirect_signed_out(Flash::PasswordReset))
        }
        Err(ResetPasswordError::InvalidToken)
            if accounts
                .has_just_set(
                    client,
                    OneTimeTokenPurpose::PasswordReset,
                    form.value("token"),
                    &password,
                )
                .await? =>
        {
            Ok(redirect_signed_out(Flash::PasswordReset))
        }
        Err(error) => show_error(&request, status, error).await,
    }
}

/// Shows why the password cannot be reset.
async fn show_error(
    request: &PublicRequest,
    status: StatusCode,
    error: ResetPasswordError,
) -> PageResult {
    match error {
        ResetPasswordError::InvalidToken => {
            let mut form = Form::default();
            form.add_form_error(Message::new("error-reset-token"));
            show(request, status, form, None).await
        }
        ResetPasswordError::Disabled => Err(PageError::FeatureDisabled(Feature::PasswordReset)),
        ResetPasswordError::Attempt(failure) => Err(failure.into()),
    }
}

async fn show(
    request: &PublicRequest,
    status: StatusCode,
    form: Form,
    account: Option<Account>,
) -> PageResult {
    let frame = request.frame().await?.without_referrer();
    let page = ResetPasswordPage {
        welcome: super::welcome(&frame),
        frame,
        form,
        account,
    };
    page.frame.show_as(status, &page)
}
