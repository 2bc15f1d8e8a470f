//! `GET /tickets`.

#![expect(
    unused_qualifications,
    reason = "in what utoipa makes of two kinds of parameters"
)]

use actix_web::get;
use portal_domain::branding::Feature;
use portal_domain::field::{CommaSeparated, Field};
use portal_domain::ids::UserId;
use portal_domain::tickets::{self, TicketFilter, may_list};
use portal_domain::values::SearchWords;
use portal_wire::{List, TicketPriority, TicketStatus, TicketSummary};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::caching::{CachePolicy, Cached};
use crate::docs::{AccessErrors, NotModified, QueryErrors};
use crate::error::ApiError;
use crate::extract::{PageParams, Query, SessionUser, valid};

/// Filters and order of a list of tickets.
#[derive(Default, Deserialize, Validate, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct TicketParams {
    /// Only tickets with one of these statuses.
    #[param(value_type = Option<Vec<TicketStatus>>, style = Form, explode = false, example = json!(["new", "open"]))]
    #[validate(custom(function = "valid"))]
    status: Field<CommaSeparated<tickets::TicketStatus>>,
    /// Only tickets with one of these priorities.
    #[param(value_type = Option<Vec<TicketPriority>>, style = Form, explode = false, example = json!(["high", "urgent"]))]
    #[validate(custom(function = "valid"))]
    priority: Field<CommaSeparated<tickets::TicketPriority>>,
    /// Words that must all occur in subject, number or description; up to 200 characters.
    // White space among the control characters separates words.
    #[param(
        value_type = Option<String>,
        max_length = 200,
        pattern = r"^[^\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f]*$",
        example = "printer fire"
    )]
    #[validate(custom(function = "valid"))]
    q: Field<SearchWords>,
    /// The order; with a leading `-`, descending.
    #[param(value_type = Option<TicketSort>, default = "-createdAt", example = "-updatedAt")]
    #[validate(custom(function = "valid"))]
    sort: Field<tickets::TicketSort>,
    /// Which tickets: the user's own, those of others in which they take part, or for managers those
    /// of the whole organization.
    #[param(value_type = Option<TicketScope>, default = "mine")]
    #[validate(custom(function = "valid"))]
    scope: Field<tickets::TicketScope>,
}

/// A part of the tickets that a user may see.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "read by utoipa's derive alone; the domain parses it"
)]
#[schema(rename_all = "lowercase")]
pub(crate) enum TicketScope {
    Mine,
    Shared,
    Organization,
}

/// The order of a list of tickets; with a leading `-`, descending.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "read by utoipa's derive alone; the domain parses it"
)]
pub(crate) enum TicketSort {
    #[schema(rename = "-createdAt")]
    CreatedAtDescending,
    #[schema(rename = "createdAt")]
    CreatedAt,
    #[schema(rename = "updatedAt")]
    UpdatedAt,
    #[schema(rename = "-updatedAt")]
    UpdatedAtDescending,
    #[schema(rename = "priority")]
    Priority,
    #[schema(rename = "-priority")]
    PriorityDescending,
}

impl TicketParams {
    fn filter(self, user: UserId) -> TicketFilter {
        TicketFilter {
            statuses: self.status.valid().map(|some| some.0).unwrap_or_default(),
            priorities: self.priority.valid().map(|some| some.0).unwrap_or_default(),
            words: self.q.valid().unwrap_or_default(),
            sort: self.sort.valid().unwrap_or_default(),
            ..TicketFilter::of(user, self.scope.valid().unwrap_or_default())
        }
    }
}

type TicketSummaryList = List<TicketSummary>;

/// List tickets, newest first.
#[utoipa::path(
    tag = "tickets",
    params(PageParams, TicketParams),
    responses((status = 200, description = "A page of tickets", body = TicketSummaryList), NotModified, QueryErrors, AccessErrors),
)]
#[get("")]
pub(super) async fn list_tickets(
    user: SessionUser,
    page: PageParams,
    params: Query<TicketParams>,
) -> Result<Cached<TicketSummaryList>, ApiError> {
    let request = page.request();
    let (account, (scope, tickets)) = user
        .read(Some(Feature::Tickets), async |reader| {
            let filter = params.parse()?.filter(user.id());
            let tickets = reader.tickets(&filter, request).await?;
            Ok((filter.scope.unwrap_or_default(), tickets))
        })
        .await?;
    may_list(&account.user, scope)?;
    let body = List::new(tickets, request, TicketSummary::from);
    Ok(Cached::private(CachePolicy::List, &account, body))
}
