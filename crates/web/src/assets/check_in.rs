//! `/equipment/loans/{id}/check-in`.

use actix_web::http::StatusCode;
use actix_web::{get, post};
use askama::Template;
use portal_domain::assets::{self, CheckinError, CheckinRequest, Loan};

use super::{FEATURE, Remarks, loan, loan_path};
use crate::error::PageError;
use crate::forms::Form;
use crate::layout::{Flash, Frame, PageResult};
use crate::requests::{UserForm, UserRequest, redirect, redirect_with_flash};

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

/// Asks for the condition and notes of a return.
#[get("/equipment/loans/{id}/check-in")]
pub(super) async fn ask_check_in(request: UserRequest) -> PageResult {
    let (frame, loan) = loan::own(&request).await?;
    if !loan.checkout.is_out() {
        return Ok(redirect(&loan_path(loan.checkout.id)));
    }
    CheckInPage::show(frame, loan, Form::default(), StatusCode::OK)
}

/// Returns a device.
#[post("/equipment/loans/{id}/check-in")]
pub(super) async fn check_in(UserForm(request, user, mut form): UserForm) -> PageResult {
    let Ok(Remarks { condition, notes }) = Remarks::parse(&mut form) else {
        let (frame, loan) = loan::own(&request).await?;
        return CheckInPage::show(frame, loan, form, StatusCode::UNPROCESSABLE_ENTITY);
    };
    let remarks = CheckinRequest { notes, condition };
    let id = user
        .write(FEATURE, Ok(remarks), async |op, remarks| {
            let loan = loan::find(op.tx, &request).await?;
            // After a double click the device may be out again, in another loan.
            if loan.checkout.is_out() {
                match assets::check_in(op, loan.device.id, remarks).await {
                    Ok(_) | Err(CheckinError::NotOut | CheckinError::NotTheBorrower) => {}
                    Err(CheckinError::NotFound) => return Err(PageError::NotFound),
                    Err(CheckinError::Storage(error)) => return Err(error.into()),
                }
            }
            Ok(loan.checkout.id)
        })
        .await?;
    Ok(redirect_with_flash(&loan_path(id), Flash::CheckedIn))
}
