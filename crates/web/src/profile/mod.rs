//! `/profile`: the user's profile, password and sessions.

mod change_password;
mod end_session;
mod update;

use actix_web::get;
use actix_web::http::StatusCode;
use actix_web::web::ServiceConfig;
use askama::Template;
use chrono::{DateTime, Utc};
use portal_auth::OpenSession;
use portal_domain::profiles::{Locale, PortalUser};
use portal_domain::values::PersonName;

use crate::forms::Form;
use crate::i18n::texts;
use crate::layout::{Frame, PageResult};
use crate::requests::UserRequest;

/// The routes under `/profile`.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(show_profile)
        .service(update::update_profile)
        .service(change_password::change_password)
        .service(end_session::end_session);
}

#[derive(Template)]
#[template(path = "profile/profile.html")]
struct ProfilePage {
    frame: Frame,
    email: String,
    /// The form of name, language and notifications.
    details: Form,
    /// The form of the password.
    password: Form,
    sessions: Vec<SessionItem>,
}

/// A session in the list of where the user is signed in.
struct SessionItem {
    /// The path that its button submits to.
    end: String,
    client: String,
    ip_address: Option<String>,
    signed_in_at: DateTime<Utc>,
    last_used_at: DateTime<Utc>,
    is_current: bool,
}

impl SessionItem {
    fn new(request: &UserRequest, frame: &Frame, session: &OpenSession) -> Self {
        let record = &session.record;
        Self {
            end: format!("/profile/sessions/{}", session.public_id),
            client: match record.client {
                Some(client) => frame.client_name(client),
                None => frame.t("profile-session-unknown").into_owned(),
            },
            ip_address: record
                .ip_address
                .map(|address| address.to_canonical().to_string()),
            signed_in_at: record.signed_in_at,
            last_used_at: session.last_used_at,
            is_current: request.is_current(session),
        }
    }
}

/// The languages by their own names.
fn languages() -> Vec<(&'static str, String)> {
    let own_name = |locale: &Locale| {
        let name = texts(*locale).t("language-name").into_owned();
        (locale.as_str(), name)
    };
    Locale::ALL.iter().map(own_name).collect()
}

#[get("/profile")]
async fn show_profile(request: UserRequest) -> PageResult {
    show(&request, StatusCode::OK, None, None).await
}

/// The page, with the submitted form if there is one.
async fn show(
    request: &UserRequest,
    status: StatusCode,
    details: Option<Form>,
    password: Option<Form>,
) -> PageResult {
    let (frame, account, ()) = request.read_account(None, async |_| Ok(())).await?;
    let sessions = request.sessions().await?;
    let sessions = sessions
        .iter()
        .map(|session| SessionItem::new(request, &frame, session));
    let page = ProfilePage {
        sessions: sessions.collect(),
        frame,
        email: account.user.email.to_string(),
        details: details.unwrap_or_else(|| filled(&account.user)),
        password: password.unwrap_or_default(),
    };
    page.frame.show_as(status, &page)
}

fn filled(user: &PortalUser) -> Form {
    let name = user.name.as_ref().map_or("", PersonName::as_str);
    let locale = user.locale.map_or("", Locale::as_str);
    let tick = |is_on: bool| if is_on { "on" } else { "" };
    let wanted = user.notifications;
    [
        ("name", name),
        ("locale", locale),
        ("notifications", tick(wanted.enabled)),
        ("notify-own-tickets", tick(wanted.own_tickets)),
        ("notify-shared-tickets", tick(wanted.shared_tickets)),
        ("notify-loans", tick(wanted.loans)),
    ]
    .into_iter()
    .fold(Form::default(), |form, (field, value)| {
        let shown = format!("shown-{field}");
        form.fill(field, value).fill(&shown, value)
    })
}
