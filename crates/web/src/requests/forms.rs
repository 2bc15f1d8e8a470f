//! Submitted forms.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use portal_session::{Authenticated, SubmittedForm, Visitor};
use uuid::Uuid;

use super::{Context, PublicRequest, UserRequest};
use crate::error::PageError;
use crate::forms::{Draft, Form, IdempotencyKey};
use crate::i18n::Message;

/// A form that a signed-in user sent from a page of the portal.
pub(crate) struct UserForm {
    /// The request, for showing the form again.
    pub(crate) request: UserRequest,
    /// Who may change things.
    pub(crate) user: Authenticated<PageError>,
    /// The fields.
    pub(crate) form: Form,
}

impl UserForm {
    /// The id of what this form creates; `None` where its idempotency key was not made for this
    /// form and this user.
    pub(crate) fn id_to_create<T: From<Uuid>>(&self, form: &str) -> Option<T> {
        let signer = &self.request.context.portal.form_keys;
        let key = self.form.value(IdempotencyKey::FIELD);
        IdempotencyKey::open(signer, form, self.user.id(), key)
    }
}

impl FromRequest for UserForm {
    type Error = PageError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, PageError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let context = Context::of(&request)?;
            match Authenticated::by_form(&request, payload).await? {
                SubmittedForm::Valid(user, fields) => Ok(Self {
                    request: UserRequest::new(context, (*user).clone()),
                    user,
                    form: Form::new(fields),
                }),
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

/// A form that was sent from the browser that it was shown in, before anybody signed in there.
pub(crate) struct PublicForm {
    /// The request, for showing the form again.
    pub(crate) request: PublicRequest,
    /// The fields. Those of an outdated form may be shown again, and nothing else.
    pub(crate) form: Result<Form, OutdatedForm>,
}

/// A form that was opened before somebody signed in or out in another tab.
pub(crate) struct OutdatedForm(Form);

impl OutdatedForm {
    /// The form to be shown again: as it was typed, with a message.
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
            Ok(Self {
                request: PublicRequest { context, visitor },
                form,
            })
        })
    }
}
