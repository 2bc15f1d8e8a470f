//! Changes that a client may repeat, with the header `Idempotency-Key`
//! (draft-ietf-httpapi-idempotency-key-header).

use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};
use portal_domain::actors::Customer;
use portal_domain::branding::Feature;
use portal_domain::idempotency::{self, Answer, IdempotencyKey, InvalidKey, KeyedRequest};
use portal_domain::operation::Operation;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::authenticated::{Authenticated, FrontEndError};
use crate::error::{Fault, RequestError};

/// The header with the user's name for a request that may be repeated.
pub const IDEMPOTENCY_HEADER: &str = "idempotency-key";

/// The SHA-256 of a request's body.
struct BodyDigest([u8; 32]);

/// Remembers what a request with a key asks for.
pub(crate) fn note_body(request: &HttpRequest, body: &[u8]) {
    if request.headers().contains_key(IDEMPOTENCY_HEADER) {
        let digest = BodyDigest(Sha256::digest(body).into());
        request.extensions_mut().insert(digest);
    }
}

/// The key in the headers of a request.
fn key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, InvalidKey> {
    let mut values = headers.get_all(IDEMPOTENCY_HEADER);
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(InvalidKey);
    }
    let value = value.to_str().ok().ok_or(InvalidKey)?;
    value.parse().map(Some)
}

/// An answer to be given, and to be stored if the request has a key.
pub(crate) fn answer(status: StatusCode, body: &impl Serialize) -> Result<Answer, RequestError> {
    let body = serde_json::to_string(body).map_err(Fault::internal)?;
    let status = status.as_u16();
    Ok(Answer { status, body })
}

/// The response that gives an answer.
pub(crate) fn response(answer: Answer) -> Result<HttpResponse, RequestError> {
    let status = StatusCode::from_u16(answer.status).map_err(Fault::internal)?;
    let mut response = HttpResponse::build(status);
    Ok(response.content_type("application/json").body(answer.body))
}

impl<E: FrontEndError> Authenticated<E> {
    /// Runs `change` as [`write`](Self::write) does, and answers with its status and body.
    ///
    /// A request with an `Idempotency-Key` is carried out once: if the user has sent it within the
    /// last 24 hours and it succeeded, nothing changes, and it is answered as it was then.
    ///
    /// # Errors
    ///
    /// Those of [`write`](Self::write). After that of `input` comes
    /// [`RequestError::InvalidIdempotencyKey`], and before those of `change`
    /// [`RequestError::ReusedIdempotencyKey`].
    pub async fn write_once<I, B: Serialize>(
        &self,
        feature: Option<Feature>,
        input: Result<I, E>,
        change: impl AsyncFnOnce(&Operation<'_, Customer>, I) -> Result<(StatusCode, B), E>,
    ) -> Result<HttpResponse, E> {
        let input = input.and_then(|input| Ok((self.keyed_by_body()?, input)));
        let answer = self
            .write(feature, input, async |op, (request, input)| {
                once(op, request.as_ref(), async || {
                    let (status, body) = change(op, input).await?;
                    Ok(answer(status, &body)?)
                })
                .await
            })
            .await?;
        Ok(response(answer)?)
    }

    /// The key of this request.
    pub(crate) fn idempotency_key(&self) -> Result<Option<IdempotencyKey>, E> {
        let key = key(self.request.headers());
        Ok(key.map_err(RequestError::from)?)
    }

    /// This request with its key. It asks for what its method and path and these parts say.
    pub(crate) fn keyed(&self, key: IdempotencyKey, parts: [&[u8]; 2]) -> KeyedRequest {
        let (method, path) = (self.request.method(), self.request.path());
        let [first, second] = parts;
        let parts = [method.as_str().as_bytes(), path.as_bytes(), first, second];
        KeyedRequest::new(key, &parts)
    }

    /// This request with its key, if it has one, by the body that was read.
    fn keyed_by_body(&self) -> Result<Option<KeyedRequest>, E> {
        let Some(key) = self.idempotency_key()? else {
            return Ok(None);
        };
        let extensions = self.request.extensions();
        let body = extensions.get::<BodyDigest>();
        let unread = || RequestError::from(Fault::internal("the body was not read"));
        let BodyDigest(digest) = body.ok_or_else(unread)?;
        Ok(Some(self.keyed(key, [b"", digest])))
    }
}

/// Runs `change` unless the request was carried out before, and returns the answer of the first time.
pub(crate) async fn once<E: FrontEndError>(
    op: &Operation<'_, Customer>,
    request: Option<&KeyedRequest>,
    change: impl AsyncFnOnce() -> Result<Answer, E>,
) -> Result<Answer, E> {
    let Some(request) = request else {
        return change().await;
    };
    let first = idempotency::claim(op, request).await;
    if let Some(answer) = first.map_err(RequestError::from)? {
        return Ok(answer);
    }
    let answer = change().await?;
    idempotency::remember(op, &request.key, &answer).await?;
    Ok(answer)
}
