//! How values look on the wire.

use chrono::{DateTime, SecondsFormat, Utc};
use portal_domain::pagination::{Page, PageRequest};
use serde::{Deserialize, Serialize, Serializer};
use utoipa::{IntoParams, ToSchema};

/// An instant, in RFC 3339 in UTC with milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-01-31T09:05:00.000Z")]
pub(crate) struct Instant(pub(crate) DateTime<Utc>);

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl From<DateTime<Utc>> for Instant {
    fn from(instant: DateTime<Utc>) -> Self {
        Self(instant)
    }
}

/// Which part of a list is asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageParams {
    /// The page, from 1 to 1000000; anything else becomes the nearest legal one.
    #[param(example = "1")]
    page: Option<String>,
    /// The items on a page, from 1 to 100; anything else becomes the nearest legal number.
    #[param(example = "50")]
    limit: Option<String>,
}

impl PageParams {
    pub(crate) fn request(&self) -> PageRequest {
        PageRequest::parse(self.page.as_deref(), self.limit.as_deref())
    }
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListBody<T> {
    /// The items, in the list's order.
    data: Vec<T>,
    /// Which part of the list they are.
    pagination: Pagination,
}

/// Which part of a list a page is.
#[derive(Debug, Serialize, ToSchema)]
struct Pagination {
    /// The page, counted from 1.
    page: u32,
    /// The most items on a page.
    limit: u32,
    /// The items on all pages together.
    total: i64,
}

impl<T> ListBody<T> {
    pub(crate) fn new<E>(page: Page<E>, request: PageRequest, item: impl FnMut(E) -> T) -> Self {
        let Page { items, total } = page.map(item);
        let pagination = Pagination {
            page: request.page(),
            limit: request.limit(),
            total,
        };
        Self {
            data: items,
            pagination,
        }
    }
}

/// The answer where there is nothing more to say.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SuccessBody {
    success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'static str>,
}

impl SuccessBody {
    pub(crate) const OK: Self = Self {
        success: true,
        message: None,
    };

    pub(crate) const fn saying(message: &'static str) -> Self {
        Self {
            success: true,
            message: Some(message),
        }
    }
}
