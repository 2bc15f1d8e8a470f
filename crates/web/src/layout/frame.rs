//! The frame around every page.

use std::borrow::Cow;
use std::fmt::Display;

use actix_web::HttpResponse;
use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, HeaderValue, REFERRER_POLICY,
};
use askama::Template;
use chrono::{DateTime, Utc};
use portal_domain::branding::Feature;
use portal_domain::clients::ClientName;
use portal_domain::ids::UserId;
use portal_domain::profiles::Account;
use portal_domain::text;
use portal_domain::values::TimeZone;
use portal_session::{Fault, Visitor};
use unicode_segmentation::UnicodeSegmentation as _;

use super::brand::content_security_policy;
use super::navigation::{NavigationItem, navigation};
use super::{Brand, Flash, set_cookie};
use crate::error::PageError;
use crate::i18n::{FluentValue, Formats, Locale, Message, Texts, client_name, texts};
use crate::requests::Context;

pub(crate) type PageResult = Result<HttpResponse, PageError>;

/// The signed-in user, as pages show them.
#[derive(Debug, Clone)]
pub(crate) struct Viewer {
    pub(crate) id: UserId,
    /// The name, or else the address.
    pub(crate) name: String,
    pub(crate) email: String,
}

impl Viewer {
    fn of(account: &Account) -> Self {
        Self {
            id: account.user.id,
            name: account.user.display_name().to_owned(),
            email: account.user.email.to_string(),
        }
    }

    pub(crate) fn initials(&self) -> String {
        initials(&self.name)
    }
}

/// The first letters of the first and the last word of a name: whole characters as people see them
/// (grapheme clusters), such as an emoji of several code points.
pub(crate) fn initials(name: &str) -> String {
    let mut letters = name
        .split(|c: char| c.is_whitespace() || c == '@')
        .filter_map(|word| {
            word.graphemes(true)
                .find(|grapheme| grapheme.contains(text::is_visible))
        });
    let first = letters.next();
    let last = if name.contains('@') {
        None
    } else {
        letters.next_back()
    };
    first
        .into_iter()
        .chain(last)
        .flat_map(str::chars)
        .flat_map(char::to_uppercase)
        .collect()
}

/// What all pages share: language, brand, user, flash message. Templates have it as `frame`.
pub(crate) struct Frame {
    texts: &'static Texts,
    pub(crate) brand: Brand,
    /// The user, if signed in.
    pub(crate) viewer: Option<Viewer>,
    zone: TimeZone,
    now: DateTime<Utc>,
    /// The CSRF token of the page's forms.
    pub(crate) csrf: String,
    path: String,
    pub(crate) flash: Option<Flash>,
    cookies: Vec<Cookie<'static>>,
    hides_referrer: bool,
}

impl Frame {
    /// The frame of a public page that has no forms.
    pub(crate) fn without_forms(context: &Context, brand: Brand) -> Self {
        Self {
            texts: texts(context.locale),
            brand,
            viewer: None,
            zone: TimeZone::UTC,
            now: context.portal.env.now(),
            csrf: String::new(),
            path: context.path().to_owned(),
            flash: context.flash,
            cookies: context
                .flash
                .map(|_| Flash::removal_cookie())
                .into_iter()
                .collect(),
            hides_referrer: false,
        }
    }

    /// The frame of a public page.
    pub(crate) fn for_visitor(context: &Context, brand: Brand, visitor: &Visitor) -> Self {
        let mut frame = Self::without_forms(context, brand);
        frame.csrf = visitor.csrf_token(&context.portal);
        frame.cookies.extend(visitor.cookie());
        frame
    }

    /// The frame of a page for a signed-in user.
    pub(crate) fn for_user(
        context: &Context,
        account: &Account,
        brand: Brand,
        csrf: String,
    ) -> Self {
        Self {
            texts: texts(account.user.locale.unwrap_or(context.locale)),
            viewer: Some(Viewer::of(account)),
            zone: account.organization.time_zone,
            csrf,
            ..Self::without_forms(context, brand)
        }
    }

    /// For a page whose address contains a token.
    pub(crate) fn without_referrer(mut self) -> Self {
        self.hides_referrer = true;
        self
    }

    /// A response with the page.
    pub(crate) fn show(&self, page: &impl Template) -> PageResult {
        self.show_as(StatusCode::OK, page)
    }

