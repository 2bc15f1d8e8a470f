//! Extractors of signed-in users, the only ways to an organization's data.

use std::future::Future;
use std::marker::PhantomData;
use std::ops::Deref;
use std::pin::Pin;

use actix_session::SessionExt as _;
use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use futures_util::TryFutureExt as _;
use portal_auth::accounts::{Client, SignedIn};
use portal_auth::{
    LimitError, OpenSession, SessionId, SessionRecord, SessionToken, StateUnavailable, Writer,
};
use portal_domain::access::{self, AccessError};
use portal_domain::actors::Customer;
use portal_domain::branding::Feature;
use portal_domain::ids::UserId;
use portal_domain::operation::Operation;
use portal_domain::profiles::{Account, record_session_end, record_sign_out};
use portal_domain::store::{Asker, StorageError, TenantReader};

use crate::SESSION_COOKIE;
use crate::csrf::{self, SubmittedForm};
use crate::devices;
use crate::error::{Fault, RequestError};
use crate::multipart;
use crate::portal::Portal;
use crate::request_info::RequestInfo;
use crate::store::CookieSession;
use crate::uploads::UploadFailure;

/// The error type of a front end's handlers.
pub trait FrontEndError:
    From<RequestError>
    + From<AccessError>
    + From<StorageError>
    + From<UploadFailure>
    + Into<actix_web::Error>
    + 'static
{
}

impl<E> FrontEndError for E where
    E: From<RequestError>
        + From<AccessError>
        + From<StorageError>
        + From<UploadFailure>
        + Into<actix_web::Error>
        + 'static
{
}

/// A user with a live session; `E` is the front end's error.
///
/// It can only read, so it needs no CSRF check. [`read`](Self::read) checks the session against the
/// user's row.
pub struct SessionUser<E> {
    pub(crate) portal: Data<Portal>,
    pub(crate) id: SessionId,
    record: SessionRecord,
    error: PhantomData<fn() -> E>,
}

// Deriving it would require `E: Clone`.
impl<E> Clone for SessionUser<E> {
    fn clone(&self) -> Self {
        Self {
            portal: Data::clone(&self.portal),
            ..*self
        }
    }
}

impl<E: FrontEndError> SessionUser<E> {
    /// The user of the request's session cookie. The response renews the cookies.
    ///
    /// # Errors
    ///
    /// [`RequestError::MissingCredentials`], [`RequestError::InvalidSession`], and faults.
    pub fn by_cookie(request: &HttpRequest) -> Result<Self, RequestError> {
        let portal = Portal::of(request)?;
        let (id, record) = cookie_session(request)?;
        CookieSession::renew(&request.get_session())?;
        Ok(Self::new(portal, id, record))
    }

    fn new(portal: &Data<Portal>, id: SessionId, record: SessionRecord) -> Self {
        Self {
            portal: Data::clone(portal),
            id,
            record,
            error: PhantomData,
        }
    }

    /// The id of the user.
    pub const fn id(&self) -> UserId {
        self.record.user_id
    }

    /// The stored session.
    pub const fn session(&self) -> &SessionRecord {
        &self.record
    }

    /// A CSRF token for forms, bound to the session.
    pub fn csrf_token(&self) -> String {
        self.portal.csrf.issue(&self.id)
    }

    /// The user's sessions, the one used last first. This one is among them.
    ///
    /// # Errors
    ///
    /// [`StateUnavailable`].
    pub async fn sessions(&self) -> Result<Vec<OpenSession>, StateUnavailable> {
        let mut open = self.portal.sessions.of_user(&self.record).await?;
        if !open.iter().any(|session| self.is_current(session)) {
            let this = OpenSession {
                public_id: self.id.public(),
                id: self.id,
                record: self.record,
                last_used_at: self.portal.env.now(),
            };
            open.insert(0, this);
        }
        Ok(open)
    }

    /// Whether this is the session of the request.
    pub fn is_current(&self, session: &OpenSession) -> bool {
        session.id == self.id
    }

    /// Runs `query` on the organization's data, if the user may use `feature`. It begins when the
    /// user has room in their share of the database.
    ///
    /// # Errors
    ///
    /// Those of the access check first, then those of `query`.
    pub async fn read<T>(
        &self,
        feature: Option<Feature>,
        query: impl AsyncFnOnce(&dyn TenantReader) -> Result<T, E>,
    ) -> Result<(Account, T), E> {
        let store = self.portal.store.on_behalf_of(Asker::User(self.id()));
        access::read(&*store, &self.record.claims(), feature, query).await
    }

    /// Checks that the user may use `feature`.
    ///
    /// # Errors
    ///
    /// Those of the access check.
    pub async fn check(&self, feature: Option<Feature>) -> Result<(), E> {
        self.read(feature, async |_| Ok(())).await.map(drop)
    }
}

