//! What all page requests have.

use std::str::FromStr;

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::web::Data;
use portal_domain::pagination::PageRequest;
use portal_session::{Portal, RequestInfo, SessionUser};

use crate::error::PageError;
use crate::i18n::{Locale, negotiate};
use crate::layout::{Brand, Flash};

/// A request for a page.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) request: HttpRequest,
    pub(crate) portal: Data<Portal>,
    pub(crate) info: RequestInfo,
    /// The browser's language.
    pub(crate) locale: Locale,
    pub(crate) flash: Option<Flash>,
}

impl Context {
    pub(crate) fn of(request: &HttpRequest) -> Result<Self, PageError> {
        let portal = Portal::of(request)?;
        Ok(Self {
            request: request.clone(),
            portal: Data::clone(portal),
            info: browser(RequestInfo::of(request, &portal.config)),
            locale: negotiate(request),
            flash: Flash::of(request),
        })
    }

    /// [`Self::of`], for GET.
    ///
    /// # Errors
    ///
    /// [`PageError::Forged`] for other methods, whose forms have extractors of their own.
    pub(super) fn of_get(request: &HttpRequest) -> Result<Self, PageError> {
        let context = Self::of(request)?;
        if context.is_safe() {
            Ok(context)
        } else {
            Err(PageError::Forged)
        }
    }

    pub(crate) fn is_safe(&self) -> bool {
        matches!(*self.request.method(), Method::GET | Method::HEAD)
    }

    pub(crate) fn path(&self) -> &str {
        self.request.path()
    }

    /// A part of the path.
    ///
    /// # Errors
    ///
    /// [`PageError::NotFound`] if it is no `T`.
    pub(crate) fn path_part<T: FromStr>(&self, name: &str) -> Result<T, PageError> {
        let part = self.request.match_info().query(name).parse();
        part.ok().ok_or(PageError::NotFound)
    }

    /// The first value of a query parameter, or the empty string.
    pub(crate) fn query(&self, name: &str) -> String {
        url::form_urlencoded::parse(self.request.query_string().as_bytes())
            .find(|(parameter, _)| parameter == name)
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    }

    /// The page of a list that the query asks for.
    pub(crate) fn page(&self, items: &str) -> PageRequest {
        PageRequest::parse(Some(&self.query("page")), Some(items))
    }

    /// The brand of the organization of the custom domain, else the neutral one.
    pub(crate) async fn brand_of_host(&self) -> Result<Brand, PageError> {
        let Some(domain) = &self.info.custom_domain else {
            return Ok(Brand::default());
        };
        let client = self.info.client.address;
        let found = self.portal.branding_by_domain(domain, client).await?;
        Ok(
            found.map_or_else(Brand::default, |(organization, branding)| {
                Brand::of(organization.name.as_str(), Some(branding))
            }),
        )
    }
}

/// A client of pages is a browser, whatever its headers.
fn browser(mut info: RequestInfo) -> RequestInfo {
    info.client.is_browser = true;
    info
}

/// The brand of a signed-in user's organization, else that of the host.
pub(crate) async fn brand_of(context: &Context) -> Result<Brand, PageError> {
    let Ok(user) = SessionUser::<PageError>::by_cookie(&context.request) else {
        return context.brand_of_host().await;
    };
    let branding = user
        .read(None, async |reader| Ok(reader.branding().await?))
        .await;
    match branding {
        Ok((account, branding)) => Ok(Brand::of(account.organization.name.as_str(), branding)),
        Err(error @ PageError::Fault(_)) => Err(error),
        Err(_) => context.brand_of_host().await,
    }
}
