//! `/accept-invite`. Opening the link does not use it up.

use actix_web::http::StatusCode;
use actix_web::{get, post};
use askama::Template;
use portal_auth::accounts::{AcceptInvitation, AcceptInvitationError};
use portal_domain::profiles::{Account, Password};
use portal_domain::values::PersonName;

use crate::error::PageError;
use crate::forms::Form;
use crate::i18n::Message;
use crate::layout::{Frame, Notice, PageResult};
use crate::session::{Guest, GuestSubmission, let_in, see_other_saying};

#[derive(Template)]
#[template(path = "auth/accept_invite.html")]
struct AcceptInvitePage {
    frame: Frame,
    welcome: Vec<String>,
    form: Form,
    /// Whose account it is; where the link is not good, there is none to set up.
    account: Option<Account>,
}

/// `GET /accept-invite`.
#[get("/accept-invite")]
pub(super) async fn show_accept_invite(guest: Guest) -> PageResult {
    let token = guest.context.query("token");
    match guest.context.portal.accounts.invited(&token).await {
        Ok(account) => {
            let name = account.user.name.as_ref().map_or("", PersonName::as_str);
            let form = Form::default().fill("name", name).fill("token", &*token);
            show(&guest, StatusCode::OK, form, Some(account)).await
        }
        Err(error) => refuse(&guest, StatusCode::NOT_FOUND, error).await,
    }
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
        return match context.portal.accounts.invited(form.value("token")).await {
            Ok(account) => show(&guest, status, form, Some(account)).await,
            Err(error) => refuse(&guest, status, error).await,
        };
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
    match accepted {
        Ok(signed_in) => {
            let_in(context, &signed_in).await?;
            Ok(see_other_saying("/", Notice::Welcome))
        }
        Err(error) => refuse(&guest, status, error).await,
    }
}

/// Says why the link sets up nothing.
async fn refuse(guest: &Guest, status: StatusCode, error: AcceptInvitationError) -> PageResult {
    let why = match error {
        AcceptInvitationError::InvalidToken => Message::new("error-invitation"),
        AcceptInvitationError::AlreadySetUp => Message::new("error-already-set-up"),
        AcceptInvitationError::Disabled => return Err(PageError::NotActive),
        AcceptInvitationError::Failure(failure) => return Err(failure.into()),
    };
    let mut form = Form::default();
    form.refuse_whole(why);
    show(guest, status, form, None).await
}

async fn show(
    guest: &Guest,
    status: StatusCode,
    form: Form,
    account: Option<Account>,
) -> PageResult {
    let frame = guest.frame().await?.without_referrer();
    let page = AcceptInvitePage {
        welcome: super::welcome(&frame),
        frame,
        form,
        account,
    };
    page.frame.show_as(status, &page)
}
