//! Lists, in pages.

use std::borrow::Cow;

use portal_domain::pagination::{Page, PageRequest};
use serde::Serialize;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Ref, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A page of a list.
///
/// In the OpenAPI document it is named after its items, such as `DeviceList`. For that an operation
/// names it by an alias: what utoipa makes of `List<Device>` would repeat the device's schema.
#[derive(Debug, Serialize)]
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
