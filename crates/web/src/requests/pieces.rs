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

/// A whole body, read in pieces.
pub(crate) struct Pieces(Bytes);

impl MessageBody for Pieces {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        self.0.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        let length = self.0.len().min(PIECE);
        let piece = self.0.split_to(length);
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
        Ok(whole) => EitherBody::left(Pieces(whole)),
        Err(stream) => EitherBody::right(stream),
    }))
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;

    use super::*;

    #[actix_web::test]
    async fn a_body_in_pieces_is_the_same_body() {
        for length in [0, 1, PIECE, PIECE + 1, 10_000] {
            let whole: Bytes = (0..length)
                .map(|n| u8::try_from(n % 251).unwrap())
                .collect();
            let pieces = Pieces(whole.clone());
            assert_eq!(pieces.size(), whole.size());
            assert_eq!(to_bytes(pieces).await.unwrap(), whole);
        }
    }
}
