//! Queries on `attachments`.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::dsl::{exists, sql};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, NullableExpressionMethods as _,
    QueryDsl as _,
};
use portal_domain::files::{Attachment, Claim, FileReader, FileSweepReader, FileWriter};
use portal_domain::ids::{CommentId, FileId, OrganizationId, TicketId, UserId};
use portal_domain::store::StorageError;

use super::tickets::access::may_see;
use crate::conn::{Columns as _, RunQuery as _};
use crate::errors::written;
use crate::handles::{System, Tenant};
use crate::rows::files::AttachmentRow;
use crate::schema::{attachments, ticket_comments, tickets};
use crate::sql_types::{BigInt, DbId, Nullable, Time};

/// An organization's files, unless they were removed.
#[diesel::dsl::auto_type(no_type_alias)]
fn kept(org: DbId) -> _ {
    attachments::table
        .filter(attachments::org_id.eq(org))
        .filter(attachments::removed_at.is_null())
}

/// The files of a ticket or of its comments, those of each in their order, as the index has them.
const INDEX_ORDER: (
    attachments::comment_id,
    attachments::position,
    attachments::id,
) = (
    attachments::comment_id,
    attachments::position,
    attachments::id,
);

#[async_trait]
impl FileReader for Tenant {
    async fn files_of_ticket(&self, ticket: TicketId) -> Result<Vec<Attachment>, StorageError> {
        kept(self.org())
            .filter(attachments::ticket_id.eq(DbId::of(ticket)))
            .filter(attachments::comment_id.is_null())
            .order(INDEX_ORDER)
            .select(AttachmentRow::columns())
            .entities::<AttachmentRow, _>(self.conn())
            .await
    }

    async fn files_of_comments(
        &self,
        ticket: TicketId,
        comments: &[CommentId],
    ) -> Result<Vec<Attachment>, StorageError> {
        let comments: Vec<DbId> = comments.iter().copied().map(DbId::of).collect();
        kept(self.org())
            .filter(attachments::ticket_id.eq(DbId::of(ticket)))
            .filter(attachments::comment_id.eq_any(comments))
            .order(INDEX_ORDER)
            .select(AttachmentRow::columns())
            .entities::<AttachmentRow, _>(self.conn())
            .await
    }

    async fn visible_file(
        &self,
        viewer: UserId,
        ticket: TicketId,
        file: FileId,
    ) -> Result<Option<Attachment>, StorageError> {
        let (org, ticket) = (self.org(), DbId::of(ticket));
        let of_visible_ticket = exists(
            tickets::table
                .filter(tickets::org_id.eq(org))
                .filter(tickets::id.eq(ticket))
                .filter(tickets::deleted_at.is_null())
                .filter(may_see(org, DbId::of(viewer))),
        );
        let of_visible_comment = exists(
            ticket_comments::table
                .filter(ticket_comments::org_id.eq(org))
                .filter(ticket_comments::ticket_id.eq(ticket))
                .filter(ticket_comments::id.nullable().eq(attachments::comment_id))
                .filter(ticket_comments::is_public)
                .filter(ticket_comments::deleted_at.is_null()),
        );
        kept(org)
            .filter(attachments::id.eq(DbId::of(file)))
            .filter(attachments::ticket_id.eq(ticket))
            .filter(of_visible_ticket)
            .filter(attachments::comment_id.is_null().or(of_visible_comment))
            .select(AttachmentRow::columns())
            .entity::<AttachmentRow, _>(self.conn())
            .await
    }

    async fn waiting_files(
        &self,
        uploader: UserId,
        files: &[FileId],
    ) -> Result<Vec<Attachment>, StorageError> {
        let ids: Vec<DbId> = files.iter().copied().map(DbId::of).collect();
        let mut found: Vec<Attachment> = kept(self.org())
            .filter(attachments::ticket_id.is_null())
            .filter(attachments::id.eq_any(ids))
            .filter(attachments::uploaded_by.eq(DbId::of(uploader)))
            .select(AttachmentRow::columns())
            .entities::<AttachmentRow, _>(self.conn())
            .await?;
        found.sort_by_key(|file| files.iter().position(|id| *id == file.id));
        Ok(found)
    }

    async fn total_file_bytes(&self) -> Result<u64, StorageError> {
        // What PostgreSQL adds up is `numeric`.
        let total = sql::<Nullable<BigInt>>("CAST(sum(size_bytes) AS bigint)");
        let total: Option<Option<i64>> = kept(self.org())
            .select(total)
            .load_optional(self.conn())
            .await?;
        let total = total.flatten().unwrap_or_default();
        Ok(u64::try_from(total).unwrap_or_default())
    }

