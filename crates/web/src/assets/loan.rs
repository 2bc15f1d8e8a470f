//! `GET /equipment/loans/{id}`.

use actix_web::get;
use actix_web::http::StatusCode;
use askama::Template;
use portal_domain::assets::Loan;
use portal_domain::ids::CheckoutId;

use super::return_day::{self, ReturnDay};
use super::{FEATURE, id};
use crate::error::PageError;
use crate::forms::Form;
use crate::layout::{Frame, PageResult};
use crate::session::Visit;

#[derive(Template)]
#[template(path = "assets/loan.html")]
struct LoanPage {
    frame: Frame,
    loan: Loan,
    /// Moves the date of return.
    form: Form,
    today: ReturnDay,
}

/// One loan of the visitor, with the form that moves its date of return.
#[get("/equipment/loans/{id}")]
pub(super) async fn show_loan(visit: Visit) -> PageResult {
    let (frame, loan) = own(&visit).await?;
    let due = loan.checkout.expected_return_at;
    let due = due.map(|due| ReturnDay::of(due, frame.zone()));
    // A day that is over could not be sent again.
    let due = due.filter(|due| *due >= ReturnDay::today(frame.zone(), frame.now()));
    let due = due.map(|due| due.to_string()).unwrap_or_default();
    let form = Form::default().fill(return_day::FIELD, due);
    show(frame, loan, form, StatusCode::OK)
}

/// The page of a loan, with its form.
pub(super) fn show(frame: Frame, loan: Loan, form: Form, status: StatusCode) -> PageResult {
    let today = ReturnDay::today(frame.zone(), frame.now());
    let page = LoanPage {
        frame,
        loan,
        form,
        today,
    };
    page.frame.show_as(status, &page)
}

/// The loan of the visitor that the path names; of those of others they learn nothing.
pub(super) async fn own(visit: &Visit) -> Result<(Frame, Loan), PageError> {
    visit
        .read(FEATURE, async |reader| {
            let loan = reader.loan(id::<CheckoutId>(visit)?).await?;
            loan.filter(|loan| loan.checkout.checked_out_to == visit.user())
                .ok_or(PageError::NotFound)
        })
        .await
}
