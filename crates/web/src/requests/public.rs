//! Requests of anybody.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use portal_session::Visitor;

use super::Context;
use crate::error::PageError;
use crate::layout::{Brand, Frame};

/// A request of anybody for a page.
pub(crate) struct PublicRequest {
    /// The request.
    pub(crate) context: Context,
    /// The browser.
    pub(crate) visitor: Visitor,
}

impl PublicRequest {
    /// The frame of a page, under the brand of the host.
    ///
    /// # Errors
    ///
    /// Those of storage.
    pub(crate) async fn frame(&self) -> Result<Frame, PageError> {
        let brand = self.context.brand_of_host().await?;
        Ok(self.frame_under(brand))
    }

    /// The frame of a page under a brand.
    pub(crate) fn frame_under(&self, brand: Brand) -> Frame {
        Frame::for_visitor(&self.context, brand, &self.visitor)
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
