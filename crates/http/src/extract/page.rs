//! The page of a list.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use portal_domain::pagination::PageRequest;
use serde::Deserialize;
use utoipa::IntoParams;

use super::query;

/// The requested page of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageParams {
    /// The page, from 1 to 1000000; other values become the nearest one.
    #[param(default = "1", example = "2")]
    page: Option<String>,
    /// Items per page, from 1 to 100; other values become the nearest one.
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
