//! What is known of a request before authentication.

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::web::Data;
use portal_domain::access::{self, AccessError};
use portal_domain::store::TenantReader;
use portal_http::Portal;
use portal_http::browser::{self, Origin};

use crate::error::PageError;
use crate::i18n::{Locale, negotiate};
use crate::layout::{Brand, NOTICE_COOKIE, Notice};

/// A request for a page.
#[derive(Clone)]
pub(crate) struct Context {
    /// The request.
    pub(crate) request: HttpRequest,
    /// The parts that the portal is made of.
    pub(crate) portal: Data<Portal>,
    /// Where the request came from, and where it was sent to.
    pub(crate) origin: Origin,
    /// The language that the browser asks for.
    pub(crate) locale: Locale,
    /// The path that is asked for.
    pub(crate) path: String,
    /// What is to be said once.
    pub(crate) notice: Option<Notice>,
}

impl Context {
    /// Reads a request.
    ///
    /// # Errors
    ///
    /// Only a fault of the program.
    pub(crate) fn of(request: &HttpRequest) -> Result<Self, PageError> {
        let portal = request
            .app_data::<Data<Portal>>()
            .ok_or_else(|| PageError::Internal("the app has no portal".into()))?;
        Ok(Self {
            request: request.clone(),
            portal: Data::clone(portal),
            origin: browser::origin(request, portal),
            locale: negotiate(request),
            path: request.path().to_owned(),
            notice: request
                .cookie(NOTICE_COOKIE)
                .and_then(|cookie| cookie.value().parse().ok()),
        })
    }

    /// Whether the request only asks, and changes nothing.
    pub(crate) fn is_safe(&self) -> bool {
        matches!(*self.request.method(), Method::GET | Method::HEAD)
    }

    /// The value of a parameter of the query, the first of its name; nothing where there is none.
    pub(crate) fn query(&self, name: &str) -> String {
        url::form_urlencoded::parse(self.request.query_string().as_bytes())
            .find(|(parameter, _)| parameter == name)
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    }

    /// The brand of the organization whose verified domain the request came to, else the neutral
    /// one.
    pub(crate) async fn brand_of_host(&self) -> Result<Brand, PageError> {
        let Some(domain) = &self.origin.custom_domain else {
            return Ok(Brand::default());
        };
        let system = self.portal.store.system_reader().await?;
        let found = system.branding_by_domain(domain).await?;
        Ok(
            found.map_or_else(Brand::default, |(organization, branding)| {
                Brand::of(organization.name.as_str(), Some(branding))
            }),
        )
    }
}

/// The brand under which somebody sees the portal: their organization's once they have signed in,
/// else that of the host.
///
/// # Errors
///
/// Those of storage.
pub(crate) async fn brand_of(context: &Context) -> Result<Brand, PageError> {
    let Ok(session) = browser::session(&context.request, &context.portal) else {
        return context.brand_of_host().await;
    };
    let branding = async |reader: &dyn TenantReader| Ok::<_, AccessError>(reader.branding().await?);
    match access::read(&*context.portal.store, &session.claims(), None, branding).await {
        Ok((account, branding)) => Ok(Brand::of(account.organization.name.as_str(), branding)),
        Err(AccessError::Storage(error)) => Err(error.into()),
        Err(_) => context.brand_of_host().await,
    }
}
