//! JSON bodies.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::web::{BytesMut, Data};
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use validator::Validate;

use super::FieldErrors;
use crate::error::{ApiError, ErrorKind};
use crate::portal::Portal;

/// The body of a request, or what is wrong with it: [`Json::valid`] tells.
///
/// The type has to accept `null` for each of its fields, and says by `validator` what is required:
/// that is how every broken field is reported, whatever is wrong with it.
pub(crate) struct Json<T>(Result<T, ApiError>);

impl<T> Json<T> {
    /// The body.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub(crate) fn valid(self) -> Result<T, ApiError> {
        self.0
    }
}

/// The body of a request that says nothing beyond its path; it may be absent.
#[derive(serde::Deserialize, Validate, utoipa::ToSchema)]
pub(crate) struct EmptyRequest {}

impl<T: DeserializeOwned + Validate + 'static> FromRequest for Json<T> {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let body = read(&request, payload)
                .await
                .and_then(|bytes| parse(&request, &bytes));
            Ok(Self(body))
        })
    }
}

/// Reads the body, as long as it is not too long and does not take too long.
pub(crate) async fn read(
    request: &HttpRequest,
    mut payload: Payload,
) -> Result<BytesMut, ApiError> {
    let (limit, timeout) = request
        .app_data::<Data<Portal>>()
        .map(|portal| (portal.config.max_body_bytes, portal.config.body_timeout))
        .unwrap_or_default();
    let announced = request.headers().get(CONTENT_LENGTH);
    let announced = announced.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| usize::try_from(length).map_or(true, |n| n > limit)) {
        return Err(ErrorKind::BodyTooLarge.into());
    }
    let collect = async {
        let mut body = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            // A connection that breaks off sends nobody an answer; it only has to be one.
            let chunk = chunk.ok().ok_or(ErrorKind::MalformedJson)?;
            if body.len() + chunk.len() > limit {
                return Err(ErrorKind::BodyTooLarge.into());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    };
    tokio::time::timeout(timeout, collect)
        .await
        .unwrap_or_else(|_| Err(ErrorKind::BodyTimeout.into()))
}

fn parse<T: DeserializeOwned + Validate>(
    request: &HttpRequest,
    bytes: &[u8],
) -> Result<T, ApiError> {
    let json = if bytes.is_empty() {
        // Fine wherever nothing is required; where something is, nothing was sent.
        let nothing = typed::<T>(Map::new());
        return nothing.ok().ok_or_else(|| ErrorKind::MalformedJson.into());
    } else if is_json(request) {
        serde_json::from_slice::<Value>(bytes)
            .ok()
            .ok_or(ErrorKind::MalformedJson)?
    } else {
        return Err(ErrorKind::UnsupportedMediaType.into());
    };
    match json {
        Value::Object(fields) => Ok(typed(fields)?),
        _ => Err(FieldErrors::of_form("must be a JSON object").into()),
    }
}

/// Whether the body is said to be JSON: `application/json`, or a type with the suffix of RFC 6839.
fn is_json(request: &HttpRequest) -> bool {
    let value = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = value
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// Makes a `T` of the fields; a field of the wrong type is reported and then taken for absent, so
/// that one look finds them all.
fn typed<T: DeserializeOwned + Validate>(mut fields: Map<String, Value>) -> Result<T, FieldErrors> {
    let mut errors = FieldErrors::default();
    let typed = loop {
        let result: Result<T, _> = serde_path_to_error::deserialize(Value::Object(fields.clone()));
        let error = match result {
            Ok(typed) => break typed,
            Err(error) => error,
        };
        let field = match error.path().iter().next() {
            Some(serde_path_to_error::Segment::Map { key }) => key.clone(),
            _ => return Err(FieldErrors::of_form(error.inner().to_string())),
        };
        if errors.contains(&field) {
            // It does not accept `null` either: there is no end to this otherwise.
            return Err(errors);
        }
        errors.add(&field, type_message(&error.into_inner()));
        fields.insert(field, Value::Null);
    };
    if let Err(invalid) = typed.validate() {
        errors.add_validation(&invalid);
    }
    if errors.is_empty() {
        Ok(typed)
    } else {
        Err(errors)
    }
}

/// serde's words for a value of the wrong type, without its quotation of the value, which may be
/// long or secret.
fn type_message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once("expected ") {
        Some((_, expected)) => format!("must be {expected}"),
        None => "has the wrong type".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    struct Body {
        #[validate(required)]
        first_name: Option<String>,
        #[validate(required)]
        wanted: Option<bool>,
        #[validate(custom(function = "crate::extract::parses::<portal_domain::ids::TicketId>"))]
        ticket: Option<String>,
    }

    fn errors(body: Value) -> String {
        let Value::Object(fields) = body else {
            panic!("not an object")
        };
        typed::<Body>(fields).unwrap_err().sentence()
    }

    #[test]
    fn every_broken_field_is_reported_once() {
        assert_eq!(
            errors(json!({ "firstName": 5, "wanted": "yes", "ticket": "7", "more": [] })),
            "firstName: must be a string; wanted: must be a boolean; ticket: must be a UUID"
        );
        assert_eq!(
            errors(json!({})),
            "firstName: is required; wanted: is required"
        );
    }

    #[test]
    fn a_value_of_the_wrong_type_is_not_quoted() {
        let errors = errors(json!({ "firstName": "x", "wanted": "hunter2" }));
        assert!(!errors.contains("hunter2"), "{errors}");
    }

    #[test]
    fn unknown_keys_are_ignored() {
        let Value::Object(fields) = json!({ "firstName": "A", "wanted": true, "x": {} }) else {
            panic!("not an object")
        };
        let body = typed::<Body>(fields).unwrap();
        assert_eq!(
            (body.first_name.as_deref(), body.wanted),
            (Some("A"), Some(true))
        );
    }
}
