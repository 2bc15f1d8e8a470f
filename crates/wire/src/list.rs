//! Lists, in pages.

use std::borrow::Cow;

use portal_domain::pagination::{Page, PageRequest};
use serde::Serialize;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Ref, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A page of a list.
///
/// In the OpenAPI document it is named after its items, such as `DeviceList`. An operation names it
/// by an alias, because utoipa would repeat the item's schema for `List<Device>`.
#[derive(Debug, Serialize)]
pub struct List<T> {
    /// The items, in the list's order.
    pub data: Vec<T>,
    /// The page's place in the list.
    pub pagination: Pagination,
}

/// A page's place in a list.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Pagination {
    /// The number of the page, from 1.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub page: u32,
    /// The maximum number of items on a page.
    #[schema(minimum = 1, maximum = 100)]
    pub limit: u32,
    /// The number of items on all pages.
    #[schema(minimum = 0)]
    pub total: i64,
}

impl<T: ToSchema> PartialSchema for List<T> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some("A page of a list."))
            .property("data", ArrayBuilder::new().items(reference::<T>()))
            .required("data")
            .property("pagination", reference::<Pagination>())
            .required("pagination")
            .into()
    }
}

impl<T: ToSchema> ToSchema for List<T> {
    fn name() -> Cow<'static, str> {
        format!("{}List", T::name()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into(), T::schema()));
        schemas.push((Pagination::name().into(), Pagination::schema()));
        T::schemas(schemas);
    }
}

fn reference<T: ToSchema>() -> Ref {
    Ref::from_schema_name(T::name())
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
