//! `/equipment/loans/{id}/check-in`.

use actix_web::http::StatusCode;
use actix_web::{get, post};
use askama::Template;
use portal_domain::assets::{self, CheckinError, CheckinRequest, Loan};

use super::{FEATURE, Remarks, loan, loan_path};
use crate::error::PageError;
use crate::forms::Form;
use crate::layout::{Frame, Notice, PageResult};
use crate::session::{Submission, Visit, see_other, see_other_saying};

#[derive(Template)]
#[template(path = "assets/check_in.html")]
struct CheckInPage {
    frame: Frame,
    loan: Loan,
    form: Form,
}

impl CheckInPage {
    fn show(frame: Frame, loan: Loan, form: Form, status: StatusCode) -> PageResult {
        let page = Self { frame, loan, form };
        page.frame.show_as(status, &page)
    }
}

/// What can be said when returning a device, and the question whether to.
#[get("/equipment/loans/{id}/check-in")]
pub(super) async fn ask_check_in(visit: Visit) -> PageResult {
    let (frame, loan) = loan::own(&visit).await?;
    if !loan.checkout.is_out() {
        return Ok(see_other(&loan_path(loan.checkout.id)));
    }
    CheckInPage::show(frame, loan, Form::default(), StatusCode::OK)
}

/// Returns a device.
#[post("/equipment/loans/{id}/check-in")]
pub(super) async fn check_in(submission: Submission) -> PageResult {
    let Submission { visit, mut form } = submission;
    let (frame, loan) = loan::own(&visit).await?;
    let returned = see_other_saying(&loan_path(loan.checkout.id), Notice::CheckedIn);
    // A second click; by then the device may be out anew, which is another loan.
    if !loan.checkout.is_out() {
        return Ok(returned);
    }
    let Ok(Remarks { condition, notes }) = Remarks::parse(&mut form) else {
        return CheckInPage::show(frame, loan, form, StatusCode::UNPROCESSABLE_ENTITY);
    };
    let request = CheckinRequest { notes, condition };
    visit
        .write(FEATURE, async |op| {
            let device = loan.device.id;
            match assets::check_in(op, device, request).await {
                // Of two clicks the other may be quicker, and somebody have the device since.
                Ok(_) | Err(CheckinError::NotOut | CheckinError::NotTheBorrower) => Ok(()),
                Err(CheckinError::NotFound) => Err(PageError::NotFound),
                Err(CheckinError::Storage(error)) => Err(error.into()),
            }
        })
        .await?;
    Ok(returned)
}
