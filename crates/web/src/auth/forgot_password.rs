//! `/forgot-password`.

use actix_web::http::StatusCode;
use actix_web::{get, post};
use askama::Template;
use portal_auth::accounts::{ForgotPassword, SignInScope};
use portal_domain::branding::Feature;
use portal_domain::values::EmailAddress;

use crate::error::PageError;
use crate::forms::Form;
use crate::layout::{Flash, Frame, PageResult};
use crate::requests::{PublicForm, PublicRequest, redirect_with_flash};

#[derive(Template)]
#[template(path = "auth/forgot_password.html")]
struct ForgotPasswordPage {
    frame: Frame,
    welcome: Vec<String>,
    form: Form,
}

#[get("/forgot-password")]
pub(super) async fn show_forgot_password(request: PublicRequest) -> PageResult {
    show(&request, StatusCode::OK, Form::default()).await
}

/// Mails a link. The response does not reveal whether the account exists.
#[post("/forgot-password")]
pub(super) async fn forgot_password(PublicForm(request, form): PublicForm) -> PageResult {
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let mut form = match form {
        Ok(form) => form,
        Err(outdated) => return show(&request, status, outdated.into_form()).await,
    };
    let Ok(email) = form.parse::<EmailAddress>("email") else {
        return show(&request, StatusCode::UNPROCESSABLE_ENTITY, form).await;
    };
    check_offered(&request.frame().await?)?;
    let info = &request.context.info;
    let forgot = ForgotPassword {
        email,
        scope: SignInScope {
            organization: None,
            host: info.custom_domain.clone(),
        },
    };
    let accounts = &request.context.portal.auth;
    accounts.forgot_password(&info.client, forgot).await?;
    Ok(redirect_with_flash("/sign-in", Flash::ResetLinkSent))
}

/// Checks that the organization of the host offers password resets.
fn check_offered(frame: &Frame) -> Result<(), PageError> {
    if frame.has_password_reset() {
        Ok(())
    } else {
        Err(PageError::FeatureDisabled(Feature::PasswordReset))
    }
}

async fn show(request: &PublicRequest, status: StatusCode, form: Form) -> PageResult {
    let frame = request.frame().await?;
    check_offered(&frame)?;
    let page = ForgotPasswordPage {
        welcome: super::welcome(&frame),
        frame,
        form,
    };
    page.frame.show_as(status, &page)
}
