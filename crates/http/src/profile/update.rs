//! `PATCH /profile`.

use actix_web::web::Data;
use actix_web::{HttpResponse, patch};
use portal_domain::field::{Field, Flag};
use portal_domain::profiles::{self, Locale, Password, ProfileChanges};
use portal_domain::values::PersonName;
use portal_session::Portal;
use portal_wire::User;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::UserEnvelope;
use crate::auth::new_password;
use crate::docs::{AccessErrors, BodyErrors, LimitErrors};
use crate::error::ApiError;
use crate::extract::{Authenticated, Json, valid};
use crate::fields;

/// The fields to change.
#[derive(Default, Deserialize, Validate, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct UpdateProfileRequest {
    #[validate(custom(function = "valid"))]
    #[schema(schema_with = fields::person_name)]
    name: Field<PersonName>,
    /// Whether the user wants mails about tickets and loans at all.
    #[validate(custom(function = "valid"))]
    #[schema(value_type = Option<bool>, example = true)]
    receive_notifications: Field<Flag>,
    /// Whether the user wants mails about their own tickets.
    #[validate(custom(function = "valid"))]
    #[schema(value_type = Option<bool>, example = true)]
    notify_own_tickets: Field<Flag>,
    /// Whether the user wants mails about tickets in which they take part.
    #[validate(custom(function = "valid"))]
    #[schema(value_type = Option<bool>, example = true)]
    notify_shared_tickets: Field<Flag>,
    /// Whether the user wants reminders of loans.
    #[validate(custom(function = "valid"))]
    #[schema(value_type = Option<bool>, example = true)]
    notify_loans: Field<Flag>,
    #[validate(custom(function = "valid"))]
    #[schema(schema_with = fields::locale)]
    locale: Field<Locale>,
    #[validate(custom(function = "valid"))]
    #[schema(schema_with = fields::optional_new_password)]
    password: Field<String>,
}

impl UpdateProfileRequest {
    /// The changes, and a new password to be hashed.
    fn changes(self) -> Result<(ProfileChanges, Option<Password>), ApiError> {
        let flag = |field: Field<Flag>| field.valid().map(|flag| flag.0);
        let changes = ProfileChanges {
            name: self.name.valid(),
            receive_notifications: flag(self.receive_notifications),
            notify_own_tickets: flag(self.notify_own_tickets),
            notify_shared_tickets: flag(self.notify_shared_tickets),
            notify_loans: flag(self.notify_loans),
            locale: self.locale.patch(),
            password_hash: None,
        };
        let password = self.password.is_given();
        let password = password.then(|| new_password("password", self.password));
        Ok((changes, password.transpose()?))
    }
}

/// Update the user's profile.
#[utoipa::path(
    tag = "profile",
    request_body = UpdateProfileRequest,
    responses((status = 200, description = "Updated", body = UserEnvelope), AccessErrors, BodyErrors, LimitErrors),
)]
#[patch("")]
pub(super) async fn update_profile(
    user: Authenticated,
    portal: Data<Portal>,
    body: Json<UpdateProfileRequest>,
) -> Result<HttpResponse, ApiError> {
    user.check(None).await?;
    let (mut changes, password) = body.parse(UpdateProfileRequest::changes)?;
    if let Some(password) = &password {
        // Not within the transaction, as hashing takes long.
        let hash = portal
            .auth
            .hash_new_password(user.client(), user.session(), password)
            .await
            .map_err(ApiError::from_new_password)?;
        changes.password_hash = Some(hash);
    }
    let (profile, organization_name) = user
        .write(None, Ok(changes), async |op, changes| {
            let profile = profiles::update_profile(op, changes).await?;
            Ok((profile, op.by.account.organization.name.clone()))
        })
        .await?;
    if password.is_some() {
        user.keep_session(profile.session_version).await;
    }
    let user = User::new(&profile, &organization_name);
    Ok(HttpResponse::Ok().json(UserEnvelope { user }))
}
