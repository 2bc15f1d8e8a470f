//! Lists, in pages.

use portal_domain::pagination::{Page, PageRequest};
use serde::Serialize;
use utoipa::ToSchema;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct List<T> {
    /// The items, in the list's order.
    pub data: Vec<T>,
    /// Which part of the list they are.
    pub pagination: Pagination,
}

/// Which part of a list a page is.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Pagination {
    /// The page, counted from 1.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub page: u32,
    /// The most items on a page.
    #[schema(minimum = 1, maximum = 100)]
    pub limit: u32,
    /// The items on all pages together.
    #[schema(minimum = 0)]
    pub total: i64,
}

impl<T> List<T> {
    /// The page that was asked for.
    pub fn new<E>(page: Page<E>, request: PageRequest, item: impl FnMut(E) -> T) -> Self {
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
