//! `/tickets/{id}/comments`: a ticket's conversation, and the user's comments in it.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, delete, get, patch, post};
use portal_domain::branding::Feature;
use portal_domain::field::Field;
use portal_domain::files::{self, AttachmentIds};
use portal_domain::ids::{CommentId, TicketId};
use portal_domain::tickets::{self, Comment, CommentText, Reply};
use portal_wire::{Attachment, AuthorType, List, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::caching::{CachePolicy, Cached};
use crate::docs::{
    AccessErrors, BodyErrors, ConflictErrors, LimitErrors, NotFoundErrors, NotModified,
};
use crate::error::{ApiError, Missing};
use crate::extract::{
    Authenticated, EmptyRequest, Json, PageParams, PathParams, SessionUser, required, valid,
};
use crate::fields;
use crate::success::SuccessBody;
use crate::tickets::files_of_new;

const FEATURE: Option<Feature> = Some(Feature::Tickets);

/// A comment to add.
#[derive(Default, Deserialize, Validate, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct NewCommentRequest {
    #[validate(required, custom(function = "valid"))]
    #[schema(required, schema_with = fields::comment)]
    content: Field<CommentText>,
    #[validate(custom(function = "valid"))]
    #[schema(schema_with = fields::attachments)]
    attachment_ids: Field<AttachmentIds>,
}

impl NewCommentRequest {
    fn reply(self) -> Result<Reply, ApiError> {
        Ok(Reply {
            content: required(self.content)?,
            attachments: self.attachment_ids.valid().unwrap_or_default(),
        })
    }
}

/// The text of a comment.
#[derive(Default, Deserialize, Validate, ToSchema)]
#[serde(default)]
pub(super) struct CommentRequest {
    #[validate(required, custom(function = "valid"))]
    #[schema(required, schema_with = fields::comment)]
    content: Field<CommentText>,
}

/// A new comment, in its envelope.
#[derive(Serialize, ToSchema)]
pub(super) struct NewCommentEnvelope {
    comment: NewCommentBody,
}

/// A new comment.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = NewComment)]
struct NewCommentBody {
    /// The id.
    #[schema(value_type = Uuid)]
    id: CommentId,
    /// The user's name.
    author_name: String,
    /// Always `portal`.
    author_type: AuthorType,
    /// The text.
    content: String,
    /// When it was written.
    created_at: Timestamp,
    /// The files.
    attachments: Vec<Attachment>,
}

impl NewCommentBody {
    fn new(comment: Comment, files: &[files::Attachment]) -> Self {
        let own = files::of_comment(files, Some(comment.id));
        Self {
            id: comment.id,
            author_name: comment.author_name,
            author_type: comment.author_type.into(),
            content: comment.content.into_string(),
            created_at: comment.created_at.into(),
            attachments: own.map(Attachment::from).collect(),
        }
    }
}

/// An edited comment, in its envelope.
#[derive(Serialize, ToSchema)]
pub(super) struct EditedCommentEnvelope {
    comment: EditedCommentBody,
}

/// An edited comment.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EditedComment)]
struct EditedCommentBody {
    /// The id.
    #[schema(value_type = Uuid)]
    id: CommentId,
    /// The text.
    content: String,
    /// When it was edited.
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

fn ticket_id(path: &PathParams) -> Result<TicketId, ApiError> {
    path.get("id", Missing::Ticket)
}

fn comment_ids(path: &PathParams) -> Result<(TicketId, CommentId), ApiError> {
    Ok((ticket_id(path)?, path.get("commentId", Missing::Ticket)?))
}

type CommentList = List<portal_wire::Comment>;

/// List the comments on a ticket, newest first.
#[utoipa::path(
    tag = "tickets",
    params(("id" = String, Path, description = "The ticket's id", format = Uuid), PageParams),
    responses((status = 200, description = "A page of comments", body = CommentList), NotModified, AccessErrors, NotFoundErrors),
)]
#[get("/{id}/comments")]
pub(super) async fn list_ticket_comments(
    user: SessionUser,
    path: PathParams,
    page: PageParams,
) -> Result<Cached<CommentList>, ApiError> {
    let request = page.request();
    let (account, found) = user
        .read(FEATURE, async |reader| {
            let id = ticket_id(&path)?;
            let found = tickets::conversation(reader, user.id(), id, request).await?;
            Ok(found.ok_or(Missing::Ticket)?)
        })
        .await?;
    let tickets::Conversation {
        comments,
        attachments,
    } = found;
    let body = List::new(comments, request, |comment| {
        let of_comment = files::of_comment(&attachments, Some(comment.id));
        portal_wire::Comment::new(comment, of_comment)
    });
    Ok(Cached::private(CachePolicy::List, &account, body))
}

