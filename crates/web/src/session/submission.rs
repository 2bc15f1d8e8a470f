//! Verified form submissions.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use portal_http::browser;
use uuid::Uuid;

use super::{Context, Guest, Visit};
use crate::error::PageError;
use crate::forms::{Form, Once};

/// The hidden field that every form has.
const CSRF_FIELD: &str = "csrf";

/// A form that was sent by the signed-in visitor whom it was shown to.
///
/// The token in the form is bound to the session, so that no other site can have made it; where
/// the browser says where the request came from, that has to be the portal.
pub(crate) struct Submission {
    /// Who sent it.
    pub(crate) visit: Visit,
    /// What they typed.
    pub(crate) form: Form,
}

impl Submission {
    /// The id of the one thing that this form makes, if it carries a mark for that.
    ///
    /// # Errors
    ///
    /// [`PageError::Forged`] where it carries none that was made for this form and this user.
    pub(crate) fn once<T: From<Uuid>>(&self, form: &str) -> Result<T, PageError> {
        let marks = &self.visit.context.portal.form_marks;
        Once::read(marks, form, self.visit.user(), self.form.value(Once::FIELD))
            .ok_or(PageError::Forged)
    }
}

impl FromRequest for Submission {
    type Error = PageError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, PageError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let visit = Visit::of(Context::of(&request)?)?;
            let form = read(&visit.context, payload).await?;
            let portal = &visit.context.portal;
            if !portal
                .csrf
                .verify(&visit.session.id, form.value(CSRF_FIELD))
            {
                return Err(PageError::Forged);
            }
            Ok(Self { visit, form })
        })
    }
}

/// A form that was sent from the browser that it was shown in, before anybody signed in there.
///
/// The token in the form is bound to a cookie that other sites cannot have the browser send.
pub(crate) struct GuestSubmission {
    /// Who sent it.
    pub(crate) guest: Guest,
    /// What they typed.
    pub(crate) form: Form,
}

impl FromRequest for GuestSubmission {
    type Error = PageError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, PageError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let guest = Guest::known(Context::of(&request)?).ok_or(PageError::Forged)?;
            let form = read(&guest.context, payload).await?;
            if !guest.is_own_form(form.value(CSRF_FIELD)) {
                return Err(PageError::Forged);
            }
            Ok(Self { guest, form })
        })
    }
}

/// The fields of a form that comes from a page of the portal, as far as the browser says.
async fn read(context: &Context, payload: Payload) -> Result<Form, PageError> {
    browser::check_source(&context.request, &context.portal).await?;
    let fields = browser::form_fields(&context.request, payload).await?;
    Ok(Form::new(fields))
}
