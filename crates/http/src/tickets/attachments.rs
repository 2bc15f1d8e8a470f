//! `GET /tickets/{id}/attachments/{attachmentId}`.

use std::ops::Range;

use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_RANGE, RANGE, VARY,
};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, get};
use portal_domain::branding::Feature;
use portal_domain::files::ContentType;
use portal_domain::ids::{FileId, TicketId};

use crate::caching::is_known;
use crate::docs::{AccessErrors, NotFoundErrors, NotModified, RangeErrors};
use crate::error::{ApiError, Missing};
use crate::extract::{PathParams, SessionUser};
use crate::uploads::{FileBytes, content_disposition};

/// Get a file of a ticket or of one of its comments.
#[utoipa::path(
    tag = "files",
    params(
        ("id" = String, Path, description = "The ticket's id", format = Uuid),
        ("attachmentId" = String, Path, description = "The file's id", format = Uuid),
        ("Range" = Option<String>, Header, description = "A part of the file (RFC 9110, section 14)", example = "bytes=0-1023"),
    ),
    responses(
        (status = 200, description = "The file, as `application/octet-stream` unless it is of a type that no browser runs", body = FileBytes, content_type = "application/octet-stream"),
        (status = 206, description = "The part that was asked for", body = FileBytes, content_type = "application/octet-stream"),
        NotModified, AccessErrors, NotFoundErrors, RangeErrors,
    ),
)]
#[get("/{id}/attachments/{attachmentId}")]
pub(super) async fn get_ticket_attachment(
    user: SessionUser,
    path: PathParams,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let (_, file) = user
        .read(Some(Feature::Tickets), async |reader| {
            let ticket: TicketId = path.get("id", Missing::Ticket)?;
            let id: FileId = path.get("attachmentId", Missing::Attachment)?;
            let found = reader.visible_file(user.id(), ticket, id).await?;
            Ok(found.ok_or(Missing::Attachment)?)
        })
        .await?;
    let tag = format!("\"{}\"", file.sha256);
    if is_known(&request, &tag) {
        let mut response = HttpResponse::build(StatusCode::NOT_MODIFIED);
        return Ok(with_headers(&mut response, &tag).finish());
    }
    let size = file.size_bytes;
    let (status, range) = match wanted(request.headers(), &tag, size) {
        Wanted::Everything => (StatusCode::OK, 0..size),
        Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Wanted::Nothing => return Err(ApiError::range_not_satisfiable(size)),
    };
    let bytes = user.open_file(&file, range.clone()).await?;
    let mut response = HttpResponse::build(status);
    with_headers(&mut response, &tag);
    let content_type = match file.content_type {
        ContentType::Text => "text/plain; charset=utf-8",
        other => other.as_str(),
    };
    response.insert_header((CONTENT_TYPE, content_type));
    response.insert_header((CONTENT_DISPOSITION, content_disposition(&file)));
    if status == StatusCode::PARTIAL_CONTENT {
        let last = range.end.saturating_sub(1);
        let part = format!("bytes {}-{last}/{size}", range.start);
        response.insert_header((CONTENT_RANGE, part));
    }
    Ok(response.body(SizedStream::new(range.end - range.start, bytes)))
}

/// The headers that a response without the bytes has too.
fn with_headers<'r>(
    response: &'r mut HttpResponseBuilder,
    tag: &str,
) -> &'r mut HttpResponseBuilder {
    response
        .insert_header((ETAG, tag))
        .insert_header((CACHE_CONTROL, "private, no-cache"))
        .insert_header((VARY, "Authorization, Cookie"))
        .insert_header((ACCEPT_RANGES, "bytes"))
        .insert_header((CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .insert_header(("cross-origin-resource-policy", "same-origin"))
}

/// What a request asks for of a file.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    Everything,
    Part(Range<u64>),
    /// A part that begins after the end.
    Nothing,
}

/// One range is served; of several, or of what cannot be read, the whole file (RFC 9110, section
/// 14.2). With `If-Range`, a part is only of the same bytes.
fn wanted(headers: &HeaderMap, tag: &str, size: u64) -> Wanted {
    let is_tag = |known: &HeaderValue| known.to_str().is_ok_and(|known| known.trim() == tag);
    if headers.get(IF_RANGE).is_some_and(|known| !is_tag(known)) {
        return Wanted::Everything;
    }
    let range = headers.get(RANGE).and_then(|range| range.to_str().ok());
    let Some((unit, range)) = range.and_then(|range| range.split_once('=')) else {
        return Wanted::Everything;
    };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return Wanted::Everything;
    }
    let Some((first, last)) = range.trim().split_once('-') else {
        return Wanted::Everything;
    };
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
        is_number.then(|| text.parse().unwrap_or(u64::MAX))
    };
    let part = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(size),
        (Some(first), None) if last.is_empty() => first..size,
        (None, Some(length)) if first.is_empty() => size.saturating_sub(length)..size,
        _ => return Wanted::Everything,
    };
    if part.start < size {
        Wanted::Part(part)
    } else {
        Wanted::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_ten(range: &'static str) -> Wanted {
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, HeaderValue::from_static(range));
        wanted(&headers, "\"tag\"", 10)
    }

    #[test]
    fn one_range_is_a_part() {
        for (range, part) in [
            ("bytes=0-0", 0..1),
            ("bytes=2-4", 2..5),
            ("Bytes=7-", 7..10),
            (" bytes = 7- ", 7..10),
            ("bytes=0-99", 0..10),
            ("bytes=-3", 7..10),
            ("bytes=-99", 0..10),
            ("bytes=0-99999999999999999999999", 0..10),
        ] {
            assert_eq!(of_ten(range), Wanted::Part(part), "{range}");
        }
        for range in ["bytes=10-", "bytes=99-100", "bytes=-0"] {
            assert_eq!(of_ten(range), Wanted::Nothing, "{range}");
        }
        for range in [
            "bytes=4-2",
            "bytes=0-1,3-4",
            "bytes=0-1,4-",
            "bytes=5-x-",
            "bytes=0--",
            "bytes=5-x",
            "bytes",
            "items=0-1",
            "bytes=a-b",
            "bytes=-",
            "bytes=--1",
        ] {
            assert_eq!(of_ten(range), Wanted::Everything, "{range}");
        }
    }

    #[test]
    fn a_part_of_other_bytes_is_not_sent() {
        for (known, expected) in [
            (&b"\"tag\""[..], Wanted::Part(0..1)),
            (b"\"other\"", Wanted::Everything),
            (b"W/\"tag\"", Wanted::Everything),
            (b"Wed, 21 Oct 2015 07:28:00 GMT", Wanted::Everything),
            (b"\xff", Wanted::Everything),
        ] {
            let known = HeaderValue::from_bytes(known).unwrap();
            let mut headers = HeaderMap::new();
            headers.insert(RANGE, HeaderValue::from_static("bytes=0-0"));
            headers.insert(IF_RANGE, known.clone());
            assert_eq!(wanted(&headers, "\"tag\"", 10), expected, "{known:?}");
        }
    }
}
