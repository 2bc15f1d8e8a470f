//! Browsers without a session.

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use portal_auth::SessionToken;

use crate::body::FormFields;
use crate::csrf::{self, CsrfError};
use crate::error::RequestError;
use crate::portal::Portal;

/// The cookie that CSRF tokens of forms are bound to before sign-in. The server does not store it.
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
        Self::known(request).unwrap_or_else(Self::renewed)
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
    ) -> Result<(Self, FormFields), RequestError> {
        let visitor = Self::known(request).ok_or(CsrfError::MissingCookie)?;
        let portal = Portal::of(request)?;
        let fields = csrf::read_form(request, payload, portal, &visitor.token.id()).await?;
        Ok((visitor, fields))
    }

    fn known(request: &HttpRequest) -> Option<Self> {
        let token = request.cookie(VISITOR_COOKIE)?.value().parse().ok()?;
        Some(Self {
            token,
            is_new: false,
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
                .same_site(SameSite::Strict)
                .finish()
        })
    }
}
