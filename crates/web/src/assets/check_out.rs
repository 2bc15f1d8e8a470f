//! `/equipment/{id}/check-out`.

use actix_web::http::StatusCode;
use actix_web::{get, post};
use askama::Template;
use portal_domain::assets::{self, Checkout, CheckoutError, CheckoutRequest};
use portal_domain::devices::Device;
use portal_domain::ids::DeviceId;

use super::return_day::{self, ReturnDay};
use super::{FEATURE, Remarks, id, loan_path};
use crate::error::PageError;
use crate::forms::{Form, Refused};
use crate::layout::{Frame, Notice, PageResult};
use crate::session::{Submission, Visit, see_other, see_other_saying};

#[derive(Template)]
#[template(path = "assets/check_out.html")]
struct CheckOutPage {
    frame: Frame,
    device: Device,
    form: Form,
    today: ReturnDay,
}

impl CheckOutPage {
    fn show(frame: Frame, device: Device, form: Form, status: StatusCode) -> PageResult {
        let today = ReturnDay::today(frame.zone(), frame.now());
        let page = Self {
            frame,
            device,
            form,
            today,
        };
        page.frame.show_as(status, &page)
    }
}

/// What can be said when taking a device, and the question whether to.
#[get("/equipment/{id}/check-out")]
pub(super) async fn ask_check_out(visit: Visit) -> PageResult {
    let (frame, device, checkout) = lendable(&visit).await?;
    match checkout {
        None => CheckOutPage::show(frame, device, Form::default(), StatusCode::OK),
        Some(checkout) => Ok(see_other(&own_loan(&visit, Some(checkout))?)),
    }
}

/// Takes a device.
#[post("/equipment/{id}/check-out")]
pub(super) async fn check_out(submission: Submission) -> PageResult {
    let Submission { visit, mut form } = submission;
    let (frame, device, _) = lendable(&visit).await?;
    let id = device.id;
    let Ok(request) = request(&mut form, &frame) else {
        return CheckOutPage::show(frame, device, form, StatusCode::UNPROCESSABLE_ENTITY);
    };
    let checkout = visit
        .write(FEATURE, async |op| {
            match assets::check_out(op, id, request).await {
                Ok(checkout) => Ok(Some(checkout)),
                // Where the same form was sent twice, the visitor has the device by now.
                Err(CheckoutError::AlreadyOut) => Ok(op.tx.active_checkout(id).await?),
                Err(error) => Err(PageError::from(error)),
            }
        })
        .await?;
    let path = own_loan(&visit, checkout)?;
    Ok(see_other_saying(&path, Notice::CheckedOut))
}

/// The device that the path names, if it may be lent, and how it is out if it is.
async fn lendable(visit: &Visit) -> Result<(Frame, Device, Option<Checkout>), PageError> {
    let (frame, (device, checkout)) = visit
        .read(FEATURE, async |reader| {
            let id: DeviceId = id(visit)?;
            let device = reader.device(id).await?.filter(Device::can_be_lent);
            let device = device.ok_or(PageError::NotFound)?;
            Ok((device, reader.active_checkout(id).await?))
        })
        .await?;
    Ok((frame, device, checkout))
}

fn request(form: &mut Form, frame: &Frame) -> Result<CheckoutRequest, Refused> {
    let expected_return_at = return_day::parse(form, frame.zone(), frame.now());
    let Remarks { condition, notes } = Remarks::parse(form)?;
    Ok(CheckoutRequest {
        expected_return_at: expected_return_at?,
        notes,
        condition,
    })
}

/// The page of the loan by which the visitor has a device; others have it from somebody else's.
fn own_loan(visit: &Visit, checkout: Option<Checkout>) -> Result<String, PageError> {
    let own = checkout.filter(|checkout| checkout.checked_out_to == visit.user());
    own.map(|checkout| loan_path(checkout.id))
        .ok_or_else(|| CheckoutError::AlreadyOut.into())
}