/// A user with a live session whose request passed the CSRF check.
pub struct Authenticated<E> {
    user: SessionUser<E>,
    client: Client,
    pub(crate) request: HttpRequest,
}

impl<E> Deref for Authenticated<E> {
    type Target = SessionUser<E>;

    fn deref(&self) -> &SessionUser<E> {
        &self.user
    }
}

impl<E: FrontEndError> Authenticated<E> {
    /// The user who sent a form, and the form's fields. A form may have files (`multipart/form-data`):
    /// they are taken as [`upload`](Self::upload) does, and are among the fields as [`FileField`](crate::FileField)s.
    ///
    /// # Errors
    ///
    /// [`RequestError::Csrf`], those of the body, and faults.
    pub async fn by_form(
        request: &HttpRequest,
        payload: Payload,
    ) -> Result<SubmittedForm<Self>, E> {
        if multipart::is_multipart(request) {
            return multipart::by_multipart(request, payload).await;
        }
        Ok(Self::by_plain_form(request, payload).await?)
    }

    async fn by_plain_form(
        request: &HttpRequest,
        payload: Payload,
    ) -> Result<SubmittedForm<Self>, RequestError> {
        let portal = Portal::of(request)?;
        let user = match SessionUser::by_cookie(request) {
            Ok(user) => user,
            Err(error) => {
                let read = csrf::read_form(request, payload, portal, &[]);
                let read = read.map_ok(|(fields, _)| fields);
                return csrf::without_session(error, read).await;
            }
        };
        let (fields, session) = csrf::read_form(request, payload, portal, &[user.id]).await?;
        Ok(match session {
            Some(_) => SubmittedForm::Valid(Self::new(user, request), fields),
            None => SubmittedForm::Outdated(fields),
        })
    }

    /// The caller has made the CSRF check.
    pub(crate) fn new(user: SessionUser<E>, request: &HttpRequest) -> Self {
        let client = RequestInfo::of(request, &user.portal.config).client;
        Self {
            user,
            client,
            request: request.clone(),
        }
    }

    /// The client that sent the request.
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// Runs `change` on the organization's data in a transaction, if the user may use `feature`,
    /// `input` is valid, and the user and their organization have not made too many changes. The
    /// transaction begins when the user has room in their share of the database.
    ///
    /// Every change counts, whatever comes of it, but no invalid input. Invalid input and too many
    /// changes are reported after the access check, without a transaction.
    ///
    /// # Errors
    ///
    /// Those of the access check, then that of `input`, then [`RequestError::TooManyWrites`], then
    /// those of `change`. Nothing has changed in any of these cases.
    pub async fn write<I, T>(
        &self,
        feature: Option<Feature>,
        input: Result<I, E>,
        change: impl AsyncFnOnce(&Operation<'_, Customer>, I) -> Result<T, E>,
    ) -> Result<T, E> {
        let counted = match input {
            Ok(input) => match self.count_write().await {
                Ok(()) => Ok(input),
                Err(LimitError::Unavailable(error)) => return Err(RequestError::from(error).into()),
                Err(exceeded) => Err(RequestError::from(exceeded).into()),
            },
            Err(error) => Err(error),
        };
        match counted {
            Ok(input) => self.write_uncounted(feature, input, change).await,
            Err(error) => {
                self.check(feature).await?;
                Err(error)
            }
        }
    }

    pub(crate) async fn count_write(&self) -> Result<(), LimitError> {
        let writer = Writer {
            user: self.record.user_id,
            organization: self.record.org_id,
        };
        let limits = &self.portal.config.write_limits;
        self.portal.limiter.write(&writer, limits).await
    }

    pub(crate) async fn write_uncounted<I, T>(
        &self,
        feature: Option<Feature>,
        input: I,
        change: impl AsyncFnOnce(&Operation<'_, Customer>, I) -> Result<T, E>,
    ) -> Result<T, E> {
        let (env, store) = (&*self.portal.env, &self.portal.store);
        let store = store.on_behalf_of(Asker::User(self.id()));
        let (claims, client) = (self.record.claims(), self.client.info.clone());
        access::write(&*store, env, &claims, client, feature, async |op| {
            change(op, input).await
        })
        .await
    }

    /// Records that the user signs out, and ends the session. It counts as no change: whoever has
    /// made too many can still sign out.
    ///
    /// # Errors
    ///
    /// Those of the access check, then that of `input`.
    pub async fn sign_out(&self, input: Result<(), E>) -> Result<(), E> {
        if let Err(error) = input {
            self.check(None).await?;
            return Err(error);
        }
        self.write_uncounted(None, (), async |op, ()| Ok(record_sign_out(op).await?))
            .await?;
        let ended = self.portal.sessions.end(&self.id).await;
        Ok(ended.map_err(RequestError::from)?)
    }

    /// Ends another of the user's [`sessions`](SessionUser::sessions). It does not count as a change:
    /// the other session may have made all that there is room for.
    ///
    /// # Errors
    ///
    /// Those of the access check.
    pub async fn end(&self, session: &OpenSession) -> Result<(), E> {
        let id = session.public_id;
        self.write_uncounted(None, (), async |op, ()| {
            Ok(record_session_end(op, id).await?)
        })
        .await?;
        let ended = self.portal.sessions.end(&session.id).await;
        Ok(ended.map_err(RequestError::from)?)
    }

    /// Moves this session to a new session version, and ends the user's other sessions.
    ///
    /// The new password is already stored, so a failure is only logged: at worst this session ends
    /// too.
    pub async fn keep_session(&self, version: i64) {
        let record = SessionRecord {
            version,
            ..self.record
        };
        let kept = async {
            let sessions = &self.portal.sessions;
            sessions.update(&self.id, &record).await?;
            sessions.end_others_of(record.user_id, &self.id).await
        };
        if let Err(error) = kept.await {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "session not kept after a password change");
        }
    }
}

/// For reading through the API: by bearer token, or by cookie.
impl<E: FrontEndError> FromRequest for SessionUser<E> {
    type Error = E;
    type Future = Pin<Box<dyn Future<Output = Result<Self, E>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            Ok(match bearer_token(&request) {
                Some(token) => by_bearer(&request, token).await?,
                None => Self::by_cookie(&request)?,
            })
        })
    }
}

