//! The extractor of an anonymous visitor.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use portal_auth::SessionToken;

use super::Context;
use crate::error::PageError;
use crate::layout::{Brand, Frame};

/// The cookie by which the portal knows a browser again in which nobody has signed in. Forms are
/// tied to it; it says nothing about anybody, and is never stored on the server.
pub(super) const VISITOR_COOKIE: &str = "breeze_portal_visitor";

/// Has the answer give the browser another visitor token: whoever uses it after somebody has
/// signed in or out cannot send again what was shown before.
pub(crate) fn renew_visitor(request: &HttpRequest) {
    let token = SessionToken::generate().expose().to_owned();
    request.extensions_mut().insert(NewVisitor(token));
}

/// Left on a request whose answer gives the browser this visitor token.
#[derive(Debug, Clone)]
pub(super) struct NewVisitor(pub(super) String);

/// Anybody who asks for a page.
pub(crate) struct Guest {
    /// The request.
    pub(crate) context: Context,
    visitor: SessionToken,
}

impl Guest {
    /// The visitor of a request, if it has a cookie.
    pub(super) fn known(context: Context) -> Option<Self> {
        let cookie = context.request.cookie(VISITOR_COOKIE)?;
        let visitor = cookie.value().parse().ok()?;
        Some(Self { context, visitor })
    }

    fn new(context: Context) -> Self {
        let visitor = SessionToken::generate();
        let token = visitor.expose().to_owned();
        context.request.extensions_mut().insert(NewVisitor(token));
        Self { context, visitor }
    }

    /// Names the browser, without being what it proves itself by.
    pub(crate) fn visitor_id(&self) -> String {
        self.visitor.id().to_string()
    }

    /// Whether a form that carries this token was shown to this browser.
    pub(super) fn is_own_form(&self, csrf: &str) -> bool {
        self.context.portal.csrf.verify(&self.visitor.id(), csrf)
    }

    /// The frame of a page, under the brand of the host.
    ///
    /// # Errors
    ///
    /// Those of storage.
    pub(crate) async fn frame(&self) -> Result<Frame, PageError> {
        Ok(self.frame_under(self.context.brand_of_host().await?))
    }

    /// The frame of a page under a brand.
    pub(crate) fn frame_under(&self, brand: Brand) -> Frame {
        let csrf = self.context.portal.csrf.issue(&self.visitor.id());
        Frame::for_guest(&self.context, brand, csrf)
    }
}

impl FromRequest for Guest {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let guest = Context::of(request).and_then(|context| {
            if context.is_safe() {
                Ok(Self::known(context.clone()).unwrap_or_else(|| Self::new(context)))
            } else {
                Err(PageError::Forged)
            }
        });
        ready(guest)
    }
}
