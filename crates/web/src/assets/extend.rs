//! `POST /equipment/loans/{id}`.

use actix_web::http::StatusCode;
use actix_web::post;
use portal_domain::assets;

use super::{FEATURE, loan, loan_path, return_day};
use crate::i18n::Message;
use crate::layout::{Flash, PageResult};
use crate::requests::{UserForm, redirect_with_flash};

/// Moves the date on which something will be returned.
#[post("/equipment/loans/{id}")]
pub(super) async fn extend_loan(UserForm(request, user, mut form): UserForm) -> PageResult {
    let (frame, loan) = loan::own(&request).await?;
    let id = loan.checkout.id;
    let until = match return_day::parse(&mut form, frame.zone(), frame.now()) {
        Ok(None) => Err(form.add_error(return_day::FIELD, Message::new("error-required"))),
        Ok(Some(until)) => Ok(until),
        Err(refused) => Err(refused),
    };
    let Ok(until) = until else {
        return loan::show(frame, loan, form, StatusCode::UNPROCESSABLE_ENTITY);
    };
    // Moved to where it is, be it by a second click: nothing happens, and the audit log says so.
    if !loan.checkout.is_out() || loan.checkout.expected_return_at != Some(until) {
        user.write(FEATURE, Ok(until), async |op, until| {
            Ok(assets::extend(op, id, until).await?)
        })
        .await?;
    }
    Ok(redirect_with_flash(&loan_path(id), Flash::ReturnMoved))
}
