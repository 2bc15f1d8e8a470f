//! `POST /profile`.

use actix_web::http::StatusCode;
use actix_web::post;
use portal_domain::profiles::{self, Locale, PortalUser, ProfileChanges};
use portal_domain::values::PersonName;

use crate::error::PageError;
use crate::forms::{Form, Refused};
use crate::layout::{Notice, PageResult};
use crate::session::{Submission, see_other_saying};

/// Changes name, language and notifications.
#[post("/profile")]
pub(super) async fn update_profile(submission: Submission) -> PageResult {
    let Submission { visit, mut form } = submission;
    let Ok(wanted) = Wanted::parse(&mut form) else {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return super::show(&visit, status, Some(form), None).await;
    };
    visit
        .write(None, async |op| {
            let changes = wanted.changes(&op.by.account.user);
            profiles::update_profile(op, changes).await?;
            Ok::<_, PageError>(())
        })
        .await?;
    Ok(see_other_saying("/profile", Notice::ProfileSaved))
}

/// The profile as it is to be.
struct Wanted {
    /// A name cannot be taken away, so blank is as it was.
    name: Option<PersonName>,
    locale: Option<Locale>,
    receive_notifications: bool,
}

impl Wanted {
    fn parse(form: &mut Form) -> Result<Self, Refused> {
        let (name, locale) = (form.parse_optional("name"), form.parse_optional("locale"));
        Ok(Self {
            name: name?,
            locale: locale?,
            receive_notifications: form.is_ticked("notifications"),
        })
    }

    /// What differs: saving a profile as it is changes nothing, and the audit log says so.
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
