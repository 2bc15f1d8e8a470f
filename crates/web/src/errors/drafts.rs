//! Forms to be checked and sent again.

use actix_web::http::StatusCode;
use askama::Template;

use crate::forms::Draft;
use crate::layout::{Frame, PageResult};
use crate::requests::UserRequest;

#[derive(Template)]
#[template(path = "errors/draft.html")]
struct DraftPage {
    frame: Frame,
    draft: Draft,
}

/// Shows a draft under the user's own session, with a valid token: one click sends it.
pub(crate) async fn show(request: &UserRequest, draft: Draft) -> PageResult {
    let frame = request.frame(None).await?;
    let page = DraftPage { frame, draft };
    page.frame.show_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
}
