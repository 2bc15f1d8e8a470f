//! `/sign-in`.

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{get, post};
use askama::Template;
use portal_auth::accounts::{AttemptError, SignIn, SignInError, SignInScope};
use portal_domain::profiles::TypedPassword;
use portal_domain::values::EmailAddress;
use portal_session::{SessionUser, Visitor};

use super::choice::OrganizationPage;
use crate::error::{PageError, retry_after_seconds, too_many_attempts};
use crate::errors::page_of_form;
use crate::forms::{Draft, Form};
use crate::i18n::Message;
use crate::layout::{Frame, PageResult};
use crate::requests::{
    Context, LocalPath, PublicForm, PublicRequest, redirect, redirect_signed_in,
};

#[derive(Template)]
#[template(path = "auth/sign_in.html")]
struct SignInPage {
    frame: Frame,
    welcome: Vec<String>,
    form: Form,
}

/// Redirects users who are signed in.
#[get("/sign-in")]
pub(super) async fn show_sign_in(request: PublicRequest) -> PageResult {
    let next = request.context.query("next");
    if SessionUser::<PageError>::by_cookie(&request.context.request).is_ok() {
        return Ok(redirect(local(&next).as_str()));
    }
    show(&request, StatusCode::OK, Form::default().fill("next", next)).await
}

#[post("/sign-in")]
pub(super) async fn sign_in(PublicForm(request, form): PublicForm) -> PageResult {
    let context = &request.context;
    let mut form = match form {
        Ok(form) => form,
        Err(outdated) => return show_outdated(&request, outdated.into_form()).await,
    };
    let email = form.parse::<EmailAddress>("email");
    let password = form.parse::<TypedPassword>("password");
    let (Ok(email), Ok(password)) = (email, password) else {
        return show(&request, StatusCode::UNPROCESSABLE_ENTITY, form).await;
    };
    let sign_in = SignIn {
        email,
        password: password.into_secret(),
        scope: SignInScope {
            organization: None,
            host: context.info.custom_domain.clone(),
        },
    };
    let accounts = &context.portal.auth;
    match accounts.sign_in(&context.info.client, sign_in).await {
        Ok(signed_in) => {
            let next = local(form.value("next"));
            redirect_signed_in(context, &signed_in, next.as_str(), Draft::of(&form)).await
        }
        Err(SignInError::Ambiguous(choices)) => {
            OrganizationPage::show(&request, &choices, form).await
        }
        Err(SignInError::InvalidCredentials) => {
            form.add_form_error(Message::new("error-credentials"));
            show(&request, StatusCode::UNPROCESSABLE_ENTITY, form).await
        }
        Err(SignInError::NotActive) => Err(PageError::NotActive),
        // Keeps the form and the address, with links to other ways to get help.
        Err(SignInError::Attempt(AttemptError::RateLimited { retry_after })) => {
            form.add_form_error(too_many_attempts(retry_after));
            let mut response = show(&request, StatusCode::TOO_MANY_REQUESTS, form).await?;
            let seconds = retry_after_seconds(retry_after);
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
            Ok(response)
        }
        Err(SignInError::Attempt(failure)) => Err(failure.into()),
    }
}

/// Signs in first whoever sent a form after their session had ended, and keeps what they typed.
///
/// # Errors
///
/// Faults.
pub(crate) async fn show_with_draft(context: &Context, draft: &Draft) -> PageResult {
    let request = PublicRequest {
        visitor: Visitor::of(&context.request),
        context: context.clone(),
    };
    let mut form = draft.fill(Form::default().fill("next", page_of_form(draft.action())));
    form.add_form_error(Message::new("unsent-text"));
    show(&request, StatusCode::UNAUTHORIZED, form).await
}

/// A form that was opened before somebody signed in or out in another tab: whoever is signed in
/// goes on, others are asked again.
pub(super) async fn show_outdated(request: &PublicRequest, form: Form) -> PageResult {
    let user = SessionUser::<PageError>::by_cookie(&request.context.request);
    match (user, Draft::of(&form)) {
        (Ok(_), Some(draft)) => Err(PageError::Outdated(draft)),
        (Ok(_), None) => Ok(redirect(local(form.value("next")).as_str())),
        (Err(_), _) => show(request, StatusCode::UNPROCESSABLE_ENTITY, form).await,
    }
}

async fn show(request: &PublicRequest, status: StatusCode, form: Form) -> PageResult {
    let frame = request.frame().await?;
    let page = SignInPage {
        welcome: super::welcome(&frame),
        frame,
        form,
    };
    page.frame.show_as(status, &page)
}

/// The path to continue at: home, if `next` is not of the portal.
pub(super) fn local(next: &str) -> LocalPath {
    next.parse().unwrap_or_else(|_| LocalPath::home())
}
