//! Queries on `tickets` and `ticket_comments`.

pub(super) mod access;
mod participants;

use std::cmp::Reverse;

use async_trait::async_trait;
use diesel::dsl::sql;
use diesel::sql_types::{Bool, Integer};
use diesel::{
    BoolExpressionMethods as _, EscapeExpressionMethods as _, ExpressionMethods as _,
    QueryDsl as _, TextExpressionMethods as _,
};
use portal_domain::devices::Device;
use portal_domain::ids::{CommentId, OrganizationId, TicketId, UserId};
use portal_domain::pagination::{Page, PageRequest};
use portal_domain::profiles::Colleague;
use portal_domain::store::StorageError;
use portal_domain::tickets::{
    Audience, Comment, CommentPosition, Participation, TeamTicketSummary, Ticket, TicketAddition,
    TicketFilter, TicketNumber, TicketNumberReader, TicketReader, TicketScope, TicketSort,
    TicketSummary, TicketWriter, Viewer,
};

use self::access::{is_manager, may_see, takes_part};
use super::{End, Window, containing, slice_of, window_of};
use crate::conn::{
    Columns as _, RunQuery as _, load_number_on_backend, load_on_backend, search_on_backend,
};
use crate::errors::written;
use crate::handles::{System, Tenant};
use crate::rows::entities;
use crate::rows::tickets::{
    CommentRow, TeamTicketSummaryRow, TicketRow, TicketSummaryRow, WrittenTicketRow,
};
use crate::schema::{ticket_comments, tickets};
use crate::sql_types::{DbId, Time};

/// One ticket of an organization, unless it is deleted.
#[diesel::dsl::auto_type(no_type_alias)]
fn ticket(org: DbId, id: DbId) -> _ {
    tickets::table
        .filter(tickets::org_id.eq(org))
        .filter(tickets::id.eq(id))
        .filter(tickets::deleted_at.is_null())
}

/// The tickets of an organization that match a filter but for its words, as a boxed query.
macro_rules! matching {
    ($org:expr, $filter:expr) => {{
        let mut query = tickets::table
            .filter(tickets::org_id.eq($org))
            .filter(tickets::deleted_at.is_null())
            .into_boxed();
        if let Viewer::Customer(user) = $filter.viewer {
            let user = DbId::of(user);
            // Each scope implies `may_see`, whose alternatives would keep indexes from being used.
            query = match $filter.scope {
                None => query.filter(may_see($org, user)),
                Some(TicketScope::Mine) => query.filter(tickets::submitted_by.eq(user)),
                Some(TicketScope::Shared) => query
                    .filter(tickets::submitted_by.ne(user))
                    .filter(takes_part($org, user)),
                Some(TicketScope::Organization) => query.filter(is_manager($org, user)),
            };
        }
        if let Some(device) = $filter.device {
            query = query.filter(tickets::device_id.eq(DbId::of(device)));
        }
        if !$filter.statuses.is_empty() {
            let statuses = $filter.statuses.iter().map(|status| status.as_str());
            query = query.filter(tickets::status.eq_any(statuses));
        }
        if !$filter.priorities.is_empty() {
            let priorities = $filter.priorities.iter().map(|priority| priority.as_str());
            query = query.filter(tickets::priority.eq_any(priorities));
        }
        query
    }};
}

/// Those tickets of a boxed query in which each of the words occurs.
macro_rules! containing_all {
    ($query:expr, $words:expr) => {{
        let mut query = $query;
        for word in $words.words() {
            let contains = |key: &str| tickets::search_text.like(containing(key)).escape('\\');
            query = match word.earlier_keys() {
                None => query.filter(contains(word.key())),
                Some([a, b, c]) => query.filter(
                    contains(word.key())
                        .or(contains(a))
                        .or(contains(b))
                        .or(contains(c)),
                ),
            };
        }
        query
    }};
}

