//! Submitted forms.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use portal_session::{Authenticated, SubmittedForm, Visitor};

use super::{Context, PublicRequest, UserRequest};
use crate::error::PageError;
use crate::forms::{Draft, Form};
use crate::i18n::Message;

/// A form of a signed-in user that passed the CSRF check.
///
/// The request is for showing the form again. Its extensions have what was typed as a [`Draft`], for
/// the error page.
pub(crate) struct UserForm(
    pub(crate) UserRequest,
    pub(crate) Authenticated<PageError>,
    pub(crate) Form,
);

impl FromRequest for UserForm {
    type Error = PageError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, PageError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let context = Context::of(&request)?;
            match Authenticated::by_form(&request, payload).await? {
                SubmittedForm::Valid(user, fields) => {
                    let draft = Draft::new(context.path(), fields.clone());
                    request.extensions_mut().insert(draft);
                    let request = UserRequest::new(context, (*user).clone());
                    Ok(Self(request, user, Form::new(fields)))
                }
                SubmittedForm::Outdated(fields) => {
                    Err(PageError::Outdated(Draft::new(context.path(), fields)))
                }
                SubmittedForm::SignedOut(fields) => {
                    Err(PageError::Unsent(Draft::new(context.path(), fields)))
                }
            }
        })
    }
}

/// A form without a session, from a page of the portal.
///
/// The request is for showing the form again, and so is an outdated form.
pub(crate) struct PublicForm(
    pub(crate) PublicRequest,
    pub(crate) Result<Form, OutdatedForm>,
);

/// A form that was opened before somebody signed in or out in another tab.
pub(crate) struct OutdatedForm(Form);

impl OutdatedForm {
    /// The form as it was typed, with a message.
    pub(crate) fn into_form(self) -> Form {
        let mut form = self.0;
        form.add_form_error(Message::new("form-outdated"));
        form
    }
}

impl FromRequest for PublicForm {
    type Error = PageError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, PageError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let context = Context::of(&request)?;
            let (visitor, form) = match Visitor::by_form(&request, payload).await? {
                SubmittedForm::Valid(visitor, fields) => (visitor, Ok(Form::new(fields))),
                SubmittedForm::Outdated(fields) | SubmittedForm::SignedOut(fields) => {
                    let form = OutdatedForm(Form::new(fields));
                    (Visitor::of(&request), Err(form))
                }
            };
            Ok(Self(PublicRequest { context, visitor }, form))
        })
    }
}
