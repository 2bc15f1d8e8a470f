//! The extractor of a signed-in visitor.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::join;
use portal_domain::access::{self, AccessError};
use portal_domain::actors::Customer;
use portal_domain::branding::Feature;
use portal_domain::ids::UserId;
use portal_domain::operation::Operation;
use portal_domain::profiles::Account;
use portal_domain::store::{StorageError, TenantReader};
use portal_http::Portal;
use portal_http::browser::{self, BrowserSession};

use super::Context;
use crate::error::PageError;
use crate::forms::Once;
use crate::layout::{Brand, Frame};

/// Somebody with a live session.
///
/// That alone opens nothing: [`read`](Self::read) and [`write`](Self::write) also hold the session
/// against the user's row, and are the only ways to an organization's data.
pub(crate) struct Visit {
    /// The request.
    pub(crate) context: Context,
    /// The session.
    pub(crate) session: BrowserSession,
}

impl Visit {
    /// The session of a request, whoever made the browser send it.
    pub(crate) fn of(context: Context) -> Result<Self, PageError> {
        let session = browser::session(&context.request, &context.portal)?;
        Ok(Self { context, session })
    }

    /// The user.
    pub(crate) const fn user(&self) -> UserId {
        self.session.record.user_id
    }

    /// Answers from the organization's data, if the visitor may see it, with the frame to show
    /// the answer in.
    ///
    /// # Errors
    ///
    /// Those of the check, and those of `query`.
    pub(crate) async fn read<T>(
        &self,
        feature: Option<Feature>,
        query: impl AsyncFnOnce(&dyn TenantReader) -> Result<T, PageError>,
    ) -> Result<(Frame, T), PageError> {
        let (frame, _, answer) = self.read_account(feature, query).await?;
        Ok((frame, answer))
    }

    /// [`read`](Self::read), with the visitor's account as well.
    ///
    /// # Errors
    ///
    /// Those of the check, and those of `query`.
    pub(crate) async fn read_account<T>(
        &self,
        feature: Option<Feature>,
        query: impl AsyncFnOnce(&dyn TenantReader) -> Result<T, PageError>,
    ) -> Result<(Frame, Account, T), PageError> {
        let portal = &self.context.portal;
        let claims = self.session.claims();
        let both = async |reader: &dyn TenantReader| {
            let (branding, answer) = join(reader.branding(), query(reader)).await;
            Ok::<_, PageError>((branding?, answer?))
        };
        let (account, (branding, answer)) =
            access::read(&*portal.store, &claims, feature, both).await?;
        let brand = Brand::of(account.organization.name.as_str(), branding);
        let csrf = portal.csrf.issue(&self.session.id);
        let frame = Frame::for_member(&self.context, &account, brand, csrf);
        Ok((frame, account, answer))
    }

    /// The frame alone, if the visitor may come in: for showing a form again.
    ///
    /// # Errors
    ///
    /// Those of the check.
    pub(crate) async fn frame(&self, feature: Option<Feature>) -> Result<Frame, PageError> {
        let (frame, ()) = self.read(feature, async |_| Ok(())).await?;
        Ok(frame)
    }

    /// Changes the organization's data, if the visitor may do it.
    ///
    /// # Errors
    ///
    /// Those of the check, and those of `change`; either way nothing has happened.
    pub(crate) async fn write<T, E>(
        &self,
        feature: Option<Feature>,
        change: impl AsyncFnOnce(&Operation<'_, Customer>) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<AccessError> + From<StorageError>,
    {
        let Portal { store, env, .. } = &**self.context.portal;
        let info = self.context.origin.client.info.clone();
        access::write(
            &**store,
            &**env,
            &self.session.claims(),
            info,
            feature,
            change,
        )
        .await
    }

    /// A mark for a form that makes one thing, however often it is submitted.
    pub(crate) fn once(&self, form: &str) -> Once {
        let portal = &self.context.portal;
        Once::mint(&portal.form_marks, &*portal.env, form, self.user())
    }
}

impl FromRequest for Visit {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let visit = Context::of(request).and_then(|context| {
            if context.is_safe() {
                Self::of(context)
            } else {
                Err(PageError::Forged)
            }
        });
        ready(visit)
    }
}