/// The comments of a ticket that an audience sees, as a boxed query.
macro_rules! conversation {
    ($org:expr, $ticket:expr, $audience:expr) => {{
        let query = ticket_comments::table
            .filter(ticket_comments::org_id.eq($org))
            .filter(ticket_comments::ticket_id.eq(DbId::of($ticket)))
            .filter(ticket_comments::deleted_at.is_null())
            .into_boxed();
        match $audience {
            Audience::Customer => query.filter(ticket_comments::is_public),
            Audience::Team => query,
        }
    }};
}

/// The [rank](portal_domain::tickets::TicketPriority::rank) of a priority, word for word as the
/// indexes have it.
const PRIORITY_RANK: &str =
    "CASE priority WHEN 'low' THEN 0 WHEN 'normal' THEN 1 WHEN 'high' THEN 2 ELSE 3 END";

/// A boxed query of tickets in an order; ties are broken by id.
macro_rules! sorted {
    ($query:expr, $sort:expr) => {{
        let query = $query;
        match $sort {
            TicketSort::CreatedAt { descending } => {
                sorted!(@by query, tickets::created_at, descending)
            }
            TicketSort::UpdatedAt { descending } => {
                sorted!(@by query, tickets::updated_at, descending)
            }
            TicketSort::Priority { descending } => {
                sorted!(@by query, sql::<Integer>(PRIORITY_RANK), descending)
            }
        }
    }};
    (@by $query:expr, $by:expr, $descending:expr) => {
        if $descending {
            $query.order(($by.desc(), tickets::id.desc()))
        } else {
            $query.order(($by.asc(), tickets::id.asc()))
        }
    };
}

/// The tickets of an organization with some ids, as rows of one type.
macro_rules! rows_of {
    ($row:ty, $conn:expr, $org:expr, $ids:expr) => {
        tickets::table
            .filter(tickets::org_id.eq($org))
            .filter(tickets::id.eq_any($ids))
            .select(<$row>::columns())
            .load_all($conn)
            .await
    };
}

/// A page of the tickets that match a filter, as rows of one type in any order, and how many match.
macro_rules! page_of {
    ($row:ty, $tenant:expr, $filter:expr, $request:expr) => {{
        let (conn, org) = ($tenant.conn(), $tenant.org());
        let is_narrowed = !$filter.statuses.is_empty() || !$filter.priorities.is_empty();
        if $filter.words.words().is_empty() {
            let items = |window: Window| async move {
                let sort = match window.end {
                    End::First => $filter.sort,
                    End::Last => $filter.sort.reversed(),
                };
                if window.offset == 0 && !is_narrowed {
                    let rows: Result<Vec<$row>, StorageError> = load_on_backend!(
                        conn,
                        sorted!(matching!(org, $filter).select(<$row>::columns()), sort)
                            .limit(window.limit)
                    );
                    return rows;
                }
                // An index alone passes over the tickets before the page, and over those that the
                // filter leaves out. As a subquery it would not be known to be short, and the rows
                // might be found by a scan of the table.
                let ids: Vec<DbId> = load_on_backend!(
                    conn,
                    sorted!(matching!(org, $filter).select(tickets::id), sort)
                        .limit(window.limit)
                        .offset(window.offset)
                )?;
                rows_of!($row, conn, org, ids)
            };
            // SQLite has no statistics. Of the indexes that begin with the organization it would take
            // that of the ids, and read every row for the other conditions.
            let ever = tickets::created_at.ge(Time::earliest());
            let total = async {
                load_number_on_backend!(conn, matching!(org, $filter).filter(ever).count())
            };
            window_of($request, total, items).await
        } else {
            // A search reads every ticket of its scope: once, for the page and the total.
            let found: Vec<DbId> = search_on_backend!(conn, matching!(org, $filter), |query| {
                let query = containing_all!(query, $filter.words);
                sorted!(query.select(tickets::id), $filter.sort)
            })?;
            let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
            let items = rows_of!($row, conn, org, slice_of(&found, $request))?;
            Ok(Page { items, total })
        }
    }};
}

