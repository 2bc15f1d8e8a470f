//! `/`: the home page.

use actix_web::get;
use actix_web::web::ServiceConfig;
use askama::Template;
use futures_util::future::try_join4;
use portal_domain::assets::Loan;
use portal_domain::devices::{Device, DeviceFilter};
use portal_domain::pagination::{Page, PageRequest};
use portal_domain::tickets::{TicketFilter, TicketScope, TicketSort, TicketStatus, TicketSummary};

use crate::assets::on_loan;
use crate::layout::{Frame, PageResult};
use crate::requests::UserRequest;

/// The number of items of each kind.
const SHOWN: u32 = 5;

/// Tickets waiting for the user.
const WAITING: [TicketStatus; 2] = [TicketStatus::Pending, TicketStatus::Resolved];

/// Tickets waiting for the team.
const IN_PROGRESS: [TicketStatus; 3] =
    [TicketStatus::New, TicketStatus::Open, TicketStatus::OnHold];

/// The routes of the home page.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config.service(show_home);
}

#[derive(Template)]
#[template(path = "home/home.html")]
struct HomePage {
    frame: Frame,
    /// Those waiting for the user first.
    tickets: Vec<TicketSummary>,
    /// The number of all open tickets.
    ticket_count: i64,
    loans: Vec<Loan>,
    devices: Page<Device>,
}

#[get("/")]
async fn show_home(request: UserRequest) -> PageResult {
    let of = |statuses: &[TicketStatus]| TicketFilter {
        statuses: statuses.to_vec(),
        sort: TicketSort::UpdatedAt { descending: true },
        ..TicketFilter::of(request.user_id(), TicketScope::Mine)
    };
    let (waiting, in_work) = (of(&WAITING), of(&IN_PROGRESS));
    let first = PageRequest::new(1, SHOWN);
    let (frame, (waiting, in_work, loans, devices)) = request
        .read(None, async |reader| {
            let waiting = reader.tickets(&waiting, first);
            let in_work = reader.tickets(&in_work, first);
            let loans = on_loan(reader, request.user_id());
            let devices = reader.devices(DeviceFilter::default(), first);
            Ok(try_join4(waiting, in_work, loans, devices).await?)
        })
        .await?;
    let ticket_count = waiting.total + in_work.total;
    let mut tickets: Vec<_> = waiting.items.into_iter().chain(in_work.items).collect();
    tickets.truncate(SHOWN as usize);
    let page = HomePage {
        frame,
        tickets,
        ticket_count,
        loans,
        devices,
    };
    page.frame.show(&page)
}
