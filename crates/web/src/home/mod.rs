//! `/`: the home page.

use actix_web::get;
use actix_web::web::ServiceConfig;
use askama::Template;
use futures_util::future::try_join4;
use portal_domain::assets::Loan;
use portal_domain::devices::{Device, DeviceFilter};
use portal_domain::pagination::{Page, PageRequest};
use portal_domain::tickets::{TicketFilter, TicketSort, TicketStatus, TicketSummary};

use crate::assets::on_loan;
use crate::layout::{Frame, PageResult};
use crate::session::Visit;

/// How many of each are shown.
const SHOWN: u32 = 5;

/// What waits for the visitor: an answer, or the word that it is solved.
const WAITING: [TicketStatus; 2] = [TicketStatus::Pending, TicketStatus::Resolved];

/// What the team works on.
const IN_WORK: [TicketStatus; 3] = [TicketStatus::New, TicketStatus::Open, TicketStatus::OnHold];

/// The routes of the home page.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config.service(show_home);
}

#[derive(Template)]
#[template(path = "home/home.html")]
struct HomePage {
    frame: Frame,
    /// What waits for the visitor before the rest.
    tickets: Vec<TicketSummary>,
    /// How many there are, shown or not.
    ticket_count: i64,
    loans: Vec<Loan>,
    devices: Page<Device>,
}

/// `GET /`.
#[get("/")]
async fn show_home(visit: Visit) -> PageResult {
    let of = |statuses: &[TicketStatus]| TicketFilter {
        submitted_by: Some(visit.user()),
        statuses: statuses.to_vec(),
        sort: TicketSort::UpdatedAt { descending: true },
        ..TicketFilter::default()
    };
    let (waiting, in_work) = (of(&WAITING), of(&IN_WORK));
    let few = PageRequest::new(1, SHOWN);
    let (frame, (waiting, in_work, loans, devices)) = visit
        .read(None, async |reader| {
            let waiting = reader.tickets(&waiting, few);
            let in_work = reader.tickets(&in_work, few);
            let loans = on_loan(reader, visit.user());
            let devices = reader.devices(DeviceFilter::default(), few);
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