#[async_trait]
impl TicketReader for Tenant {
    async fn tickets(
        &self,
        filter: &TicketFilter,
        request: PageRequest,
    ) -> Result<Page<TicketSummary>, StorageError> {
        let page: Page<TicketSummaryRow> = page_of!(TicketSummaryRow, self, filter, request)?;
        let mut items: Vec<TicketSummary> = entities(page.items)?;
        items.sort_by(|a, b| filter.sort.compare(a, b));
        Ok(Page {
            items,
            total: page.total,
        })
    }

    async fn team_tickets(
        &self,
        filter: &TicketFilter,
        request: PageRequest,
    ) -> Result<Page<TeamTicketSummary>, StorageError> {
        let page: Page<TeamTicketSummaryRow> =
            page_of!(TeamTicketSummaryRow, self, filter, request)?;
        let mut items: Vec<TeamTicketSummary> = entities(page.items)?;
        items.sort_by(|a, b| filter.sort.compare(&a.summary, &b.summary));
        Ok(Page {
            items,
            total: page.total,
        })
    }

    async fn ticket(&self, id: TicketId) -> Result<Option<Ticket>, StorageError> {
        ticket(self.org(), DbId::of(id))
            .select(TicketRow::columns())
            .entity::<TicketRow, _>(self.conn())
            .await
    }

    async fn visible_ticket(
        &self,
        viewer: UserId,
        id: TicketId,
    ) -> Result<Option<Ticket>, StorageError> {
        ticket(self.org(), DbId::of(id))
            .filter(may_see(self.org(), DbId::of(viewer)))
            .select(TicketRow::columns())
            .entity::<TicketRow, _>(self.conn())
            .await
    }

    async fn participants(&self, ticket: TicketId) -> Result<Vec<Colleague>, StorageError> {
        self.active_participants(ticket).await
    }

    async fn device_of_ticket(&self, ticket: TicketId) -> Result<Option<Device>, StorageError> {
        self.visible_device_of(ticket).await
    }

    async fn comments(
        &self,
        ticket: TicketId,
        audience: Audience,
        request: PageRequest,
    ) -> Result<Page<Comment>, StorageError> {
        let items = |window: Window| async move {
            let rows: Vec<CommentRow> = load_on_backend!(self.conn(), {
                let query = conversation!(self.org(), ticket, audience);
                let (created_at, id) = (ticket_comments::created_at, ticket_comments::id);
                let query = match window.end {
                    End::First => query.order((created_at.desc(), id.desc())),
                    End::Last => query.order((created_at.asc(), id.asc())),
                };
                query
                    .limit(window.limit)
                    .offset(window.offset)
                    .select(CommentRow::columns())
            })?;
            entities(rows)
        };
        let total = async {
            load_number_on_backend!(
                self.conn(),
                conversation!(self.org(), ticket, audience).count()
            )
        };
        let mut page: Page<Comment> = window_of(request, total, items).await?;
        page.items
            .sort_by_key(|comment| Reverse(comment.position()));
        Ok(page)
    }

    async fn last_team_reply(
        &self,
        ticket: TicketId,
    ) -> Result<Option<CommentPosition>, StorageError> {
        let found = ticket_comments::table
            .filter(ticket_comments::org_id.eq(self.org()))
            .filter(ticket_comments::ticket_id.eq(DbId::of(ticket)))
            .filter(ticket_comments::is_public)
            .filter(ticket_comments::deleted_at.is_null())
            // Literally, as in the index of these comments.
            .filter(sql::<Bool>("author_type = 'internal'"))
            .order((
                ticket_comments::created_at.desc(),
                ticket_comments::id.desc(),
            ))
            .limit(1)
            .select((ticket_comments::created_at, ticket_comments::id))
            .load_optional::<(Time, DbId)>(self.conn())
            .await?;
        Ok(found.map(|(created_at, id)| CommentPosition {
            created_at: created_at.into(),
            id: id.typed(),
        }))
    }

