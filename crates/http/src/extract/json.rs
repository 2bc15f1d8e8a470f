//! JSON bodies.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use portal_session::{RequestError, body};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use validator::Validate;

use super::FieldErrors;
use crate::error::ApiError;

/// The JSON body of a request, whose fields are [`Field`](portal_domain::field::Field)s with rules
/// for `validator`.
///
/// Extracting it never fails: [`parse`](Self::parse) reports the errors, so that authentication and
/// feature toggles come first.
pub(crate) struct Json<B>(Result<B, ApiError>);

impl<B> Json<B> {
    /// Converts a valid body.
    ///
    /// # Errors
    ///
    /// All errors of the body, or that of `convert`.
    pub(crate) fn parse<T>(
        self,
        convert: impl FnOnce(B) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        self.0.and_then(convert)
    }
}

/// The body of a request without fields; it may be absent.
#[derive(serde::Deserialize, Validate, utoipa::ToSchema)]
pub(crate) struct EmptyRequest {}

impl<B: DeserializeOwned + Validate + 'static> FromRequest for Json<B> {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move { Ok(Self(read(&request, payload).await)) })
    }
}

async fn read<B: DeserializeOwned + Validate>(
    request: &HttpRequest,
    payload: Payload,
) -> Result<B, ApiError> {
    let bytes = body::read(request, payload).await?;
    if bytes.is_empty() {
        // Valid where nothing is required.
        let nothing = validated(Map::new());
        return nothing
            .ok()
            .ok_or_else(|| RequestError::MalformedBody.into());
    }
    if !is_json(request) {
        return Err(RequestError::UnsupportedMediaType.into());
    }
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(fields)) => Ok(validated(fields)?),
        Ok(_) => Err(FieldErrors::of_form("must be a JSON object").into()),
        Err(_) => Err(RequestError::MalformedBody.into()),
    }
}

/// Whether the body is declared as JSON: `application/json`, or a type with the suffix of RFC 6839.
fn is_json(request: &HttpRequest) -> bool {
    let essence = request.content_type().to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn validated<B: DeserializeOwned + Validate>(fields: Map<String, Value>) -> Result<B, FieldErrors> {
    let body: B = serde_json::from_value(Value::Object(fields))
        .map_err(|error| FieldErrors::of_form(error.to_string()))?;
    body.validate()
        .map_err(|errors| FieldErrors::from(&errors))?;
    Ok(body)
}

#[cfg(test)]
mod tests {
    use portal_domain::field::{Field, Flag};
    use portal_domain::ids::TicketId;
    use serde::Deserialize;
    use serde_json::json;

    use super::*;
    use crate::extract::valid;

    #[derive(Deserialize, Validate)]
    #[serde(default, rename_all = "camelCase")]
    #[derive(Default)]
    struct Body {
        #[validate(required, custom(function = "valid"))]
        first_name: Field<String>,
        #[validate(required, custom(function = "valid"))]
        wanted: Field<Flag>,
        #[validate(custom(function = "valid"))]
        ticket: Field<TicketId>,
    }

    fn read(body: Value) -> Result<Body, FieldErrors> {
        let Value::Object(fields) = body else {
            panic!("not an object")
        };
        validated(fields)
    }

    fn errors(body: Value) -> String {
        read(body).err().unwrap().sentence()
    }

    #[test]
    fn invalid_fields_are_reported_once() {
        assert_eq!(
            errors(json!({ "firstName": 5, "wanted": "yes", "ticket": "7", "more": [] })),
            "firstName: must be a string; ticket: must be a UUID; wanted: must be a boolean"
        );
        assert_eq!(
            errors(json!({})),
            "firstName: is required; wanted: is required"
        );
    }

    #[test]
    fn values_of_a_wrong_type_are_not_quoted() {
        let errors = errors(json!({ "firstName": "x", "wanted": "hunter2" }));
        assert!(!errors.contains("hunter2"), "{errors}");
    }

    #[test]
    fn unknown_keys_are_ignored() {
        let body = read(json!({ "firstName": "A", "wanted": true, "x": {} })).unwrap();
        assert_eq!(body.first_name.valid().as_deref(), Some("A"));
        assert_eq!(body.wanted.valid(), Some(Flag(true)));
    }
}
