//! `DELETE /sessions/{id}`.

use actix_web::{HttpResponse, delete};
use uuid::Uuid;

use crate::auth::sign_out;
use crate::docs::{AccessErrors, BodyErrors, NotFoundErrors};
use crate::error::{ApiError, Missing};
use crate::extract::{Authenticated, EmptyRequest, Json, PathParams};
use crate::success::SuccessBody;

/// End one of the user's sessions. Ending the current one signs out.
#[utoipa::path(
    tag = "sessions",
    params(("id" = String, Path, description = "The session's id", format = Uuid)),
    responses((status = 200, description = "Ended", body = SuccessBody), AccessErrors, NotFoundErrors, BodyErrors),
)]
#[delete("/{id}")]
pub(super) async fn end_session(
    user: Authenticated,
    path: PathParams,
    body: Json<EmptyRequest>,
) -> Result<HttpResponse, ApiError> {
    user.check(None).await?;
    let id: Uuid = body.parse(|EmptyRequest {}| path.get("id", Missing::Session))?;
    let sessions = user.sessions().await?;
    let mut sessions = sessions.iter();
    let session = sessions
        .find(|session| session.public_id == id)
        .ok_or(Missing::Session)?;
    if user.is_current(session) {
        return sign_out(&user, Ok(())).await;
    }
    user.end(session).await?;
    Ok(HttpResponse::Ok().json(SuccessBody::OK))
}
