//! Requests for public pages.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use portal_session::Visitor;

use super::Context;
use crate::error::PageError;
use crate::layout::Frame;

/// A request for a public page.
pub(crate) struct PublicRequest {
    pub(crate) context: Context,
    pub(crate) visitor: Visitor,
}

impl PublicRequest {
    /// The frame of a page in the brand of the host.
    pub(crate) async fn frame(&self) -> Result<Frame, PageError> {
        let brand = self.context.brand_of_host().await?;
        Ok(Frame::for_visitor(&self.context, brand, &self.visitor))
    }
}

impl FromRequest for PublicRequest {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Context::of_get(request).map(|context| Self {
            visitor: Visitor::of(request),
            context,
        }))
    }
}
