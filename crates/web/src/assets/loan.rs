//! `GET /equipment/loans/{id}`.

use actix_web::get;
use actix_web::http::StatusCode;
use askama::Template;
use portal_domain::assets::Loan;
use portal_domain::ids::CheckoutId;
use portal_domain::store::TenantReader;

use super::FEATURE;
use super::return_day::{self, ReturnDay};
use crate::error::PageError;
use crate::forms::Form;
use crate::layout::{Frame, PageResult};
use crate::requests::UserRequest;

#[derive(Template)]
#[template(path = "assets/loan.html")]
struct LoanPage {
    frame: Frame,
    loan: Loan,
    /// Changes the return date.
    form: Form,
    today: ReturnDay,
}

/// A loan of the user, with a form to change the return date.
#[get("/equipment/loans/{id}")]
pub(super) async fn show_loan(request: UserRequest) -> PageResult {
    let (frame, loan) = own(&request).await?;
    let (zone, now) = (frame.zone(), frame.now());
    let due = loan.checkout.expected_return_at;
    // A past day could not be submitted again.
    let due = due.filter(|due| !zone.is_day_over(*due, now));
    let due = due.map(|due| ReturnDay::of(due, zone).to_string());
    let due = due.unwrap_or_default();
    let form = Form::default().fill(return_day::FIELD, due);
    show(frame, loan, form, StatusCode::OK)
}

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

/// The user's own loan of the path, with a frame.
pub(super) async fn own(request: &UserRequest) -> Result<(Frame, Loan), PageError> {
    request
        .read(FEATURE, async |reader| find(reader, request).await)
        .await
}

/// The user's own loan of the path.
pub(super) async fn find(
    reader: &dyn TenantReader,
    request: &UserRequest,
) -> Result<Loan, PageError> {
    let id: CheckoutId = request.context.path_part("id")?;
    let loan = reader.loan(id).await?;
    loan.filter(|loan| loan.checkout.checked_out_to == request.user_id())
        .ok_or(PageError::NotFound)
}
