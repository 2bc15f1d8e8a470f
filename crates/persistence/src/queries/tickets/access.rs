//! Which tickets a customer may see: the conditions behind
//! [`Viewer`](portal_domain::tickets::Viewer).

use diesel::dsl::exists;
use diesel::{BoolExpressionMethods as _, ExpressionMethods as _, QueryDsl as _};
use portal_domain::profiles::Role;

use crate::schema::{portal_users, ticket_participants, tickets};
use crate::sql_types::DbId;

/// Whether a customer may see a ticket: they submitted it, take part in it, or manage its
/// organization. Every query for customers has this condition.
#[diesel::dsl::auto_type(no_type_alias)]
pub(in crate::queries) fn may_see(org: DbId, user: DbId) -> _ {
    let by_part: takes_part = takes_part(org, user);
    let by_role: is_manager = is_manager(org, user);
    tickets::submitted_by.eq(user).or(by_part).or(by_role)
}

/// Whether a user takes part in a ticket.
#[diesel::dsl::auto_type]
pub(in crate::queries) fn takes_part(org: DbId, user: DbId) -> _ {
    exists(
        ticket_participants::table
            .filter(ticket_participants::org_id.eq(org))
            .filter(ticket_participants::ticket_id.eq(tickets::id))
            .filter(ticket_participants::user_id.eq(user))
            .filter(ticket_participants::removed_at.is_null()),
    )
}

/// Whether a user manages the organization.
#[diesel::dsl::auto_type]
pub(in crate::queries) fn is_manager(org: DbId, user: DbId) -> _ {
    let role: &'static str = Role::Manager.as_str();
    exists(
        portal_users::table
            .filter(portal_users::org_id.eq(org))
            .filter(portal_users::id.eq(user))
            .filter(portal_users::role.eq(role)),
    )
}
