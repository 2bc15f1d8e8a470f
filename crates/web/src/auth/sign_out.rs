//! `POST /sign-out`.

use actix_web::post;
use portal_domain::profiles::record_sign_out;

use crate::error::PageError;
use crate::layout::{Notice, PageResult};
use crate::session::{Submission, leave, see_other_saying};

/// Ends this session.
#[post("/sign-out")]
pub(super) async fn sign_out(submission: Submission) -> PageResult {
    let visit = submission.visit;
    visit
        .write(None, async |op| {
            record_sign_out(op).await?;
            Ok::<_, PageError>(())
        })
        .await?;
    visit.context.portal.sessions.end(&visit.session.id).await?;
    let mut response = see_other_saying("/sign-in", Notice::SignedOut);
    leave(&visit.context, &mut response);
    Ok(response)
}