    async fn all_files(&self) -> Result<Vec<Attachment>, StorageError> {
        attachments::table
            .filter(attachments::org_id.eq(self.org()))
            .order(attachments::id)
            .select(AttachmentRow::columns())
            .entities::<AttachmentRow, _>(self.conn())
            .await
    }
}

#[async_trait]
impl FileWriter for Tenant {
    async fn add_file(&self, file: &Attachment) -> Result<(), StorageError> {
        self.check_owner("attachments", file.organization_id)?;
        let added = diesel::insert_into(attachments::table)
            .values(AttachmentRow::from(file))
            .execute(self.conn())
            .await?;
        written("attachments", added)
    }

    async fn claim_file(&self, claim: &Claim) -> Result<bool, StorageError> {
        // Of two transactions that attach the same file, one waits and then finds it attached.
        let place = (
            attachments::ticket_id.eq(Some(DbId::of(claim.ticket))),
            attachments::comment_id.eq(claim.comment.map(DbId::of)),
            attachments::position.eq(claim.position),
        );
        let file = kept(self.org())
            .filter(attachments::ticket_id.is_null())
            .filter(attachments::id.eq(DbId::of(claim.file)));
        if let Some(user) = claim.uploader {
            let own = file.filter(attachments::uploaded_by.eq(DbId::of(user)));
            diesel::update(own).set(place).execute(self.conn()).await
        } else {
            let of_team = file.filter(attachments::uploaded_by.is_null());
            diesel::update(of_team)
                .set(place)
                .execute(self.conn())
                .await
        }
    }

    async fn remove_file(&self, file: FileId, at: DateTime<Utc>) -> Result<bool, StorageError> {
        diesel::update(kept(self.org()).filter(attachments::id.eq(DbId::of(file))))
            .set(attachments::removed_at.eq(Some(Time::from(at))))
            .execute(self.conn())
            .await
    }

    async fn remove_files_of_comment(
        &self,
        comment: CommentId,
        at: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        diesel::update(kept(self.org()).filter(attachments::comment_id.eq(DbId::of(comment))))
            .set(attachments::removed_at.eq(Some(Time::from(at))))
            .execute(self.conn())
            .await?;
        Ok(())
    }

    async fn remove_files_of_ticket(
        &self,
        ticket: TicketId,
        at: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        diesel::update(kept(self.org()).filter(attachments::ticket_id.eq(DbId::of(ticket))))
            .set(attachments::removed_at.eq(Some(Time::from(at))))
            .execute(self.conn())
            .await?;
        Ok(())
    }

    async fn expire_files(
        &self,
        before: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let expired = kept(self.org())
            .filter(attachments::ticket_id.is_null())
            .filter(attachments::created_at.lt(Time::from(before)));
        diesel::update(expired)
            .set(attachments::removed_at.eq(Some(Time::from(at))))
            .execute(self.conn())
            .await?;
        Ok(())
    }

    async fn removed_files(
        &self,
        after: Option<FileId>,
        limit: i64,
    ) -> Result<Vec<FileId>, StorageError> {
        let after = DbId::of(after.map_or_else(uuid::Uuid::nil, Into::into));
        let ids: Vec<DbId> = attachments::table
            .filter(attachments::org_id.eq(self.org()))
            .filter(attachments::removed_at.is_not_null())
            .filter(attachments::id.gt(after))
            .order(attachments::id)
            .limit(limit)
            .select(attachments::id)
            .load_all(self.conn())
            .await?;
        Ok(ids.into_iter().map(DbId::typed).collect())
    }

    async fn forget_files(&self, files: &[FileId]) -> Result<(), StorageError> {
        let ids: Vec<DbId> = files.iter().copied().map(DbId::of).collect();
        let removed = attachments::table
            .filter(attachments::org_id.eq(self.org()))
            .filter(attachments::id.eq_any(ids))
            .filter(attachments::removed_at.is_not_null());
        diesel::delete(removed).execute(self.conn()).await?;
        Ok(())
    }
}

#[async_trait]
impl FileSweepReader for System {
    async fn organizations_to_sweep(
        &self,
        before: DateTime<Utc>,
    ) -> Result<Vec<OrganizationId>, StorageError> {
        let expired = attachments::ticket_id
            .is_null()
            .and(attachments::created_at.lt(Time::from(before)));
        let ids: Vec<DbId> = attachments::table
            .filter(attachments::removed_at.is_not_null().or(expired))
            .select(attachments::org_id)
            .distinct()
            .load_all(self.conn())
            .await?;
        Ok(ids.into_iter().map(DbId::typed).collect())
    }
}
