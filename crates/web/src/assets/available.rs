//! `GET /equipment`.

use actix_web::get;
use askama::Template;
use futures_util::future::try_join;
use portal_domain::assets::Loan;
use portal_domain::devices::Device;
use portal_domain::pagination::Page;

use super::{FEATURE, on_loan};
use crate::layout::{Frame, PageResult, Pager};
use crate::requests::{UserRequest, redirect};

const PAGE_SIZE: &str = "20";

#[derive(Template)]
#[template(path = "assets/available.html")]
struct EquipmentPage {
    frame: Frame,
    devices: Page<Device>,
    /// The user's active loans.
    out: Vec<Loan>,
    pager: Pager,
}

impl EquipmentPage {
    fn is_overdue(&self) -> bool {
        let (zone, now) = (self.frame.zone(), self.frame.now());
        let mut out = self.out.iter();
        out.any(|loan| loan.checkout.is_overdue(zone, now))
    }
}

/// The devices that can be borrowed.
#[get("/equipment")]
pub(super) async fn list_equipment(request: UserRequest) -> PageResult {
    let page_request = request.context.page(PAGE_SIZE);
    let (frame, (devices, out)) = request
        .read(FEATURE, async |reader| {
            let devices = reader.available_assets(page_request);
            let out = on_loan(reader, request.user_id());
            Ok(try_join(devices, out).await?)
        })
        .await?;
    let pager = Pager::new("/equipment", &[], page_request, devices.total);
    if let Some(last) = pager.beyond_end() {
        return Ok(redirect(last));
    }
    let page = EquipmentPage {
        frame,
        devices,
        out,
        pager,
    };
    page.frame.show(&page)
}
