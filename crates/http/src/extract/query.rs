//! Query strings.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The query of a request, read into a type whose fields are all `Option<String>`.
///
/// Any query can be read: what is unknown is ignored, what is repeated counts once (the first),
/// and what is no UTF-8 is replaced. What the values mean is for the handler.
pub(crate) struct QueryParams<T>(pub(crate) T);

impl<T: DeserializeOwned + Default> FromRequest for QueryParams<T> {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut fields = Map::new();
        for (name, value) in url::form_urlencoded::parse(request.query_string().as_bytes()) {
            fields
                .entry(name)
                .or_insert_with(|| Value::String(value.into_owned()));
        }
        ready(Ok(Self(
            serde_json::from_value(Value::Object(fields)).unwrap_or_default(),
        )))
    }
}
