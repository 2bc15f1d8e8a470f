//! `/`: what needs the visitor's attention, and where to get help.

use actix_web::get;
use actix_web::web::ServiceConfig;
use askama::Template;
use futures_util::future::try_join3;
use portal_domain::assets::Loan;
use portal_domain::devices::{Device, DeviceFilter};
use portal_domain::pagination::{Page, PageRequest};
use portal_domain::tickets::{Ticket, TicketFilter, TicketSort, TicketStatus};

use crate::layout::{Frame, PageResult};
use crate::session::Visit;

/// How many of each are shown.
const SHOWN: u32 = 5;

/// What is not over yet.
const OPEN: [TicketStatus; 5] = [
    TicketStatus::New,
    TicketStatus::Open,
    TicketStatus::Pending,
    TicketStatus::OnHold,
    TicketStatus::Resolved,
];

/// The routes of the home page.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config.service(show_home);
}

#[derive(Template)]
#[template(path = "home/home.html")]
struct HomePage {
    frame: Frame,
    tickets: Page<Ticket>,
    loans: Vec<Loan>,
    devices: Page<Device>,
}

/// `GET /`.
#[get("/")]
async fn show_home(visit: Visit) -> PageResult {
    let filter = TicketFilter {
        submitted_by: Some(visit.user()),
        statuses: OPEN.to_vec(),
        sort: TicketSort::UpdatedAt { descending: true },
        ..TicketFilter::default()
    };
    let few = PageRequest::new(1, SHOWN);
    let (frame, (tickets, loans, devices)) = visit
        .read(None, async |reader| {
            let tickets = reader.tickets(&filter, few);
            // Those still out come first, so a page of them has all that matter.
            let loans = reader.loans_of(visit.user(), PageRequest::default());
            let devices = reader.devices(DeviceFilter::default(), few);
            Ok(try_join3(tickets, loans, devices).await?)
        })
        .await?;
    let mut loans: Vec<_> = loans
        .items
        .into_iter()
        .filter(|loan| loan.checkout.is_out())
        .collect();
    // What is due first; what has no date comes last.
    loans.sort_by_key(|loan| {
        let due = loan.checkout.expected_return_at;
        (due.is_none(), due)
    });
    let page = HomePage {
        frame,
        tickets,
        loans,
        devices,
    };
    page.frame.show(&page)
}
