//! `/sign-in`.

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{get, post};
use askama::Template;
use portal_auth::accounts::{Failure, SignIn, SignInError, SignInScope};
use portal_domain::values::EmailAddress;
use portal_http::browser;

use super::choice::OrganizationPage;
use crate::error::{PageError, retry_after_seconds, too_many_attempts};
use crate::forms::Form;
use crate::i18n::Message;
use crate::layout::{Frame, PageResult};
use crate::session::{Guest, GuestSubmission, LocalPath, let_in, see_other};

#[derive(Template)]
#[template(path = "auth/sign_in.html")]
struct SignInPage {
    frame: Frame,
    welcome: Vec<String>,
    form: Form,
}

/// `GET /sign-in`. Who has signed in goes on.
#[get("/sign-in")]
pub(super) async fn show_sign_in(guest: Guest) -> PageResult {
    let next = guest.context.query("next");
    if browser::session(&guest.context.request, &guest.context.portal).is_ok() {
        return Ok(see_other(local(&next).as_str()));
    }
    show(&guest, StatusCode::OK, Form::default().fill("next", next)).await
}

/// `POST /sign-in`.
#[post("/sign-in")]
pub(super) async fn sign_in(submission: GuestSubmission) -> PageResult {
    let GuestSubmission { guest, mut form } = submission;
    let context = &guest.context;
    let email = form.parse::<EmailAddress>("email");
    let password = form.value("password").to_owned();
    if password.is_empty() {
        form.refuse("password", Message::new("error-required"));
    }
    let (Ok(email), false) = (email, password.is_empty()) else {
        return show(&guest, StatusCode::UNPROCESSABLE_ENTITY, form).await;
    };
    let sign_in = SignIn {
        email,
        password: password.into(),
        scope: SignInScope {
            organization: None,
            host: context.origin.custom_domain.clone(),
        },
    };
    let accounts = &context.portal.accounts;
    match accounts.sign_in(&context.origin.client, sign_in).await {
        Ok(signed_in) => {
            let_in(context, &signed_in).await?;
            Ok(see_other(local(form.value("next")).as_str()))
        }
        Err(SignInError::Ambiguous(choices)) => {
            OrganizationPage::show(&guest, &choices, form.value("next")).await
        }
        Err(SignInError::InvalidCredentials) => {
            form.refuse_whole(Message::new("error-credentials"));
            show(&guest, StatusCode::UNPROCESSABLE_ENTITY, form).await
        }
        Err(SignInError::NotActive) => Err(PageError::NotActive),
        // Who mistyped too often still sees where else to get help, and what they typed.
        Err(SignInError::Failure(Failure::RateLimited { retry_after })) => {
            form.refuse_whole(too_many_attempts(retry_after));
            let mut response = show(&guest, StatusCode::TOO_MANY_REQUESTS, form).await?;
            let seconds = retry_after_seconds(retry_after);
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
            Ok(response)
        }
        Err(SignInError::Failure(failure)) => Err(failure.into()),
    }
}

async fn show(guest: &Guest, status: StatusCode, form: Form) -> PageResult {
    let frame = guest.frame().await?;
    let page = SignInPage {
        welcome: super::welcome(&frame),
        frame,
        form,
    };
    page.frame.show_as(status, &page)
}

/// Where to go on: home, if what was asked for leads elsewhere.
pub(super) fn local(next: &str) -> LocalPath {
    next.parse().unwrap_or_else(|_| LocalPath::home())
}
