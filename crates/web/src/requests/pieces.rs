//! Compression of pages in the worker's own thread.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::Error;
use actix_web::body::{BodySize, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::Bytes;

/// What actix-web compresses in place; it hands chunks of 1,024 bytes and more to another thread. The
/// way there and back takes longer than to compress a page.
const PIECE: usize = 1023;

/// The largest body that is compressed in the worker's thread. A larger one would hold up its other
/// requests for milliseconds.
const LARGEST: usize = 128 * 1024;

/// A whole body, read in pieces unless it is too large.
pub(crate) struct Pieces {
    rest: Bytes,
    piece: usize,
}

impl Pieces {
    fn of(rest: Bytes) -> Self {
        let piece = if rest.len() > LARGEST {
            rest.len()
        } else {
            PIECE
        };
        Self { rest, piece }
    }
}

impl MessageBody for Pieces {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        self.rest.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        let length = self.rest.len().min(self.piece);
        let piece = self.rest.split_to(length);
        Poll::Ready((!piece.is_empty()).then_some(Ok(piece)))
    }
}

/// Middleware: a body that is whole is read in pieces, so that compressing it takes no other thread.
pub(crate) async fn in_pieces<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<Pieces, B>>, Error> {
    let response = next.call(request).await?;
    Ok(response.map_body(|_, body| match body.try_into_bytes() {
        Ok(whole) => EitherBody::left(Pieces::of(whole)),
        Err(stream) => EitherBody::right(stream),
    }))
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;
    use actix_web::http::header::ACCEPT_ENCODING;
    use actix_web::middleware::{Compress, from_fn};
    use actix_web::test::{TestRequest, call_service, init_service};
    use actix_web::{App, web};
    use futures_util::FutureExt as _;

    use super::*;

    #[actix_web::test]
    async fn a_body_in_pieces_is_the_same_body() {
        for length in [0, 1, PIECE, PIECE + 1, 10_000, LARGEST, LARGEST + 1] {
            let whole: Bytes = (0..length)
                .map(|n| u8::try_from(n % 251).unwrap())
                .collect();
            let pieces = Pieces::of(whole.clone());
            assert_eq!(pieces.size(), whole.size());
            assert_eq!(to_bytes(pieces).await.unwrap(), whole);
        }
    }

    /// Whether a page of some length is compressed without waiting for another thread.
    async fn is_compressed_here(length: usize) -> bool {
        let page = move || async move { "x".repeat(length) };
        let app = App::new()
            .route("/", web::get().to(page))
            .wrap(from_fn(in_pieces))
            .wrap(Compress::default());
        let app = init_service(app).await;
        let request = TestRequest::get().insert_header((ACCEPT_ENCODING, "gzip"));
        let response = call_service(&app, request.to_request()).await;
        assert!(response.headers().contains_key("content-encoding"));
        to_bytes(response.into_body()).now_or_never().is_some()
    }

    #[actix_web::test]
    async fn a_page_is_compressed_in_this_thread_unless_it_is_large() {
        assert!(is_compressed_here(LARGEST).await);
        assert!(!is_compressed_here(LARGEST + 1).await);
    }
}
