//! `/unsubscribe`: switching off mails of a kind, from a link in one of them.

use actix_web::http::StatusCode;
use actix_web::{get, post};
use askama::Template;
use portal_domain::profiles::NotificationKind;

use crate::forms::Form;
use crate::i18n::Message;
use crate::layout::{Frame, PageResult};
use crate::requests::{PublicForm, PublicRequest};

/// The parameter of the link, and the hidden field of the form.
const TOKEN: &str = "token";

#[derive(Template)]
#[template(path = "auth/unsubscribe.html")]
struct UnsubscribePage {
    frame: Frame,
    welcome: Vec<String>,
    form: Form,
    /// What would be switched off; `None` where the link is not one of ours.
    kind: Option<NotificationKind>,
    is_done: bool,
}

/// Asks first, as programs that look at links in mails open them.
#[get("/unsubscribe")]
pub(super) async fn show_unsubscribe(request: PublicRequest) -> PageResult {
    let form = Form::default().fill(TOKEN, request.context.query(TOKEN));
    show(&request, StatusCode::OK, form, false).await
}

#[post("/unsubscribe")]
pub(super) async fn unsubscribe(PublicForm(request, form): PublicForm) -> PageResult {
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let form = match form {
        Ok(form) => form,
        Err(outdated) => return show(&request, status, outdated.into_form(), false).await,
    };
    let (portal, client) = (&request.context.portal, &request.context.info.client);
    let is_done = portal.unsubscribe(form.value(TOKEN), client).await?;
    show(&request, StatusCode::OK, form, is_done).await
}

async fn show(
    request: &PublicRequest,
    status: StatusCode,
    mut form: Form,
    is_done: bool,
) -> PageResult {
    let tokens = &request.context.portal.unsubscribe_tokens;
    let kind = tokens.open(form.value(TOKEN)).map(|found| found.kind);
    let status = if kind.is_none() {
        form.add_form_error(Message::new("error-unsubscribe"));
        StatusCode::BAD_REQUEST
    } else {
        status
    };
    let frame = request.frame().await?.without_referrer();
    let page = UnsubscribePage {
        welcome: super::welcome(&frame),
        frame,
        form,
        kind,
        is_done,
    };
    page.frame.show_as(status, &page)
}
