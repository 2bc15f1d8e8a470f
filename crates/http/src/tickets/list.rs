//! `GET /tickets`.

#![expect(
    unused_qualifications,
    reason = "in what utoipa makes of two kinds of parameters"
)]

use std::fmt::Display;
use std::str::FromStr;

use actix_web::get;
use portal_domain::branding::Feature;
use portal_domain::ids::UserId;
use portal_domain::tickets::TicketFilter;
use portal_wire::{List, TicketPriority, TicketStatus, TicketSummary};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::caching::{CachePolicy, Cached};
use crate::docs::{MemberErrors, NotModified, QueryErrors};
use crate::error::ApiError;
use crate::extract::{PageParams, QueryParams, optional};
use crate::session::Member;

/// Which tickets are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct TicketParams {
    /// Only those in these statuses.
    #[param(value_type = Option<Vec<TicketStatus>>, style = Form, explode = false, example = json!(["new", "open"]))]
    status: Option<String>,
    /// Only those of these priorities.
    #[param(value_type = Option<Vec<TicketPriority>>, style = Form, explode = false, example = json!(["high", "urgent"]))]
    priority: Option<String>,
    /// Words, each of which has to occur in subject, number or description; up to 200 characters.
    // White space among the control characters separates words.
    #[param(
        max_length = 200,
        pattern = r"^[^\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f]*$",
        example = "printer fire"
    )]
    q: Option<String>,
    /// The order; with `-` before it, descending.
    #[param(value_type = Option<TicketSort>, default = "-createdAt", example = "-updatedAt")]
    sort: Option<String>,
}

/// The order of a list of tickets; with `-` before it, descending.
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
    fn filter(&self, submitted_by: UserId) -> Result<TicketFilter, ApiError> {
        Ok(TicketFilter {
            submitted_by: Some(submitted_by),
            statuses: list("status", self.status.as_deref())?,
            priorities: list("priority", self.priority.as_deref())?,
            words: optional("q", self.q.as_deref())?.unwrap_or_default(),
            sort: optional("sort", filled(self.sort.as_deref()))?.unwrap_or_default(),
        })
    }
}

/// A parameter that was left blank is one that was not given.
fn filled(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
}

fn list<T: FromStr<Err: Display>>(
    field: &'static str,
    text: Option<&str>,
) -> Result<Vec<T>, ApiError> {
    let parts = filled(text).into_iter().flat_map(|text| text.split(','));
    let values = parts.map(|part| optional(field, Some(part.trim())));
    values.filter_map(Result::transpose).collect()
}

type TicketSummaryList = List<TicketSummary>;

/// Tickets of the user, newest first.
#[utoipa::path(
    tag = "tickets",
    params(PageParams, TicketParams),
    responses((status = 200, description = "A page of tickets", body = TicketSummaryList), NotModified, QueryErrors, MemberErrors),
    security(("bearer" = []), ("cookie" = [])),
)]
#[get("")]
pub(super) async fn list_tickets(
    member: Member,
    page: QueryParams<PageParams>,
    params: QueryParams<TicketParams>,
) -> Result<Cached<TicketSummaryList>, ApiError> {
    let request = page.0.request();
    let (account, tickets) = member
        .read(Some(Feature::Tickets), async |reader| {
            let filter = params.0.filter(member.session.user_id)?;
            Ok(reader.tickets(&filter, request).await?)
        })
        .await?;
    let body = List::new(tickets, request, |ticket| TicketSummary::from(&ticket));
    Ok(Cached::private(CachePolicy::List, &account, body))
}
