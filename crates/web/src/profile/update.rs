//! `POST /profile`.

use actix_web::http::StatusCode;
use actix_web::post;
use portal_domain::profiles::{self, ProfileChanges};

use crate::forms::{Form, InvalidForm};
use crate::layout::{Flash, PageResult};
use crate::requests::{UserForm, redirect_with_flash};

/// Changes name, language and notifications.
#[post("/profile")]
pub(super) async fn update_profile(UserForm(request, user, mut form): UserForm) -> PageResult {
    let Ok(changes) = parse(&mut form) else {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return super::show(&request, status, Some(form), None).await;
    };
    user.write(None, Ok(changes), async |op, changes| {
        Ok(profiles::update_profile(op, changes).await?)
    })
    .await?;
    Ok(redirect_with_flash("/profile", Flash::ProfileSaved))
}

/// The fields that differ from what the form showed, so that changes made in another tab stay.
fn parse(form: &mut Form) -> Result<ProfileChanges, InvalidForm> {
    // Blank keeps the name, which cannot be removed.
    let (name, locale) = (form.parse_optional("name"), form.parse_optional("locale"));
    let (name, locale) = (name?, locale?);
    let is_changed = |field: &str| !form.is(field, form.value(&format!("shown-{field}")));
    let switch = |field: &str| is_changed(field).then(|| form.is_ticked(field));
    Ok(ProfileChanges {
        name: name.filter(|_| is_changed("name")),
        locale: is_changed("locale").then_some(locale),
        receive_notifications: switch("notifications"),
        notify_own_tickets: switch("notify-own-tickets"),
        notify_shared_tickets: switch("notify-shared-tickets"),
        notify_loans: switch("notify-loans"),
        password_hash: None,
    })
}
