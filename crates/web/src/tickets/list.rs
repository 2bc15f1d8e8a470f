//! `GET /tickets`.

use actix_web::get;
use askama::Template;
use portal_domain::branding::Feature;
use portal_domain::field::CommaSeparated;
use portal_domain::pagination::Page;
use portal_domain::profiles::Role;
use portal_domain::tickets::{
    TicketFilter, TicketPriority, TicketScope, TicketStatus, TicketSummary, Viewer, may_list,
};

use crate::forms::Form;
use crate::layout::{Frame, PageResult, Pager};
use crate::requests::{UserRequest, redirect};

const PAGE_SIZE: &str = "20";

/// The search parameters, which links to other pages keep.
const PARAMETERS: [&str; 5] = ["scope", "q", "status", "priority", "sort"];

/// All statuses but closed.
const NOT_CLOSED: &str = "new,open,pending,on_hold,resolved";

#[derive(Template)]
#[template(path = "tickets/list.html")]
struct TicketsPage {
    frame: Frame,
    search: Form,
    scope: TicketScope,
    is_manager: bool,
    tickets: Page<TicketSummary>,
    pager: Pager,
}

impl TicketsPage {
    /// Whether tickets may be filtered out.
    fn is_filtered(&self) -> bool {
        ["q", "status", "priority"]
            .iter()
            .any(|name| self.search.is_ticked(name))
    }

    /// Whether the search has more than words, so that its fields are shown.
    fn is_refined(&self) -> bool {
        ["status", "priority", "sort"]
            .iter()
            .any(|name| self.search.is_ticked(name))
    }

    /// Whether there are no tickets in this scope.
    fn is_unused(&self) -> bool {
        self.tickets.total == 0 && !self.is_filtered()
    }

    /// Whether these may be tickets of several people.
    fn has_submitters(&self) -> bool {
        self.scope != TicketScope::Mine
    }

    /// The scopes to choose from, each with the key of its name.
    fn scopes(&self) -> Vec<(TicketScope, &'static str)> {
        let mut scopes = vec![
            (TicketScope::Mine, "tickets-mine"),
            (TicketScope::Shared, "tickets-shared"),
        ];
        if self.is_manager {
            scopes.push((TicketScope::Organization, "tickets-organization"));
        }
        scopes
    }

    /// The list of a scope, without a search.
    fn path_of(scope: TicketScope) -> String {
        match scope {
            TicketScope::Mine => "/tickets".to_owned(),
            scope => format!("/tickets?scope={scope}"),
        }
    }

    /// The list of this scope, without a search.
    fn path(&self) -> String {
        Self::path_of(self.scope)
    }
}

#[get("/tickets")]
pub(super) async fn list_tickets(request: UserRequest) -> PageResult {
    let page_request = request.context.page(PAGE_SIZE);
    let mut search = PARAMETERS.iter().fold(Form::default(), |form, name| {
        form.fill(name, request.context.query(name))
    });
    let scope = search.parse_optional("scope").ok().flatten();
    let scope: TicketScope = scope.unwrap_or_default();
    let filter = TicketFilter {
        viewer: Viewer::Customer(request.user_id()),
        scope: Some(scope),
        ..filter(&mut search)
    };
    let (frame, account, tickets) = request
        .read_account(Some(Feature::Tickets), async |reader| {
            Ok(reader.tickets(&filter, page_request).await?)
        })
        .await?;
    may_list(&account.user, scope)?;
    let parameters = PARAMETERS.map(|name| (name, search.value(name)));
    let pager = Pager::new("/tickets", &parameters, page_request, tickets.total);
    if let Some(last) = pager.beyond_end() {
        return Ok(redirect(last));
    }
    let page = TicketsPage {
        frame,
        search,
        scope,
        is_manager: account.user.role == Role::Manager,
        tickets,
        pager,
    };
    page.frame.show_as(page.search.search_status(), &page)
}

/// The filter of the search. An invalid parameter is reported, and does not filter.
fn filter(search: &mut Form) -> TicketFilter {
    let words = search.parse_optional("q");
    let statuses = search.parse_optional::<CommaSeparated<TicketStatus>>("status");
    let priorities = search.parse_optional::<CommaSeparated<TicketPriority>>("priority");
    let sort = search.parse_optional("sort");
    TicketFilter {
        statuses: statuses.ok().flatten().map_or_else(Vec::new, |some| some.0),
        priorities: priorities
            .ok()
            .flatten()
            .map_or_else(Vec::new, |some| some.0),
        words: words.ok().flatten().unwrap_or_default(),
        sort: sort.ok().flatten().unwrap_or_default(),
        ..TicketFilter::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn not_closed_is_every_status_but_closed() {
        let CommaSeparated(statuses) = NOT_CLOSED.parse::<CommaSeparated<TicketStatus>>().unwrap();
        for status in TicketStatus::ALL {
            let is_closed = *status == TicketStatus::Closed;
            assert_eq!(statuses.contains(status), !is_closed, "{status}");
        }
    }

    #[test]
    fn invalid_parameters_do_not_filter() {
        let mut search = Form::default()
            .fill("q", "printer")
            .fill("status", "new,gone")
            .fill("priority", "huge")
            .fill("sort", "colour");
        let filter = filter(&mut search);
        assert_eq!(filter.words, "printer".parse().unwrap());
        assert!(filter.statuses.is_empty() && filter.priorities.is_empty());
        let invalid: Vec<_> = search.errors().iter().map(|error| error.field).collect();
        assert_eq!(invalid, ["status", "priority", "sort"]);
    }
}