/// For changes through the API: by bearer token, or by cookie with the CSRF header, whatever the
/// method.
impl<E: FrontEndError> FromRequest for Authenticated<E> {
    type Error = E;
    type Future = Pin<Box<dyn Future<Output = Result<Self, E>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Ok(authenticate(&request).await?) })
    }
}

async fn authenticate<E: FrontEndError>(
    request: &HttpRequest,
) -> Result<Authenticated<E>, RequestError> {
    let user = match bearer_token(request) {
        Some(token) => by_bearer(request, token).await?,
        None => by_cookie_and_header(request).await?,
    };
    Ok(Authenticated::new(user, request))
}

async fn by_bearer<E: FrontEndError>(
    request: &HttpRequest,
    token: &str,
) -> Result<SessionUser<E>, RequestError> {
    let portal = Portal::of(request)?;
    if token.is_empty() {
        return Err(RequestError::MissingCredentials);
    }
    let token: SessionToken = token.parse().ok().ok_or(RequestError::InvalidSession)?;
    let found = portal.sessions.load(&token).await?;
    let live = found.ok_or(RequestError::InvalidSession)?;
    Ok(SessionUser::new(portal, live.id, live.record))
}

async fn by_cookie_and_header<E: FrontEndError>(
    request: &HttpRequest,
) -> Result<SessionUser<E>, RequestError> {
    let (id, _) = cookie_session(request)?;
    csrf::check_header(request, Portal::of(request)?, &id).await?;
    SessionUser::by_cookie(request)
}

/// The token behind `Bearer` (in any case, RFC 9110, section 11.1) in `Authorization`, valid or not.
pub(crate) fn bearer_token(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The session of the request's cookie.
fn cookie_session(request: &HttpRequest) -> Result<(SessionId, SessionRecord), RequestError> {
    match CookieSession::of(&request.get_session()) {
        Some(CookieSession::Live { id, record }) => Ok((id, record)),
        Some(CookieSession::Unavailable(cause)) => Err(Fault::Unavailable(cause.into()).into()),
        Some(CookieSession::New { .. }) | None if request.cookie(SESSION_COOKIE).is_some() => {
            Err(RequestError::InvalidSession)
        }
        Some(CookieSession::New { .. }) | None => Err(RequestError::MissingCredentials),
    }
}

/// Sets the cookies of a new session and of the browser's device tokens, and ends the session that it
/// had before. Yields the session's user.
///
/// # Errors
///
/// Faults.
pub async fn open_session<E: FrontEndError>(
    request: &HttpRequest,
    signed_in: &SignedIn,
) -> Result<SessionUser<E>, RequestError> {
    end_session(request).await?;
    let session = &signed_in.session;
    CookieSession::open(&request.get_session(), &session.token)?;
    devices::remember(request, Portal::of(request)?, signed_in);
    Ok(SessionUser::new(
        Portal::of(request)?,
        session.id,
        session.record,
    ))
}

/// Ends the session of the request's cookie, if there is one.
///
/// # Errors
///
/// Faults.
pub async fn end_session(request: &HttpRequest) -> Result<(), RequestError> {
    match cookie_session(request) {
        Ok((id, _)) => Ok(Portal::of(request)?.sessions.end(&id).await?),
        Err(RequestError::Fault(fault)) => Err(fault.into()),
        Err(_) => Ok(()),
    }
}
