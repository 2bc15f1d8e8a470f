//! Path parameters.

use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

/// The variable parts of a request's path.
pub(crate) struct PathParams(HttpRequest);

impl PathParams {
    /// The part called `name`; `None` where it cannot be a `T`, and so names nothing.
    pub(crate) fn get<T: FromStr>(&self, name: &str) -> Option<T> {
        self.0.match_info().query(name).parse().ok()
    }
}

impl FromRequest for PathParams {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(request.clone())))
    }
}
