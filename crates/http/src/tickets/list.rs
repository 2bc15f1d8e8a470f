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
use portal_wire::{List, TicketSummary};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::caching::{CachePolicy, Cached};
use crate::docs::{MemberErrors, NotModified, QueryErrors};
use crate::error::ApiError;
use crate::extract::{PageParams, QueryParams, optional};
use crate::session::Member;

/// Which tickets are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct TicketParams {
    /// Statuses, separated by commas.
    #[param(example = "new,open")]
    status: Option<String>,
    /// Priorities, separated by commas.
    #[param(example = "high,urgent")]
    priority: Option<String>,
    /// Words, each of which has to occur in subject, number or description; up to 200 characters.
    #[param(max_length = 200, example = "printer fire")]
    q: Option<String>,
    /// `createdAt`, `updatedAt` or `priority`; with `-` before it, descending.
    #[param(example = "-updatedAt")]
    sort: Option<String>,
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

/// Tickets of the user, newest first.
#[utoipa::path(
    tag = "tickets",
    params(PageParams, TicketParams),
    responses((status = 200, description = "A page of tickets", body = List<TicketSummary>), NotModified, QueryErrors, MemberErrors),
    security(("bearer" = []), ("cookie" = [])),
)]
#[get("")]
pub(super) async fn list_tickets(
    member: Member,
    page: QueryParams<PageParams>,
    params: QueryParams<TicketParams>,
) -> Result<Cached<List<TicketSummary>>, ApiError> {
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
