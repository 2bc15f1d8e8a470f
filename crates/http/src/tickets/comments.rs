//! `/tickets/{id}/comments`: the user's replies.

use actix_web::{HttpResponse, delete, patch, post};
use portal_domain::branding::Feature;
use portal_domain::ids::{CommentId, TicketId};
use portal_domain::tickets::{self, Comment, CommentText};
use portal_wire::{AuthorType, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::docs::{BodyErrors, ConflictErrors, MemberErrors, NotFoundErrors};
use crate::error::{ApiError, CommentChange, ErrorKind};
use crate::extract::{EmptyRequest, Json, PathParams, parses, required};
use crate::fields;
use crate::session::Member;
use crate::success::SuccessBody;

/// The text of a comment.
#[derive(Deserialize, Validate, ToSchema)]
pub(super) struct CommentRequest {
    #[validate(required, custom(function = "parses::<CommentText>"))]
    #[schema(required, schema_with = fields::comment)]
    content: Option<String>,
}

impl CommentRequest {
    fn content(&self) -> Result<CommentText, ApiError> {
        required("content", self.content.as_deref())
    }
}

/// A comment that was just written, in its envelope.
#[derive(Serialize, ToSchema)]
pub(super) struct NewCommentEnvelope {
    comment: NewCommentBody,
}

/// A comment that was just written.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = NewComment)]
struct NewCommentBody {
    /// Its id.
    #[schema(value_type = Uuid)]
    id: CommentId,
    /// The user's name.
    author_name: String,
    /// The user's side: `portal`.
    author_type: AuthorType,
    /// What it says.
    content: String,
    /// When it was written.
    created_at: Timestamp,
}

impl From<Comment> for NewCommentBody {
    fn from(comment: Comment) -> Self {
        Self {
            id: comment.id,
            author_name: comment.author_name,
            author_type: comment.author_type.into(),
            content: comment.content.into_string(),
            created_at: comment.created_at.into(),
        }
    }
}

/// A comment that was just changed, in its envelope.
#[derive(Serialize, ToSchema)]
pub(super) struct EditedCommentEnvelope {
    comment: EditedCommentBody,
}

/// A comment that was just changed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EditedComment)]
struct EditedCommentBody {
    /// Its id.
    #[schema(value_type = Uuid)]
    id: CommentId,
    /// What it says now.
    content: String,
    /// When it was changed.
    #[schema(required)]
    edited_at: Option<Timestamp>,
}

impl From<Comment> for EditedCommentBody {
    fn from(comment: Comment) -> Self {
        Self {
            id: comment.id,
            content: comment.content.into_string(),
            edited_at: comment.edited_at.map(Timestamp),
        }
    }
}

fn ids(path: &PathParams) -> Result<(TicketId, CommentId), ApiError> {
    let ids = path.get("id").zip(path.get("commentId"));
    ids.ok_or_else(|| ErrorKind::TicketNotFound.into())
}

/// Comment on a ticket of the user.
#[utoipa::path(
    tag = "tickets",
    params(("id" = String, Path, description = "The ticket", format = Uuid)),
    request_body = CommentRequest,
    responses((status = 201, description = "Created", body = NewCommentEnvelope), MemberErrors, NotFoundErrors, ConflictErrors, BodyErrors),
    security(("bearer" = []), ("cookie" = [])),
)]
#[post("/{id}/comments")]
pub(super) async fn create_ticket_comment(
    member: Member,
    path: PathParams,
    body: Json<CommentRequest>,
) -> Result<HttpResponse, ApiError> {
    let comment = member
        .write(Some(Feature::Tickets), async |op| {
            let content = body.valid()?.content()?;
            let id: TicketId = path.get("id").ok_or(ErrorKind::TicketNotFound)?;
            let answer = tickets::add_customer_reply(op, id, content);
            answer
                .await
                .map_err(|error| ApiError::from_comment(error, CommentChange::Edit))
        })
        .await?;
    Ok(HttpResponse::Created().json(NewCommentEnvelope {
        comment: comment.into(),
    }))
}

/// Update a comment that the team has not answered.
#[utoipa::path(
    tag = "tickets",
    params(
        ("id" = String, Path, description = "The ticket", format = Uuid),
        ("commentId" = String, Path, description = "The comment", format = Uuid),
    ),
    request_body = CommentRequest,
    responses((status = 200, description = "Updated", body = EditedCommentEnvelope), MemberErrors, NotFoundErrors, ConflictErrors, BodyErrors),
    security(("bearer" = []), ("cookie" = [])),
)]
#[patch("/{id}/comments/{commentId}")]
pub(super) async fn update_ticket_comment(
    member: Member,
    path: PathParams,
    body: Json<CommentRequest>,
) -> Result<HttpResponse, ApiError> {
    let comment = member
        .write(Some(Feature::Tickets), async |op| {
            let content = body.valid()?.content()?;
            let (ticket, comment) = ids(&path)?;
            let edit = tickets::edit_comment(op, ticket, comment, content);
            edit.await
                .map_err(|error| ApiError::from_comment(error, CommentChange::Edit))
        })
        .await?;
    Ok(HttpResponse::Ok().json(EditedCommentEnvelope {
        comment: comment.into(),
    }))
}

/// Delete a comment that the team has not answered.
#[utoipa::path(
    tag = "tickets",
    params(
        ("id" = String, Path, description = "The ticket", format = Uuid),
        ("commentId" = String, Path, description = "The comment", format = Uuid),
    ),
    responses((status = 200, description = "Deleted", body = SuccessBody), MemberErrors, NotFoundErrors, ConflictErrors, BodyErrors),
    security(("bearer" = []), ("cookie" = [])),
)]
#[delete("/{id}/comments/{commentId}")]
pub(super) async fn delete_ticket_comment(
    member: Member,
    path: PathParams,
    body: Json<EmptyRequest>,
) -> Result<HttpResponse, ApiError> {
    member
        .write(Some(Feature::Tickets), async |op| {
            body.valid()?;
            let (ticket, comment) = ids(&path)?;
            let withdraw = tickets::withdraw_comment(op, ticket, comment);
            withdraw
                .await
                .map_err(|error| ApiError::from_comment(error, CommentChange::Withdraw))
        })
        .await?;
    Ok(HttpResponse::Ok().json(SuccessBody::OK))
}
