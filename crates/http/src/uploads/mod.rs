//! `/uploads`: files for tickets and comments.

mod disposition;

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::{FromRequest, HttpRequest, HttpResponse, post};
use portal_wire::Attachment;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::docs::{AccessErrors, ConflictErrors, LimitErrors, UploadErrors};
use crate::error::ApiError;
use crate::extract::Authenticated;

pub(crate) use disposition::content_disposition;

/// The route of `/uploads`.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(create_upload);
}

/// An uploaded file, in its envelope.
#[derive(Serialize, ToSchema)]
pub(crate) struct UploadEnvelope {
    upload: Attachment,
}

/// The bytes of a file.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by utoipa's derive alone")]
#[schema(value_type = String, format = Binary)]
pub(crate) struct FileBytes(Vec<u8>);

/// The bytes of a request's body, as they arrive.
pub(crate) struct RawBody(Payload);

impl FromRequest for RawBody {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(_: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Ok(Self(payload.take())))
    }
}

/// Upload a file, to attach it to a ticket or comment within 24 hours.
///
/// The body is the file, whatever the content type says. Its name is in `Content-Disposition`.
#[utoipa::path(
    tag = "files",
    params(
        ("Content-Disposition" = Option<String>, Header, description = "The file's name, as `filename` or `filename*` (RFC 6266)", example = "attachment; filename=\"screenshot.png\""),
    ),
    request_body(content = FileBytes, content_type = "application/octet-stream", description = "The bytes of the file"),
    responses((status = 201, description = "Created", body = UploadEnvelope), AccessErrors, UploadErrors, ConflictErrors, LimitErrors),
)]
#[post("")]
pub(crate) async fn create_upload(
    user: Authenticated,
    request: HttpRequest,
    body: RawBody,
) -> Result<HttpResponse, ApiError> {
    let name = disposition::file_name(request.headers());
    let announced = request.headers().get(CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse().ok());
    let file = user.upload(name, announced, body.0).await?;
    Ok(HttpResponse::Created().json(UploadEnvelope {
        upload: Attachment::from(&file),
    }))
}
