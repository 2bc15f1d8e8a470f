//! Submitted forms.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use portal_session::{Authenticated, Visitor};

use super::{Context, PublicRequest, UserRequest};
use crate::error::PageError;
use crate::forms::Form;

/// A form of a signed-in user that passed the CSRF check.
///
/// The request is for showing the form again.
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
            let (user, fields) = Authenticated::by_form(&request, payload).await?;
            let request = UserRequest::new(context, (*user).clone());
            Ok(Self(request, user, Form::new(fields)))
        })
    }
}

/// A form without a session that passed the CSRF check.
///
/// The request is for showing the form again.
pub(crate) struct PublicForm(pub(crate) PublicRequest, pub(crate) Form);

impl FromRequest for PublicForm {
    type Error = PageError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, PageError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let context = Context::of(&request)?;
            let (visitor, fields) = Visitor::by_form(&request, payload).await?;
            let request = PublicRequest { context, visitor };
            Ok(Self(request, Form::new(fields)))
        })
    }
}
