//! `/uploads`: files for tickets and comments.

mod disposition;

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse, post};
use portal_session::body::announced_length;
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
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let name = disposition::file_name(request.headers());
    let announced = announced_length(&request);
    let show = |file: &_| UploadEnvelope {
        upload: Attachment::from(file),
    };
    user.upload(name, announced, body, show).await
}
