//! Queries on `ticket_participants`, and on what else belongs to one ticket.

use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _,
    NullableExpressionMethods as _, QueryDsl as _,
};
use portal_domain::devices::Device;
use portal_domain::ids::{TicketId, UserId};
use portal_domain::profiles::{Colleague, UserStatus};
use portal_domain::store::StorageError;
use portal_domain::tickets::Participation;

use crate::conn::{Columns as _, RunQuery as _};
use crate::handles::Tenant;
use crate::rows::devices::DeviceRow;
use crate::rows::profiles::ColleagueRow;
use crate::rows::tickets::ParticipationRow;
use crate::schema::{devices, portal_users, ticket_participants, tickets};
use crate::sql_types::DbId;

impl Tenant {
    pub(super) async fn active_participants(
        &self,
        ticket: TicketId,
    ) -> Result<Vec<Colleague>, StorageError> {
        let of_user = portal_users::org_id
            .eq(ticket_participants::org_id)
            .and(portal_users::id.eq(ticket_participants::user_id));
        ticket_participants::table
            .inner_join(portal_users::table.on(of_user))
            .filter(ticket_participants::org_id.eq(self.org()))
            .filter(ticket_participants::ticket_id.eq(DbId::of(ticket)))
            .filter(ticket_participants::removed_at.is_null())
            .filter(portal_users::status.eq(UserStatus::Active.as_str()))
            .order((ticket_participants::added_at, ticket_participants::user_id))
            .select(ColleagueRow::columns())
            .entities::<ColleagueRow, _>(self.conn())
            .await
    }

    pub(super) async fn participation_of(
        &self,
        ticket: TicketId,
        user: UserId,
    ) -> Result<Option<Participation>, StorageError> {
        ticket_participants::table
            .filter(ticket_participants::org_id.eq(self.org()))
            .filter(ticket_participants::ticket_id.eq(DbId::of(ticket)))
            .filter(ticket_participants::user_id.eq(DbId::of(user)))
            .select(ParticipationRow::columns())
            .entity::<ParticipationRow, _>(self.conn())
            .await
    }

    pub(super) async fn upsert_participation(
        &self,
        participation: &Participation,
    ) -> Result<(), StorageError> {
        self.check_owner("ticket_participants", participation.organization_id)?;
        diesel::insert_into(ticket_participants::table)
            .values(ParticipationRow::from(participation))
            .on_conflict((ticket_participants::ticket_id, ticket_participants::user_id))
            .do_update()
            .set(ParticipationRow::from(participation))
            .execute(self.conn())
            .await?;
        Ok(())
    }

    pub(super) async fn visible_device_of(
        &self,
        ticket: TicketId,
    ) -> Result<Option<Device>, StorageError> {
        let of_ticket = devices::org_id
            .eq(tickets::org_id)
            .and(tickets::device_id.eq(devices::id.nullable()));
        devices::table
            .inner_join(tickets::table.on(of_ticket))
            .filter(devices::org_id.eq(self.org()))
            .filter(tickets::id.eq(DbId::of(ticket)))
            .filter(devices::is_ephemeral.eq(false))
            .select(DeviceRow::columns())
            .entity::<DeviceRow, _>(self.conn())
            .await
    }
}
