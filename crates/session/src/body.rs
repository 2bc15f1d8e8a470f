//! Request bodies.

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::BytesMut;
use actix_web::{HttpMessage as _, HttpRequest};
use futures_util::StreamExt as _;
use percent_encoding::percent_decode;

use crate::error::{Fault, RequestError};
use crate::portal::Portal;
use crate::request_info::RequestInfo;

/// The fields of a form, in their order.
pub type FormFields = Vec<(String, String)>;

/// A body that is longer takes a place among the long ones of its client's address, so that one
/// address does not fill the memory. One that is not is read from everybody at any time.
const LONG: usize = 64 * 1024;

/// Reads a body within the limits of [`HttpConfig`](crate::HttpConfig).
///
/// # Errors
///
/// [`RequestError::BodyTooLarge`], [`RequestError::BodyTimeout`], [`RequestError::MalformedBody`],
/// and [`Fault::Unavailable`] where too many long bodies come from the client's address.
pub async fn read(request: &HttpRequest, mut payload: Payload) -> Result<BytesMut, RequestError> {
    let Portal { config, shares, .. } = &***Portal::of(request)?;
    let limit = config.max_body_bytes;
    let announced = request.headers().get(CONTENT_LENGTH);
    let announced = announced.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| usize::try_from(length).map_or(true, |n| n > limit)) {
        return Err(RequestError::BodyTooLarge);
    }
    let collect = async {
        let mut body = BytesMut::new();
        let mut share = None;
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.ok().ok_or(RequestError::MalformedBody)?;
            if body.len() + chunk.len() > limit {
                return Err(RequestError::BodyTooLarge);
            }
            body.extend_from_slice(&chunk);
            if share.is_none() && body.len() > LONG {
                let client = RequestInfo::of(request, config).client;
                share = Some(shares.of_body(client.address).await.map_err(Fault::from)?);
            }
        }
        Ok(body)
    };
    let timeout = tokio::time::timeout(config.body_timeout, collect);
    timeout.await.unwrap_or(Err(RequestError::BodyTimeout))
}

/// Reads the fields of an HTML form.
///
/// # Errors
///
/// Those of [`read`], and [`RequestError::UnsupportedMediaType`].
pub(crate) async fn form_fields(
    request: &HttpRequest,
    payload: Payload,
) -> Result<FormFields, RequestError> {
    let form = "application/x-www-form-urlencoded";
    if !request.content_type().eq_ignore_ascii_case(form) {
        return Err(RequestError::UnsupportedMediaType);
    }
    let body = read(request, payload).await?;
    // Parsing would silently replace what is not UTF-8.
    if percent_decode(&body).decode_utf8().is_err() {
        return Err(RequestError::MalformedBody);
    }
    Ok(url::form_urlencoded::parse(&body).into_owned().collect())
}
