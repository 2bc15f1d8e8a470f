//! What pages for a browser share with the API: sessions and their cookies, the fence against
//! forged requests, and what a request says about where it came from.
//!
//! The crate with the pages builds on this, so that both sides of the portal have one way to be
//! signed in and one opinion on whom to believe.

use actix_session::SessionExt as _;
use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header::{CONTENT_TYPE, ORIGIN};
use actix_web::middleware::from_fn;
use actix_web::{Error, HttpMessage as _, HttpRequest, HttpResponse, Scope};
use percent_encoding::percent_decode;
use portal_auth::accounts::{Client, SignedIn};
use portal_auth::{SessionId, SessionRecord};
use portal_domain::access::Claims;
use portal_domain::values::DomainName;

use super::cookies::{self, ClearCookies, Renewal, govern, session_middleware};
use super::{csrf, member};
use crate::client::RequestInfo;
use crate::error::{ApiError, ErrorKind};
use crate::extract::read_body;
use crate::portal::Portal;

/// A boxed cause, for the log.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a browser's request goes no further.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// There is no session.
    #[error("nobody is signed in")]
    SignedOut,
    /// There was a session.
    #[error("the session has ended")]
    SessionEnded,
    /// Another site may have made the browser send this.
    #[error("the request may have been forged")]
    Forged,
    /// The body is no form.
    #[error("the body is no form")]
    NotAForm,
    /// The form holds what is no UTF-8.
    #[error("the form is not UTF-8")]
    NotUtf8,
    /// The body is longer than is read.
    #[error("the body is too long")]
    BodyTooLarge,
    /// The body did not arrive in time.
    #[error("the body did not arrive in time")]
    BodyTimeout,
    /// Something behind the portal is out of reach.
    #[error("something is out of reach")]
    Unavailable(#[source] Cause),
    /// A fault of the program.
    #[error("a fault of the program")]
    Internal(#[source] Cause),
}

impl From<ApiError> for BrowserError {
    fn from(error: ApiError) -> Self {
        match error.into_kind() {
            ErrorKind::MissingCredentials => Self::SignedOut,
            ErrorKind::InvalidSession => Self::SessionEnded,
            ErrorKind::Csrf(_) => Self::Forged,
            ErrorKind::BodyTooLarge => Self::BodyTooLarge,
            ErrorKind::BodyTimeout => Self::BodyTimeout,
            ErrorKind::MalformedJson => Self::NotAForm,
            ErrorKind::Unavailable(cause) => Self::Unavailable(cause),
            ErrorKind::Internal(cause) => Self::Internal(cause),
            other => Self::Internal(format!("{other:?}").into()),
        }
    }
}

/// Where a request came from, and where it was sent to.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The client, for whom attempts are counted.
    pub client: Client,
    /// The domain that it came to, unless it is the portal's own.
    pub custom_domain: Option<DomainName>,
    /// Whether cookies are to be sent back over HTTPS only.
    pub is_secure: bool,
}

/// Reads where a request came from.
pub fn origin(request: &HttpRequest, portal: &Portal) -> Origin {
    let config = &portal.config;
    let info = RequestInfo::of(request, &config.trusted_proxies);
    Origin {
        client: info.client(),
        custom_domain: info.custom_domain(config.public_url.host_str()),
        is_secure: cookies::is_secure(&info, portal),
    }
}

/// The live session that a request's cookie names.
#[derive(Debug, Clone, Copy)]
pub struct BrowserSession {
    /// Its id.
    pub id: SessionId,
    /// What is stored of it.
    pub record: SessionRecord,
}

impl BrowserSession {
    /// What the session claims.
    pub fn claims(&self) -> Claims {
        Claims {
            user_id: self.record.user_id,
            organization_id: self.record.org_id,
            session_version: self.record.version,
        }
    }
}

/// The session of a request, whose answer renews the cookies. Whether the request was forged is
/// for [`check_source`] and a token in the form to tell.
///
/// # Errors
///
/// [`BrowserError::SignedOut`], [`BrowserError::SessionEnded`], [`BrowserError::Unavailable`].
pub fn session(request: &HttpRequest, portal: &Portal) -> Result<BrowserSession, BrowserError> {
    let (id, record) = member::cookie_session(request)?;
    let csrf_token = cookies::csrf_token(request, portal, &id);
    request.extensions_mut().insert(Renewal { csrf_token });
    Ok(BrowserSession { id, record })
}

/// Has the answer carry the cookies of a session that was just made. The one that the browser had
/// until now ends.
///
/// # Errors
///
/// [`BrowserError::Unavailable`] and faults of the program.
pub async fn establish(
    request: &HttpRequest,
    portal: &Portal,
    signed_in: &SignedIn,
) -> Result<(), BrowserError> {
    if let Ok((former, _)) = member::cookie_session(request) {
        portal.sessions.end(&former).await.map_err(ApiError::from)?;
    }
    let session = request.get_session();
    // The cookie is to hold the new token, not the new state under the old one.
    session.renew();
    Ok(cookies::establish(request, &session, portal, signed_in)?)
}

/// Has the answer remove the session's cookies.
pub fn forget(response: &mut HttpResponse) {
    response.extensions_mut().insert(ClearCookies);
}

/// Makes sure that a request comes from a page of the portal, as far as the browser says.
///
/// A page that sends no referrer sends the origin `null` (Fetch Standard, "append a request
/// `Origin` header"): that tells nothing, and `Sec-Fetch-Site` alone decides.
///
/// # Errors
///
/// [`BrowserError::Forged`], and those of storage, which knows the custom domains.
pub async fn check_source(request: &HttpRequest, portal: &Portal) -> Result<(), BrowserError> {
    let origin = request.headers().get(ORIGIN);
    if origin.is_some_and(|origin| origin != "null") {
        csrf::check_origin(request, portal).await?;
    }
    Ok(csrf::check_fetch_site(request)?)
}

/// The fields of a form, in their order, read within the limits of any body.
///
/// # Errors
///
/// [`BrowserError::NotAForm`], [`BrowserError::NotUtf8`], [`BrowserError::BodyTooLarge`],
/// [`BrowserError::BodyTimeout`].
pub async fn form_fields(
    request: &HttpRequest,
    payload: Payload,
) -> Result<Vec<(String, String)>, BrowserError> {
    let content_type = request.headers().get(CONTENT_TYPE);
    let essence = content_type
        .and_then(|value| value.to_str().ok()?.split(';').next())
        .unwrap_or_default();
    if !essence
        .trim()
        .eq_ignore_ascii_case("application/x-www-form-urlencoded")
    {
        return Err(BrowserError::NotAForm);
    }
    let body = read_body(request, payload).await?;
    // Parsing would put another character in place of what is not UTF-8, and nobody would notice.
    if percent_decode(&body).decode_utf8().is_err() {
        return Err(BrowserError::NotUtf8);
    }
    Ok(url::form_urlencoded::parse(&body).into_owned().collect())
}

/// A scope on which browsers' sessions are known.
pub fn with_sessions<T, B>(
    portal: &Portal,
    scope: Scope<T>,
) -> Scope<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<B>,
        Error = Error,
        InitError = (),
    > + use<T, B>,
>
where
    T: ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<B>,
            Error = Error,
            InitError = (),
        > + 'static,
    B: MessageBody + 'static,
{
    scope
        .wrap(session_middleware(portal))
        .wrap(from_fn(govern::<B>))
}