    /// A response with the page and another status.
    pub(crate) fn show_as(&self, status: StatusCode, page: &impl Template) -> PageResult {
        let html = page
            .render()
            .map_err(|error| PageError::Fault(Fault::internal(error)))?;
        let mut response = HttpResponse::build(status)
            .content_type("text/html; charset=utf-8")
            .insert_header((CONTENT_LANGUAGE, self.lang()))
            .insert_header((
                CONTENT_SECURITY_POLICY,
                content_security_policy(&self.brand),
            ))
            .body(html);
        for cookie in &self.cookies {
            set_cookie(&mut response, cookie);
        }
        if self.hides_referrer {
            let no_referrer = HeaderValue::from_static("no-referrer");
            response.headers_mut().insert(REFERRER_POLICY, no_referrer);
        }
        Ok(response)
    }

    /// The text of a key.
    pub(crate) fn t(&self, key: &str) -> Cow<'_, str> {
        self.texts.t(key)
    }

    /// Whether there is a text under this key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.texts.has(key)
    }

    /// The text of a key with one argument.
    pub(crate) fn t1<'a>(
        &self,
        key: &str,
        name: &'a str,
        value: impl Into<FluentValue<'a>>,
    ) -> String {
        self.texts.t1(key, name, value)
    }

    /// The text of a message.
    pub(crate) fn say(&self, message: &Message) -> String {
        self.texts.say(message)
    }

    /// The language, for `lang` and `Content-Language`.
    pub(crate) const fn lang(&self) -> &'static str {
        self.locale().as_str()
    }

    pub(super) const fn locale(&self) -> Locale {
        self.texts.locale()
    }

    /// The organization's name, or what a portal without one is called.
    pub(crate) fn name(&self) -> Cow<'_, str> {
        match &self.brand.name {
            Some(name) => text::isolated(name),
            None => self.t("portal-name"),
        }
    }

    /// A user's text of one line, as a part of a page: see [`text::isolated`]. Form fields show texts as
    /// they are.
    #[expect(clippy::unused_self, reason = "templates have the frame")]
    pub(crate) fn isolated(&self, text: impl Display) -> String {
        text::isolated(&text.to_string()).into_owned()
    }

    pub(crate) fn navigation(&self) -> Vec<NavigationItem> {
        navigation(&self.brand, &self.path)
    }

    pub(crate) fn is_at(&self, path: &str) -> bool {
        self.path == path
    }

    pub(crate) const fn has_tickets(&self) -> bool {
        self.brand.offers(Feature::Tickets)
    }

    pub(crate) const fn has_devices(&self) -> bool {
        self.brand.offers(Feature::SelfService)
    }

    pub(crate) const fn has_assets(&self) -> bool {
        self.brand.offers(Feature::AssetCheckout)
    }

    pub(crate) const fn has_colleagues(&self) -> bool {
        self.brand.offers(Feature::Colleagues)
    }

    pub(crate) const fn has_password_reset(&self) -> bool {
        self.brand.offers(Feature::PasswordReset)
    }

    /// When the page was rendered.
    pub(crate) const fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The organization's time zone.
    pub(crate) const fn zone(&self) -> TimeZone {
        self.zone
    }

    /// The name of a client.
    pub(crate) fn client_name(&self, client: ClientName) -> String {
        client_name(self.texts, client)
    }

    /// A date in the organization's time zone.
    pub(crate) fn day(&self, instant: &DateTime<Utc>) -> String {
        Formats::day(self.locale(), self.zone.day_of(*instant))
    }

    /// A date and time in the organization's time zone.
    pub(crate) fn moment(&self, instant: &DateTime<Utc>) -> String {
        Formats::moment(self.locale(), self.zone.local(*instant))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_of_first_and_last_name() {
        for (name, expected) in [
            ("Ada Moreno", "AM"),
            ("Ada", "A"),
            ("ada maria von moreno", "AM"),
            ("Özil", "Ö"),
            ("ada@acme.example", "A"),
            ("", ""),
            ("👩‍🚀 Ada 👨‍👩‍👧", "👩‍🚀👨‍👩‍👧"),
            ("🇩🇪x 1\u{fe0f}\u{20e3}", "🇩🇪1\u{fe0f}\u{20e3}"),
            ("e\u{301}lan क्षमा", "E\u{301}क्ष"),
            ("\u{202e}ada \u{200b} \u{2068}שלום\u{2069}", "Aש"),
        ] {
            assert_eq!(initials(name), expected, "{name}");
        }
    }
}
