//! `/devices`: the organization's devices.

mod show;

use actix_web::get;
use actix_web::web::ServiceConfig;
use askama::Template;
use portal_domain::branding::Feature;
use portal_domain::devices::{Device, DeviceFilter};
use portal_domain::pagination::Page;
use portal_domain::values::SearchWords;

use crate::forms::Form;
use crate::layout::{Frame, PageResult, Pager};
use crate::requests::{UserRequest, redirect};

const PAGE_SIZE: &str = "25";

/// The routes under `/devices`.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config.service(list_devices).service(show::show_device);
}

#[derive(Template)]
#[template(path = "devices/list.html")]
struct DevicesPage {
    frame: Frame,
    search: Form,
    devices: Page<Device>,
    pager: Pager,
}

#[get("/devices")]
async fn list_devices(request: UserRequest) -> PageResult {
    let mut search = Form::default().fill("q", request.context.query("q"));
    // An invalid search is reported, and does not filter.
    let words = search.parse_optional::<SearchWords>("q").ok().flatten();
    let filter = DeviceFilter {
        words: words.as_ref(),
        ..DeviceFilter::default()
    };
    let page_request = request.context.page(PAGE_SIZE);
    let (frame, devices) = request
        .read(Some(Feature::SelfService), async |reader| {
            Ok(reader.devices(filter, page_request).await?)
        })
        .await?;
    let pager = Pager::new(
        "/devices",
        &[("q", search.value("q"))],
        page_request,
        devices.total,
    );
    if let Some(last) = pager.beyond_end() {
        return Ok(redirect(last));
    }
    let page = DevicesPage {
        frame,
        search,
        devices,
        pager,
    };
    page.frame.show_as(page.search.search_status(), &page)
}
