//! Requests of signed-in users.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::join;
use portal_auth::OpenSession;
use portal_domain::branding::Feature;
use portal_domain::ids::UserId;
use portal_domain::profiles::Account;
use portal_domain::store::TenantReader;
use portal_session::SessionUser;
use uuid::Uuid;

use super::Context;
use crate::error::PageError;
use crate::forms::{Form, IdempotencyKey};
use crate::layout::{Brand, Frame};

/// A signed-in user's request for a page. It can only read.
pub(crate) struct UserRequest {
    pub(crate) context: Context,
    user: SessionUser<PageError>,
}

impl UserRequest {
    pub(super) const fn new(context: Context, user: SessionUser<PageError>) -> Self {
        Self { context, user }
    }

    /// For error pages, whatever the method.
    pub(crate) fn of(context: Context) -> Result<Self, PageError> {
        let user = SessionUser::by_cookie(&context.request)?;
        Ok(Self { context, user })
    }

    pub(crate) const fn user_id(&self) -> UserId {
        self.user.id()
    }

    /// The user's sessions, the one used last first.
    pub(crate) async fn sessions(&self) -> Result<Vec<OpenSession>, PageError> {
        Ok(self.user.sessions().await?)
    }

    /// Whether this is the session of the request.
    pub(crate) fn is_current(&self, session: &OpenSession) -> bool {
        self.user.is_current(session)
    }

    /// Runs `query` on the organization's data, and makes the frame of the page.
    pub(crate) async fn read<T>(
        &self,
        feature: Option<Feature>,
        query: impl AsyncFnOnce(&dyn TenantReader) -> Result<T, PageError>,
    ) -> Result<(Frame, T), PageError> {
        let (frame, _, found) = self.read_account(feature, query).await?;
        Ok((frame, found))
    }

    /// [`read`](Self::read), with the user's account.
    pub(crate) async fn read_account<T>(
        &self,
        feature: Option<Feature>,
        query: impl AsyncFnOnce(&dyn TenantReader) -> Result<T, PageError>,
    ) -> Result<(Frame, Account, T), PageError> {
        let both = async |reader: &dyn TenantReader| {
            let (branding, found) = join(reader.branding(), query(reader)).await;
            Ok((branding?, found?))
        };
        let (account, (branding, found)) = self.user.read(feature, both).await?;
        let brand = Brand::of(account.organization.name.as_str(), branding);
        let frame = Frame::for_user(&self.context, &account, brand, self.user.csrf_token());
        Ok((frame, account, found))
    }

    /// Only the frame, for showing a form again.
    pub(crate) async fn frame(&self, feature: Option<Feature>) -> Result<Frame, PageError> {
        let (frame, ()) = self.read(feature, async |_| Ok(())).await?;
        Ok(frame)
    }

    /// The id of what the form called `name` creates; `None` where its idempotency key was not
    /// issued for this form and this user.
    pub(crate) fn id_to_create<T: From<Uuid>>(&self, name: &str, form: &Form) -> Option<T> {
        let key = form.value(IdempotencyKey::FIELD);
        IdempotencyKey::open(&self.context.portal.form_keys, name, self.user_id(), key)
    }

    /// A new idempotency key for a form that creates something.
    pub(crate) fn idempotency_key(&self, form: &str) -> IdempotencyKey {
        let portal = &self.context.portal;
        IdempotencyKey::new(&portal.form_keys, &*portal.env, form, self.user_id())
    }
}

impl FromRequest for UserRequest {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Context::of_get(request).and_then(Self::of))
    }
}
