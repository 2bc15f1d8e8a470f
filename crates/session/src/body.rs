//! Request bodies.

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::BytesMut;
use actix_web::{HttpMessage as _, HttpRequest};
use futures_util::{Stream, StreamExt as _};
use percent_encoding::percent_decode;
use portal_domain::clients::client_network;
use portal_domain::files::FileLimits;
use tokio::time::{Instant, timeout};

use crate::error::{Fault, RequestError};
use crate::idempotency;
use crate::portal::Portal;
use crate::request_info::RequestInfo;

/// The fields of a form, in their order.
pub type FormFields = Vec<(String, String)>;

/// A body that is longer takes a place among the long ones of its client's address, so that one
/// address does not fill the memory. One that is not is read from everybody at any time.
pub(crate) const LONG: usize = 64 * 1024;

/// How many bytes a request says that its body has.
pub fn announced_length(request: &HttpRequest) -> Option<u64> {
    let length = request.headers().get(CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}

/// Reads a body within the limits of [`HttpConfig`](crate::HttpConfig).
///
/// # Errors
///
/// [`RequestError::BodyTooLarge`], [`RequestError::BodyTimeout`], [`RequestError::MalformedBody`],
/// and [`Fault::Unavailable`] where too many long bodies come from the client's address.
pub async fn read(request: &HttpRequest, mut payload: Payload) -> Result<BytesMut, RequestError> {
    let portal = Portal::of(request)?;
    let config = &portal.config;
    let limit = config.max_body_bytes;
    let announced = announced_length(request);
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
                let client = client_network(RequestInfo::of(request, config).client.address);
                let taken = portal.long_bodies.take(client).await;
                share = Some(taken.map_err(Fault::from)?);
            }
        }
        Ok(body)
    };
    let read = timeout(config.body_timeout, collect);
    let body = read.await.unwrap_or(Err(RequestError::BodyTimeout))?;
    idempotency::note_body(request, &body);
    Ok(body)
}

/// How long a client with files has let the portal wait for its bytes. The time that the portal itself
/// takes to store and scan them is not the client's.
#[derive(Debug, Default)]
pub(crate) struct Waited(Duration);

impl Waited {
    /// The next item of a body of which this many bytes have arrived.
    ///
    /// # Errors
    ///
    /// [`RequestError::BodyTimeout`].
    pub(crate) async fn next<T>(
        &mut self,
        mut body: impl Stream<Item = T> + Unpin,
        received: u64,
    ) -> Result<Option<T>, RequestError> {
        let left = FileLimits::time_for(received).saturating_sub(self.0);
        let asked = Instant::now();
        let next = timeout(left, body.next()).await;
        self.0 += asked.elapsed();
        next.ok().ok_or(RequestError::BodyTimeout)
    }
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

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    #[tokio::test]
    async fn a_client_has_the_time_that_it_has_not_used_itself() {
        let mut used_up = Waited(FileLimits::time_for(0));
        let silent = stream::pending::<()>();
        let late = used_up.next(silent, 0).await;
        assert!(matches!(late, Err(RequestError::BodyTimeout)));
        // More bytes bring more time.
        let next = used_up.next(stream::iter([()]), 1024 * 1024).await;
        assert_eq!(next.unwrap(), Some(()));
    }
}
