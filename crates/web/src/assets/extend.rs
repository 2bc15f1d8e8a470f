//! `POST /equipment/loans/{id}`.

use actix_web::http::StatusCode;
use actix_web::post;
use portal_domain::assets;

use super::{FEATURE, loan, loan_path, return_day};
use crate::i18n::Message;
use crate::layout::{Flash, PageResult};
use crate::requests::{UserForm, redirect_with_flash};

/// Changes the return date of a loan.
#[post("/equipment/loans/{id}")]
pub(super) async fn extend_loan(UserForm(request, user, mut form): UserForm) -> PageResult {
    let (frame, loan) = loan::own(&request).await?;
    let id = loan.checkout.id;
    let until = match return_day::parse(&mut form, frame.zone(), frame.now()) {
        Ok(None) => Err(form.add_error(return_day::FIELD, Message::new("error-required"))),
        Ok(Some(until)) => Ok(until),
        Err(invalid) => Err(invalid),
    };
    let Ok(until) = until else {
        return loan::show(frame, loan, form, StatusCode::UNPROCESSABLE_ENTITY);
    };
    // Another time of the day that it already has is no change.
    let day = frame.zone().day_of(until);
    let until = loan
        .checkout
        .expected_return_at
        .filter(|present| frame.zone().day_of(*present) == day)
        .unwrap_or(until);
    user.write(FEATURE, Ok(until), async |op, until| {
        Ok(assets::extend(op, id, until).await?)
    })
    .await?;
    Ok(redirect_with_flash(&loan_path(id), Flash::ReturnMoved))
}
