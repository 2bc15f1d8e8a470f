//! `POST /profile`.

use actix_web::http::StatusCode;
use actix_web::post;
use portal_domain::profiles::{self, Locale, PortalUser, ProfileChanges};
use portal_domain::values::PersonName;

use crate::forms::{Form, InvalidForm};
use crate::layout::{Flash, PageResult};
use crate::requests::{UserForm, redirect_with_flash};

/// Changes name, language and notifications.
#[post("/profile")]
pub(super) async fn update_profile(UserForm(request, user, mut form): UserForm) -> PageResult {
    let Ok(profile) = ProfileForm::parse(&mut form) else {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return super::show(&request, status, Some(form), None).await;
    };
    user.write(None, Ok(profile), async |op, profile| {
        let changes = profile.changes(&op.by.account.user);
        Ok(profiles::update_profile(op, changes).await?)
    })
    .await?;
    Ok(redirect_with_flash("/profile", Flash::ProfileSaved))
}

/// The submitted profile.
struct ProfileForm {
    /// Blank keeps the name, which cannot be removed.
    name: Option<PersonName>,
    locale: Option<Locale>,
    receive_notifications: bool,
}

impl ProfileForm {
    fn parse(form: &mut Form) -> Result<Self, InvalidForm> {
        let (name, locale) = (form.parse_optional("name"), form.parse_optional("locale"));
        Ok(Self {
            name: name?,
            locale: locale?,
            receive_notifications: form.is_ticked("notifications"),
        })
    }

    /// The differences, so that saving an unchanged profile is not audited.
    fn changes(self, user: &PortalUser) -> ProfileChanges {
        let Self {
            name,
            locale,
            receive_notifications,
        } = self;
        let changed = receive_notifications != user.receive_notifications;
        ProfileChanges {
            name: name.filter(|name| user.name.as_ref() != Some(name)),
            receive_notifications: changed.then_some(receive_notifications),
            locale: (locale != user.locale).then_some(locale),
            password_hash: None,
        }
    }
}
