//! `PATCH /profile`.

use actix_web::web::Data;
use actix_web::{HttpResponse, patch};
use chrono::TimeDelta;
use portal_auth::SessionRecord;
use portal_domain::profiles::{self, Locale, Password, ProfileChanges};
use portal_domain::values::PersonName;
use portal_wire::User;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;
use validator::Validate;

use super::UserEnvelope;
use crate::auth::new_password;
use crate::docs::{BodyErrors, MemberErrors};
use crate::error::{ApiError, ErrorKind};
use crate::extract::{Json, optional, parses};
use crate::fields;
use crate::portal::Portal;
use crate::session::Member;

/// How recently somebody has to have signed in to set a password without showing the present one.
const RECENT: TimeDelta = TimeDelta::minutes(15);

/// The fields to be changed.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UpdateProfileRequest {
    #[validate(custom(function = "parses::<PersonName>"))]
    #[schema(schema_with = fields::person_name)]
    name: Option<String>,
    /// Whether the user wants mails about tickets and loans.
    #[schema(example = true)]
    receive_notifications: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    #[validate(custom(function = "parses::<Locale>"))]
    #[expect(clippy::option_option, reason = "`null` is not absence")]
    #[schema(schema_with = fields::locale)]
    locale: Option<Option<String>>,
    #[schema(schema_with = fields::optional_new_password)]
    password: Option<String>,
}

/// Tells `null` from absence.
#[expect(clippy::option_option, reason = "that is what it is for")]
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Change the user's own data.
#[utoipa::path(
    tag = "profile",
    request_body = UpdateProfileRequest,
    responses((status = 200, description = "Updated", body = UserEnvelope), MemberErrors, BodyErrors),
    security(("bearer" = []), ("cookie" = [])),
)]
#[patch("")]
pub(super) async fn update_profile(
    member: Member,
    portal: Data<Portal>,
    body: Json<UpdateProfileRequest>,
) -> Result<HttpResponse, ApiError> {
    member.admitted().await?;
    let body = body.valid()?;
    let password = match body.password.as_deref() {
        Some(text) => {
            let password = new_password("password", Some(text))?;
            Some(recently_signed_in(&member, password)?)
        }
        None => None,
    };
    let locale = match body.locale {
        Some(locale) => Some(optional("locale", locale.as_deref())?),
        None => None,
    };
    // Hashing takes a while: no transaction waits for it.
    let password_hash = match &password {
        Some(password) => Some(portal.passwords.hash(password.secret()).await?),
        None => None,
    };
    let changes = ProfileChanges {
        name: optional("name", body.name.as_deref())?,
        receive_notifications: body.receive_notifications,
        locale,
        password_hash,
    };
    let (user, organization_name) = member
        .write(None, async |op| {
            let user = profiles::update_profile(op, changes).await?;
            Ok((user, op.by.account.organization.name.clone()))
        })
        .await?;
    if password.is_some() {
        carry_over(&member, &portal, user.session_version).await;
    }
    let user = User::new(&user, &organization_name);
    Ok(HttpResponse::Ok().json(UserEnvelope { user }))
}

fn recently_signed_in(member: &Member, password: Password) -> Result<Password, ApiError> {
    if member.now() - member.session.signed_in_at > RECENT {
        return Err(ErrorKind::RecentSignInRequired.into());
    }
    Ok(password)
}

/// Keeps this session alive under the raised version, and clears the others away.
///
/// The password is set by now, so this cannot fail the request: at worst this session ends too.
async fn carry_over(member: &Member, portal: &Portal, version: i64) {
    let (sessions, id) = (&portal.sessions, &member.session_id);
    let record = SessionRecord {
        version,
        ..member.session
    };
    let carried = async {
        sessions.update(id, &record).await?;
        sessions.end_others_of(record.user_id, id).await
    };
    if let Err(error) = carried.await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "session not carried over"
        );
    }
}
