//! Browsers without a session.

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use portal_auth::SessionToken;

use crate::cookies::cookie_values;
use crate::csrf::{self, SubmittedForm};
use crate::error::RequestError;
use crate::portal::Portal;

/// The cookie that CSRF tokens of forms are bound to before sign-in. The server does not store it.
/// It is `Lax`: a link in webmail must not replace it, or the forms in other tabs would become
/// outdated. Browsers do not send it with a cross-site POST.
const VISITOR_COOKIE: &str = "breeze_portal_visitor";

/// A browser without a session.
#[derive(Debug, Clone)]
pub struct Visitor {
    token: SessionToken,
    is_new: bool,
}

impl Visitor {
    /// The visitor of the request's cookie, or a new one.
    pub fn of(request: &HttpRequest) -> Self {
        Self::known(request).next().unwrap_or_else(Self::renewed)
    }

    /// A new visitor, for whom forms that the browser has are invalid.
    pub fn renewed() -> Self {
        Self {
            token: SessionToken::generate(),
            is_new: true,
        }
    }

    /// The visitor who sent a form, and the form's fields.
    ///
    /// # Errors
    ///
    /// [`RequestError::Csrf`], and those of the body.
    pub async fn by_form(
        request: &HttpRequest,
        payload: Payload,
    ) -> Result<SubmittedForm<Self>, RequestError> {
        let visitors: Vec<_> = Self::known(request).collect();
        let ids: Vec<_> = visitors.iter().map(|visitor| visitor.token.id()).collect();
        let (fields, id) = csrf::read_form(request, payload, Portal::of(request)?, &ids).await?;
        let sender = visitors
            .into_iter()
            .find(|visitor| Some(visitor.token.id()) == id);
        Ok(match sender {
            Some(visitor) => SubmittedForm::Valid(visitor, fields),
            None => SubmittedForm::Outdated(fields),
        })
    }

    fn known(request: &HttpRequest) -> impl Iterator<Item = Self> {
        let cookies = cookie_values(request, VISITOR_COOKIE).into_iter();
        cookies.filter_map(|cookie| {
            Some(Self {
                token: cookie.parse().ok()?,
                is_new: false,
            })
        })
    }

    /// Identifies the browser in signed payloads.
    pub fn id(&self) -> String {
        self.token.id().to_string()
    }

    /// A CSRF token for forms.
    pub fn csrf_token(&self, portal: &Portal) -> String {
        portal.csrf.issue(&self.token.id())
    }

    /// The cookie to set, unless the browser has it.
    pub fn cookie(&self) -> Option<Cookie<'static>> {
        self.is_new.then(|| {
            Cookie::build(VISITOR_COOKIE, self.token.expose().to_owned())
                .path("/")
                .http_only(true)
                .same_site(SameSite::Lax)
                .finish()
        })
    }
}
