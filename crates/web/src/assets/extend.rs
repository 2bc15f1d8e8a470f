//! `POST /equipment/loans/{id}`.

use actix_web::http::StatusCode;
use actix_web::post;
use portal_domain::assets;

use super::{FEATURE, loan, loan_path, return_day};
use crate::error::PageError;
use crate::i18n::Message;
use crate::layout::{Notice, PageResult};
use crate::session::{Submission, see_other_saying};

/// Moves the date on which something will be returned.
#[post("/equipment/loans/{id}")]
pub(super) async fn extend_loan(submission: Submission) -> PageResult {
    let Submission { visit, mut form } = submission;
    let (frame, loan) = loan::own(&visit).await?;
    let id = loan.checkout.id;
    let until = match return_day::parse(&mut form, frame.zone(), frame.now()) {
        Ok(None) => Err(form.refuse(return_day::FIELD, Message::new("error-required"))),
        Ok(Some(until)) => Ok(until),
        Err(refused) => Err(refused),
    };
    let Ok(until) = until else {
        return loan::show(frame, loan, form, StatusCode::UNPROCESSABLE_ENTITY);
    };
    // Moved to where it is, be it by a second click: nothing happens, and the audit log says so.
    if !loan.checkout.is_out() || loan.checkout.expected_return_at != Some(until) {
        visit
            .write(FEATURE, async |op| {
                assets::extend(op, id, until).await?;
                Ok::<_, PageError>(())
            })
            .await?;
    }
    Ok(see_other_saying(&loan_path(id), Notice::ReturnMoved))
}