/// Add a comment to a ticket.
#[utoipa::path(
    tag = "tickets",
    params(("id" = String, Path, description = "The ticket's id", format = Uuid)),
    request_body = NewCommentRequest,
    responses((status = 201, description = "Created", body = NewCommentEnvelope), AccessErrors, NotFoundErrors, ConflictErrors, BodyErrors, LimitErrors),
)]
#[post("/{id}/comments")]
pub(super) async fn create_ticket_comment(
    user: Authenticated,
    path: PathParams,
    body: Json<NewCommentRequest>,
) -> Result<HttpResponse, ApiError> {
    let input = body.parse(|body| Ok((ticket_id(&path)?, body.reply()?)));
    user.write_once(FEATURE, input, async |op, (ticket, reply)| {
        let has_files = !reply.attachments.is_empty();
        let added = tickets::add_customer_reply(op, ticket, reply).await;
        let comment = added.map_err(|error| ApiError::from_comment(error, "edited"))?;
        let files = files_of_new(op, (ticket, Some(comment.id)), has_files).await?;
        let comment = NewCommentBody::new(comment, &files);
        Ok((StatusCode::CREATED, NewCommentEnvelope { comment }))
    })
    .await
}

/// Edit a comment that the team has not replied to.
#[utoipa::path(
    tag = "tickets",
    params(
        ("id" = String, Path, description = "The ticket's id", format = Uuid),
        ("commentId" = String, Path, description = "The comment's id", format = Uuid),
    ),
    request_body = CommentRequest,
    responses((status = 200, description = "Updated", body = EditedCommentEnvelope), AccessErrors, NotFoundErrors, ConflictErrors, BodyErrors, LimitErrors),
)]
#[patch("/{id}/comments/{commentId}")]
pub(super) async fn update_ticket_comment(
    user: Authenticated,
    path: PathParams,
    body: Json<CommentRequest>,
) -> Result<HttpResponse, ApiError> {
    let input = body.parse(|body| Ok((comment_ids(&path)?, required(body.content)?)));
    let comment = user
        .write(FEATURE, input, async |op, ((ticket, comment), text)| {
            let edited = tickets::edit_comment(op, ticket, comment, text).await;
            edited.map_err(|error| ApiError::from_comment(error, "edited"))
        })
        .await?;
    Ok(HttpResponse::Ok().json(EditedCommentEnvelope {
        comment: comment.into(),
    }))
}

/// Delete a comment that the team has not replied to.
#[utoipa::path(
    tag = "tickets",
    params(
        ("id" = String, Path, description = "The ticket's id", format = Uuid),
        ("commentId" = String, Path, description = "The comment's id", format = Uuid),
    ),
    responses((status = 200, description = "Deleted", body = SuccessBody), AccessErrors, NotFoundErrors, ConflictErrors, BodyErrors, LimitErrors),
)]
#[delete("/{id}/comments/{commentId}")]
pub(super) async fn delete_ticket_comment(
    user: Authenticated,
    path: PathParams,
    body: Json<EmptyRequest>,
) -> Result<HttpResponse, ApiError> {
    let input = body.parse(|EmptyRequest {}| comment_ids(&path));
    user.write(FEATURE, input, async |op, (ticket, comment)| {
        let withdrawn = tickets::withdraw_comment(op, ticket, comment).await;
        withdrawn.map_err(|error| ApiError::from_comment(error, "deleted"))
    })
    .await?;
    Ok(HttpResponse::Ok().json(SuccessBody::OK))
}
