//! Forms to be checked and sent again.

use actix_web::ResponseError as _;
use askama::Template;

use crate::error::PageError;
use crate::forms::Draft;
use crate::i18n::Message;
use crate::layout::{Frame, PageResult};
use crate::requests::UserRequest;

#[derive(Template)]
#[template(path = "errors/draft.html")]
struct DraftPage {
    frame: Frame,
    title: &'static str,
    text: Message,
    draft: Draft,
}

/// Shows the draft of an outdated form.
pub(crate) async fn show(request: &UserRequest, draft: Draft) -> PageResult {
    let outdated = PageError::Outdated(draft.clone());
    show_refused(request, &outdated, draft).await
}

/// Shows what was not accepted because of `reason`, under the user's own session and with a valid
/// token: one click sends it.
pub(super) async fn show_refused(
    request: &UserRequest,
    reason: &PageError,
    draft: Draft,
) -> PageResult {
    let frame = request.frame(None).await?;
    let (title, text) = reason.explanation();
    let page = DraftPage {
        frame,
        title,
        text,
        draft,
    };
    page.frame.show_as(reason.status_code(), &page)
}
