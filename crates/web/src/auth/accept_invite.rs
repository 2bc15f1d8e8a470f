//! `/accept-invite`. Opening the link does not use it up.

use actix_web::http::StatusCode;
use actix_web::{get, post};
use askama::Template;
use portal_auth::accounts::{AcceptInvitation, AcceptInvitationError};
use portal_domain::profiles::{Account, OneTimeTokenPurpose, Password};
use portal_domain::values::PersonName;

use crate::error::PageError;
use crate::forms::Form;
use crate::i18n::Message;
use crate::layout::{Flash, Frame, PageResult};
use crate::requests::{Context, PublicForm, PublicRequest, redirect, redirect_signed_in};

#[derive(Template)]
#[template(path = "auth/accept_invite.html")]
struct AcceptInvitePage {
    frame: Frame,
    welcome: Vec<String>,
    form: Form,
    /// The account to set up; `None` if the link is invalid.
    account: Option<Account>,
}

#[get("/accept-invite")]
pub(super) async fn show_accept_invite(request: PublicRequest) -> PageResult {
    let token = request.context.query("token");
    let Context { portal, info, .. } = &request.context;
    match portal.auth.invited(&info.client, &token).await {
        Ok(account) => {
            let name = account.user.name.as_ref().map_or("", PersonName::as_str);
            let form = Form::default().fill("name", name).fill("token", &*token);
            show(&request, StatusCode::OK, form, Some(account)).await
        }
        Err(error) => show_error(&request, StatusCode::NOT_FOUND, error).await,
    }
}

/// Sets up the account and signs in.
#[post("/accept-invite")]
pub(super) async fn accept_invite(PublicForm(request, form): PublicForm) -> PageResult {
    let mut form = match form {
        Ok(form) => form,
        Err(outdated) => return show_again(&request, outdated.into_form()).await,
    };
    let context = &request.context;
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let name = form.parse_optional::<PersonName>("name");
    let password = form.parse::<Password>("new-password");
    let (Ok(name), Ok(password)) = (name, password) else {
        return show_again(&request, form).await;
    };
    let accept = AcceptInvitation {
        token: form.value("token").to_owned(),
        password: password.clone(),
        name,
    };
    let accounts = &context.portal.auth;
    let accepted = accounts
        .accept_invitation(&context.info.client, accept)
        .await;
    match accepted {
        Ok(signed_in) => {
            let mut response = redirect_signed_in(context, &signed_in, "/", None).await?;
            Flash::Welcome.set_on(&mut response);
            Ok(response)
        }
        Err(AcceptInvitationError::InvalidToken | AcceptInvitationError::AlreadySetUp)
            if accounts
                .has_just_set(
                    &context.info.client,
                    OneTimeTokenPurpose::Invitation,
                    form.value("token"),
                    &password,
                )
                .await? =>
        {
            Ok(redirect("/"))
        }
        Err(error) => show_error(&request, status, error).await,
    }
}

/// The form as it was typed, to be sent again.
async fn show_again(request: &PublicRequest, form: Form) -> PageResult {
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let Context { portal, info, .. } = &request.context;
    let token = form.value("token");
    match portal.auth.invited(&info.client, token).await {
        Ok(account) => show(request, status, form, Some(account)).await,
        Err(error) => show_error(request, status, error).await,
    }
}

/// Shows why the invitation cannot be accepted.
async fn show_error(
    request: &PublicRequest,
    status: StatusCode,
    error: AcceptInvitationError,
) -> PageResult {
    let message = match error {
        AcceptInvitationError::InvalidToken => Message::new("error-invitation"),
        AcceptInvitationError::AlreadySetUp => Message::new("error-already-set-up"),
        AcceptInvitationError::Disabled => return Err(PageError::NotActive),
        AcceptInvitationError::Attempt(failure) => return Err(failure.into()),
    };
    let mut form = Form::default();
    form.add_form_error(message);
    show(request, status, form, None).await
}

async fn show(
    request: &PublicRequest,
    status: StatusCode,
    form: Form,
    account: Option<Account>,
) -> PageResult {
    let frame = request.frame().await?.without_referrer();
    let page = AcceptInvitePage {
        welcome: super::welcome(&frame),
        frame,
        form,
        account,
    };
    page.frame.show_as(status, &page)
}
