//! The extractor of a signed-in user, the only way to an organization's data.

use std::future::Future;
use std::pin::Pin;

use actix_session::SessionExt as _;
use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use chrono::{DateTime, Utc};
use portal_auth::accounts::Client;
use portal_auth::{SessionId, SessionRecord, SessionToken};
use portal_domain::access::{self, Claims};
use portal_domain::actors::Customer;
use portal_domain::branding::Feature;
use portal_domain::operation::Operation;
use portal_domain::profiles::Account;
use portal_domain::store::TenantReader;

use super::cookies::{Renewal, bearer_token, csrf_token};
use super::store::CookieSession;
use super::{SESSION_COOKIE, csrf};
use crate::client::RequestInfo;
use crate::error::{ApiError, ErrorKind};
use crate::portal::Portal;

/// Somebody with a live session, whose request was not forged.
///
/// That alone opens nothing: [`read`](Self::read) and [`write`](Self::write) also hold the session
/// against the user's row, and are the only ways to an organization's data.
pub(crate) struct Member {
    portal: Data<Portal>,
    pub(crate) session_id: SessionId,
    pub(crate) session: SessionRecord,
    pub(crate) client: Client,
}

impl Member {
    /// What the session claims.
    pub(crate) fn claims(&self) -> Claims {
        Claims {
            user_id: self.session.user_id,
            organization_id: self.session.org_id,
            session_version: self.session.version,
        }
    }

    /// Answers from the organization's data, if the member may see it.
    pub(crate) async fn read<T>(
        &self,
        feature: Option<Feature>,
        query: impl AsyncFnOnce(&dyn TenantReader) -> Result<T, ApiError>,
    ) -> Result<(Account, T), ApiError> {
        access::read(&*self.portal.store, &self.claims(), feature, query).await
    }

    /// Changes the organization's data, if the member may do it.
    pub(crate) async fn write<T>(
        &self,
        feature: Option<Feature>,
        change: impl AsyncFnOnce(&Operation<'_, Customer>) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let Portal { store, env, .. } = &**self.portal;
        let (claims, info) = (self.claims(), self.client.info.clone());
        access::write(&**store, &**env, &claims, info, feature, change).await
    }

    /// The present instant.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.portal.env.now()
    }

    /// Makes sure that the member may come in at all, before work that is done outside of a view
    /// or a transaction.
    pub(crate) async fn admitted(&self) -> Result<(), ApiError> {
        self.read(None, async |_| Ok(())).await.map(drop)
    }
}

impl FromRequest for Member {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { authenticate(&request).await })
    }
}

async fn authenticate(request: &HttpRequest) -> Result<Member, ApiError> {
    let portal = request
        .app_data::<Data<Portal>>()
        .ok_or_else(|| ErrorKind::Internal("the app has no portal".into()))?;
    let (session_id, session) = match bearer_token(request) {
        Some(token) => by_bearer(token, portal).await?,
        None => by_cookie(request, portal).await?,
    };
    let info = RequestInfo::of(request, &portal.config.trusted_proxies);
    Ok(Member {
        portal: Data::clone(portal),
        session_id,
        session,
        client: info.client(),
    })
}

async fn by_bearer(token: &str, portal: &Portal) -> Result<(SessionId, SessionRecord), ApiError> {
    if token.is_empty() {
        return Err(ErrorKind::MissingCredentials.into());
    }
    let token: SessionToken = token.parse().ok().ok_or(ErrorKind::InvalidSession)?;
    let live = portal
        .sessions
        .load(&token)
        .await?
        .ok_or(ErrorKind::InvalidSession)?;
    Ok((live.id, live.record))
}

/// The session that the request's cookie names. Whether the request was forged is another question.
pub(super) fn cookie_session(
    request: &HttpRequest,
) -> Result<(SessionId, SessionRecord), ApiError> {
    match CookieSession::of(&request.get_session()) {
        Some(CookieSession::Live { id, record }) => Ok((id, record)),
        Some(CookieSession::Unavailable(cause)) => Err(ErrorKind::Unavailable(cause.into()).into()),
        Some(CookieSession::New { .. }) | None => {
            let presented = request.cookie(SESSION_COOKIE).is_some();
            let kind = if presented {
                ErrorKind::InvalidSession
            } else {
                ErrorKind::MissingCredentials
            };
            Err(kind.into())
        }
    }
}

async fn by_cookie(
    request: &HttpRequest,
    portal: &Portal,
) -> Result<(SessionId, SessionRecord), ApiError> {
    let (id, record) = cookie_session(request)?;
    let is_safe = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if !is_safe {
        csrf::check(request, portal, &id).await?;
    }
    let csrf_token = csrf_token(request, portal, &id);
    request.extensions_mut().insert(Renewal { csrf_token });
    Ok((id, record))
}
