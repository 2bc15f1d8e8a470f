//! `/accept-invite`: where an invitation leads. Opening it uses nothing up.

use actix_web::http::StatusCode;
use actix_web::{get, post};
use askama::Template;
use portal_auth::accounts::{AcceptInvitation, AcceptInvitationError};
use portal_domain::profiles::{Password, PersonName};
use portal_http::browser;

use crate::error::PageError;
use crate::forms::Form;
use crate::i18n::Message;
use crate::layout::{Frame, Notice, PageResult};
use crate::session::{Guest, GuestSubmission, see_other_saying};

#[derive(Template)]
#[template(path = "auth/accept_invite.html")]
struct AcceptInvitePage {
    frame: Frame,
    welcome: Vec<String>,
    form: Form,
}

/// `GET /accept-invite`.
#[get("/accept-invite")]
pub(super) async fn show_accept_invite(guest: Guest) -> PageResult {
    let token = guest.context.query("token");
    show(&guest, StatusCode::OK, Form::default().fill("token", token)).await
}

/// `POST /accept-invite`. Who sets up an account is signed in.
#[post("/accept-invite")]
pub(super) async fn accept_invite(submission: GuestSubmission) -> PageResult {
    let GuestSubmission { guest, mut form } = submission;
    let context = &guest.context;
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let name = form.parse_optional::<PersonName>("name");
    let password = form.parse::<Password>("new-password");
    let (Ok(name), Ok(password)) = (name, password) else {
        return show(&guest, status, form).await;
    };
    let accept = AcceptInvitation {
        token: form.value("token").to_owned(),
        password,
        name,
    };
    let accounts = &context.portal.accounts;
    let accepted = accounts
        .accept_invitation(&context.origin.client, accept)
        .await;
    let refusal = match accepted {
        Ok(signed_in) => {
            browser::establish(&context.request, &context.portal, &signed_in).await?;
            return Ok(see_other_saying("/", Notice::Welcome));
        }
        Err(AcceptInvitationError::InvalidToken) => Message::new("error-invitation"),
        Err(AcceptInvitationError::AlreadySetUp) => Message::new("error-already-set-up"),
        Err(AcceptInvitationError::Disabled) => return Err(PageError::NotActive),
        Err(AcceptInvitationError::Failure(failure)) => return Err(failure.into()),
    };
    form.refuse_whole(refusal);
    show(&guest, status, form).await
}

async fn show(guest: &Guest, status: StatusCode, form: Form) -> PageResult {
    let frame = guest.frame().await?.without_referrer();
    let page = AcceptInvitePage {
        welcome: super::welcome(&frame),
        frame,
        form,
    };
    page.frame.show_as(status, &page)
}
