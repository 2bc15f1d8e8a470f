//! `GET /profile`.

use actix_web::get;
use portal_wire::User;

use super::UserEnvelope;
use crate::caching::{CachePolicy, Cached};
use crate::docs::{AccessErrors, NotModified};
use crate::error::ApiError;
use crate::extract::SessionUser;

/// Get the signed-in user.
#[utoipa::path(
    tag = "profile",
    responses((status = 200, description = "The user", body = UserEnvelope), NotModified, AccessErrors),
)]
#[get("")]
pub(super) async fn get_profile(user: SessionUser) -> Result<Cached<UserEnvelope>, ApiError> {
    let (account, ()) = user.read(None, async |_| Ok(())).await?;
    let body = UserEnvelope {
        user: User::new(&account.user, &account.organization.name),
    };
    Ok(Cached::private(CachePolicy::Profile, &account, body))
}
