//! Which part of a list a query asks for.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use portal_domain::pagination::PageRequest;
use serde::Deserialize;
use utoipa::IntoParams;

use super::query;

/// Which part of a list is asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageParams {
    /// The page, from 1 to 1000000; anything else becomes the nearest legal one.
    #[param(default = "1", example = "2")]
    page: Option<String>,
    /// The items on a page, from 1 to 100; anything else becomes the nearest legal number.
    #[param(default = "50", example = "20")]
    limit: Option<String>,
}

impl PageParams {
    pub(crate) fn request(&self) -> PageRequest {
        PageRequest::parse(self.page.as_deref(), self.limit.as_deref())
    }
}

impl FromRequest for PageParams {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(query::read(request)))
    }
}
