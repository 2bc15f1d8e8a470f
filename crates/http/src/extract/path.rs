//! Path parameters.

use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use crate::error::{ApiError, Missing};

/// The variable parts of a request's path.
pub(crate) struct PathParams(HttpRequest);

impl PathParams {
    /// The part called `name`, or `missing` if it is no `T`.
    pub(crate) fn get<T: FromStr>(&self, name: &str, missing: Missing) -> Result<T, ApiError> {
        let parsed = self.0.match_info().query(name).parse();
        parsed.ok().ok_or_else(|| missing.into())
    }
}

impl FromRequest for PathParams {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(request.clone())))
    }
}