    async fn comment(&self, id: CommentId) -> Result<Option<Comment>, StorageError> {
        ticket_comments::table
            .filter(ticket_comments::org_id.eq(self.org()))
            .filter(ticket_comments::id.eq(DbId::of(id)))
            .filter(ticket_comments::deleted_at.is_null())
            .select(CommentRow::columns())
            .entity::<CommentRow, _>(self.conn())
            .await
    }
}

#[async_trait]
impl TicketWriter for Tenant {
    async fn lock_ticket(&self, id: TicketId) -> Result<Option<Ticket>, StorageError> {
        let rows: Vec<TicketRow> = load_on_backend!(
            self.conn(),
            ticket(self.org(), DbId::of(id)).select(TicketRow::columns()),
            [for_update]
        )?;
        Ok(entities(rows)?.pop())
    }

    async fn add_ticket(&self, ticket: &Ticket) -> Result<TicketAddition, StorageError> {
        self.check_owner("tickets", ticket.organization_id)?;
        let added = diesel::insert_into(tickets::table)
            .values(WrittenTicketRow::from(ticket))
            .on_conflict_do_nothing()
            .execute(self.conn())
            .await?;
        if added {
            return Ok(TicketAddition::Added);
        }
        // Including deleted ones, whose ids stay taken.
        let same = tickets::table
            .filter(tickets::org_id.eq(self.org()))
            .filter(tickets::id.eq(DbId::of(ticket.id)));
        let found = same.count().load_number(self.conn()).await?;
        Ok(if found == 0 {
            TicketAddition::NumberTaken
        } else {
            TicketAddition::IdTaken
        })
    }

    async fn update_ticket(&self, changed: &Ticket) -> Result<(), StorageError> {
        self.check_owner("tickets", changed.organization_id)?;
        let updated = diesel::update(ticket(self.org(), DbId::of(changed.id)))
            .set(WrittenTicketRow::from(changed))
            .execute(self.conn())
            .await?;
        written("tickets", updated)
    }

    async fn add_comment(&self, comment: &Comment) -> Result<bool, StorageError> {
        self.check_owner("ticket_comments", comment.organization_id)?;
        diesel::insert_into(ticket_comments::table)
            .values(CommentRow::from(comment))
            .on_conflict_do_nothing()
            .execute(self.conn())
            .await
    }

    async fn participation(
        &self,
        ticket: TicketId,
        user: UserId,
    ) -> Result<Option<Participation>, StorageError> {
        self.participation_of(ticket, user).await
    }

    async fn save_participation(&self, participation: &Participation) -> Result<(), StorageError> {
        self.upsert_participation(participation).await
    }

    async fn update_comment(&self, comment: &Comment) -> Result<(), StorageError> {
        let own = ticket_comments::table
            .filter(ticket_comments::org_id.eq(self.org()))
            .filter(ticket_comments::id.eq(DbId::of(comment.id)))
            .filter(ticket_comments::deleted_at.is_null());
        let updated = diesel::update(own)
            .set((
                ticket_comments::content.eq(comment.content.as_str()),
                ticket_comments::edited_at.eq(comment.edited_at.map(Time::from)),
                ticket_comments::deleted_at.eq(comment.deleted_at.map(Time::from)),
            ))
            .execute(self.conn())
            .await?;
        written("ticket_comments", updated)
    }
}

#[async_trait]
impl TicketNumberReader for System {
    async fn ticket_by_number(
        &self,
        number: &TicketNumber,
    ) -> Result<Option<(OrganizationId, TicketId)>, StorageError> {
        let found = tickets::table
            .filter(tickets::ticket_number.eq(number.as_str()))
            .filter(tickets::deleted_at.is_null())
            .select((tickets::org_id, tickets::id))
            .load_optional::<(DbId, DbId)>(self.conn())
            .await?;
        Ok(found.map(|(organization, ticket)| (organization.typed(), ticket.typed())))
    }
}
