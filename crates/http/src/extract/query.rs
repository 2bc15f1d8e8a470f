//! Query strings.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use validator::Validate;

use super::FieldErrors;
use crate::error::ApiError;

/// The query of a request: a `Q`, whose fields are [`Field`](portal_domain::field::Field)s.
///
/// Unknown parameters are ignored, the first of repeated ones counts, blank ones are absent, and
/// invalid UTF-8 is replaced.
pub(crate) struct Query<Q>(Q);

impl<Q: Validate> Query<Q> {
    /// The parameters.
    ///
    /// # Errors
    ///
    /// All invalid parameters.
    pub(crate) fn parse(self) -> Result<Q, ApiError> {
        let valid = self.0.validate();
        valid.map_err(|errors| FieldErrors::from(&errors))?;
        Ok(self.0)
    }
}

impl<Q: DeserializeOwned + Default> FromRequest for Query<Q> {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(read(request))))
    }
}

/// Reads a query, whose fields are all optional.
pub(super) fn read<Q: DeserializeOwned + Default>(request: &HttpRequest) -> Q {
    let mut fields = Map::new();
    for (name, value) in url::form_urlencoded::parse(request.query_string().as_bytes()) {
        let value = if value.trim().is_empty() {
            Value::Null
        } else {
            Value::String(value.into_owned())
        };
        fields.entry(name).or_insert(value);
    }
    serde_json::from_value(Value::Object(fields)).unwrap_or_default()
}
