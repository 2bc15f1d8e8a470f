//! `GET /tickets`.

use std::str::FromStr;

use actix_web::get;
use actix_web::http::StatusCode;
use askama::Template;
use portal_domain::branding::Feature;
use portal_domain::pagination::{Page, PageRequest};
use portal_domain::tickets::{
    InvalidTicketStatus, TicketFilter, TicketPriority, TicketStatus, TicketSummary,
};

use crate::forms::Form;
use crate::layout::{Frame, PageResult, Pager};
use crate::requests::{UserRequest, redirect};

/// How many tickets are on a page.
const SHOWN: &str = "20";

/// The parameters of the search, which the way through the pages keeps.
const PARAMETERS: [&str; 4] = ["q", "status", "priority", "sort"];

/// The choice of all statuses in which somebody may still have to do something.
const NOT_CLOSED: &str = "new,open,pending,on_hold,resolved";

#[derive(Template)]
#[template(path = "tickets/list.html")]
struct TicketsPage {
    frame: Frame,
    search: Form,
    tickets: Page<TicketSummary>,
    pager: Pager,
}

impl TicketsPage {
    /// Whether some tickets may be left out.
    fn is_filtered(&self) -> bool {
        ["q", "status", "priority"]
            .iter()
            .any(|name| self.search.is_ticked(name))
    }

    /// Whether more than words were asked for, so that what was is to be seen.
    fn is_refined(&self) -> bool {
        ["status", "priority", "sort"]
            .iter()
            .any(|name| self.search.is_ticked(name))
    }

    /// Whether the user has never submitted a ticket.
    fn is_unused(&self) -> bool {
        self.tickets.total == 0 && !self.is_filtered()
    }
}

/// `GET /tickets`.
#[get("/tickets")]
pub(super) async fn list_tickets(request: UserRequest) -> PageResult {
    let asked = PageRequest::parse(Some(&request.context.query("page")), Some(SHOWN));
    let mut search = PARAMETERS.iter().fold(Form::default(), |form, name| {
        form.fill(name, request.context.query(name))
    });
    let filter = TicketFilter {
        submitted_by: Some(request.user_id()),
        ..filter(&mut search)
    };
    let (frame, tickets) = request
        .read(Some(Feature::Tickets), async |reader| {
            Ok(reader.tickets(&filter, asked).await?)
        })
        .await?;
    let parameters = PARAMETERS.map(|name| (name, search.value(name)));
    let pager = Pager::new("/tickets", &parameters, asked, tickets.total);
    if let Some(last) = pager.beyond_end() {
        return Ok(redirect(last));
    }
    let status = if search.errors().is_empty() {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    };
    let page = TicketsPage {
        frame,
        search,
        tickets,
        pager,
    };
    page.frame.show_as(status, &page)
}

/// What is asked for; a part that cannot be understood is noted, and leaves out no ticket.
fn filter(search: &mut Form) -> TicketFilter {
    let words = search.parse_optional("q");
    let statuses = search.parse_optional::<Statuses>("status");
    let priority = search.parse_optional::<TicketPriority>("priority");
    let sort = search.parse_optional("sort");
    TicketFilter {
        submitted_by: None,
        statuses: statuses.ok().flatten().map_or_else(Vec::new, |some| some.0),
        priorities: priority.ok().flatten().into_iter().collect(),
        words: words.ok().flatten().unwrap_or_default(),
        sort: sort.ok().flatten().unwrap_or_default(),
    }
}

/// Several statuses, separated by commas as in the API.
struct Statuses(Vec<TicketStatus>);

impl FromStr for Statuses {
    type Err = InvalidTicketStatus;

    fn from_str(text: &str) -> Result<Self, InvalidTicketStatus> {
        let statuses = text.split(',').map(|status| status.trim().parse());
        statuses.collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_closed_tickets_are_over() {
        let Statuses(statuses) = NOT_CLOSED.parse().unwrap();
        for status in TicketStatus::ALL {
            let is_over = *status == TicketStatus::Closed;
            assert_eq!(statuses.contains(status), !is_over, "{status}");
        }
    }

    #[test]
    fn what_cannot_be_understood_leaves_out_nothing() {
        let mut search = Form::default()
            .fill("q", "printer")
            .fill("status", "new,gone")
            .fill("priority", "huge")
            .fill("sort", "colour");
        let filter = filter(&mut search);
        assert_eq!(filter.words.words(), ["printer"]);
        assert!(filter.statuses.is_empty() && filter.priorities.is_empty());
        let refused: Vec<_> = search.errors().iter().map(|error| error.field).collect();
        assert_eq!(refused, ["status", "priority", "sort"]);
    }
}
