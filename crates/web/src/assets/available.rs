//! `GET /equipment`.

use actix_web::get;
use askama::Template;
use portal_domain::devices::Device;
use portal_domain::pagination::{Page, PageRequest};

use super::FEATURE;
use crate::layout::{Frame, PageResult, Pager};
use crate::session::{Visit, see_other};

/// How many devices a page shows.
const SHOWN: &str = "20";

#[derive(Template)]
#[template(path = "assets/available.html")]
struct EquipmentPage {
    frame: Frame,
    devices: Page<Device>,
    pager: Pager,
}

/// What can be borrowed now.
#[get("/equipment")]
pub(super) async fn list_equipment(visit: Visit) -> PageResult {
    let asked = PageRequest::parse(Some(&visit.context.query("page")), Some(SHOWN));
    let (frame, devices) = visit
        .read(FEATURE, async |reader| {
            Ok(reader.available_assets(asked).await?)
        })
        .await?;
    let pager = Pager::new("/equipment", &[], asked, devices.total);
    if let Some(last) = pager.beyond_end() {
        return Ok(see_other(last));
    }
    let page = EquipmentPage {
        frame,
        devices,
        pager,
    };
    page.frame.show(&page)
}
