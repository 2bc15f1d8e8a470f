//! `/equipment/{id}/check-out`.

use actix_web::http::StatusCode;
use actix_web::{get, post};
use askama::Template;
use portal_domain::assets::{self, Checkout, CheckoutError, CheckoutRequest};
use portal_domain::devices::Device;
use portal_domain::ids::DeviceId;

use super::return_day::{self, ReturnDay};
use super::{FEATURE, Remarks, loan_path};
use crate::error::PageError;
use crate::forms::{Form, InvalidForm};
use crate::layout::{Flash, Frame, PageResult};
use crate::requests::{UserForm, UserRequest, redirect, redirect_with_flash};

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

/// Asks for the return date, condition and notes of a checkout.
#[get("/equipment/{id}/check-out")]
pub(super) async fn ask_check_out(request: UserRequest) -> PageResult {
    let (frame, device, checkout) = lendable(&request).await?;
    match checkout {
        None => CheckOutPage::show(frame, device, Form::default(), StatusCode::OK),
        Some(checkout) => Ok(redirect(&own_loan(&request, Some(checkout))?)),
    }
}

/// Checks a device out.
#[post("/equipment/{id}/check-out")]
pub(super) async fn check_out(UserForm(request, user, mut form): UserForm) -> PageResult {
    let (frame, device, _) = lendable(&request).await?;
    let id = device.id;
    let Ok(loan) = parse(&mut form, &frame) else {
        return CheckOutPage::show(frame, device, form, StatusCode::UNPROCESSABLE_ENTITY);
    };
    let checkout = user
        .write(FEATURE, Ok(loan), async |op, loan| {
            match assets::check_out(op, id, loan).await {
                Ok(checkout) => Ok(Some(checkout)),
                // After a double click the user has the device.
                Err(CheckoutError::AlreadyOut) => Ok(op.tx.active_checkout(id).await?),
                Err(error) => Err(PageError::from(error)),
            }
        })
        .await?;
    let path = own_loan(&request, checkout)?;
    Ok(redirect_with_flash(&path, Flash::CheckedOut))
}

/// The lendable device of the path, and its active checkout.
async fn lendable(request: &UserRequest) -> Result<(Frame, Device, Option<Checkout>), PageError> {
    let (frame, (device, checkout)) = request
        .read(FEATURE, async |reader| {
            let id: DeviceId = request.context.path_part("id")?;
            let device = reader.device(id).await?.filter(Device::can_be_lent);
            let device = device.ok_or(PageError::NotFound)?;
            Ok((device, reader.active_checkout(id).await?))
        })
        .await?;
    Ok((frame, device, checkout))
}

fn parse(form: &mut Form, frame: &Frame) -> Result<CheckoutRequest, InvalidForm> {
    let expected_return_at = return_day::parse(form, frame.zone(), frame.now());
    let Remarks { condition, notes } = Remarks::parse(form)?;
    Ok(CheckoutRequest {
        expected_return_at: expected_return_at?,
        notes,
        condition,
    })
}

/// The page of the user's own loan; a conflict if another user has the device.
fn own_loan(request: &UserRequest, checkout: Option<Checkout>) -> Result<String, PageError> {
    let own = checkout.filter(|checkout| checkout.checked_out_to == request.user_id());
    own.map(|checkout| loan_path(checkout.id))
        .ok_or_else(|| CheckoutError::AlreadyOut.into())
}
