//! `/devices/{id}`: a device, and the tickets about it.

use actix_web::get;
use askama::Template;
use futures_util::future::try_join;
use portal_domain::branding::Feature;
use portal_domain::devices::Device;
use portal_domain::ids::DeviceId;
use portal_domain::pagination::Page;
use portal_domain::tickets::{TicketFilter, TicketSummary};

use crate::error::PageError;
use crate::layout::{Frame, PageResult, Pager};
use crate::requests::{UserRequest, redirect};

const PAGE_SIZE: &str = "20";

#[derive(Template)]
#[template(path = "devices/show.html")]
struct DevicePage {
    frame: Frame,
    device: Device,
    /// Those about the device that the user may see.
    tickets: Page<TicketSummary>,
    pager: Pager,
}

#[get("/devices/{id}")]
pub(super) async fn show_device(request: UserRequest) -> PageResult {
    let page_request = request.context.page(PAGE_SIZE);
    let (frame, (device, tickets)) = request
        .read(Some(Feature::SelfService), async |reader| {
            let id: DeviceId = request.context.path_part("id")?;
            let filter = TicketFilter {
                device: Some(id),
                ..TicketFilter::of(request.user_id(), None)
            };
            let tickets = reader.tickets(&filter, page_request);
            let (device, tickets) = try_join(reader.device(id), tickets).await?;
            let device = device.filter(|device| !device.is_ephemeral);
            Ok((device.ok_or(PageError::NotFound)?, tickets))
        })
        .await?;
    let path = format!("/devices/{}", device.id);
    let pager = Pager::new(&path, &[], page_request, tickets.total);
    if let Some(last) = pager.beyond_end() {
        return Ok(redirect(last));
    }
    let page = DevicePage {
        frame,
        device,
        tickets,
        pager,
    };
    page.frame.show(&page)
}
