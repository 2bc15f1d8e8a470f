//! `GET /assets`.

use actix_web::get;
use portal_domain::branding::Feature;
use portal_domain::devices::Device;
use serde::Serialize;
use utoipa::ToSchema;

use crate::caching::{CachePolicy, Cached};
use crate::docs::{MemberErrors, NotModified};
use crate::error::ApiError;
use crate::extract::QueryParams;
use crate::session::Member;
use crate::wire::{Instant, ListBody, PageParams};

/// A device that can be borrowed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Asset)]
pub(super) struct AssetBody {
    id: String,
    #[schema(example = "acme-loan-03")]
    hostname: String,
    #[schema(required, example = "Conference notebook")]
    display_name: Option<String>,
    /// `windows`, `macos` or `linux`.
    os_type: &'static str,
    status: &'static str,
    #[schema(required)]
    last_seen_at: Option<Instant>,
}

impl From<Device> for AssetBody {
    fn from(device: Device) -> Self {
        Self {
            id: device.id.to_string(),
            hostname: device.hostname.into_string(),
            display_name: device
                .display_name
                .map(portal_domain::devices::DisplayName::into_string),
            os_type: device.os_type.as_str(),
            status: device.status.as_str(),
            last_seen_at: device.last_seen_at.map(Instant),
        }
    }
}

/// Devices that can be borrowed now, last seen first.
#[utoipa::path(
    tag = "assets",
    params(PageParams),
    responses((status = 200, description = "A page of devices", body = ListBody<AssetBody>), NotModified, MemberErrors),
    security(("bearer" = []), ("cookie" = [])),
)]
#[get("")]
pub(super) async fn list_assets(
    member: Member,
    page: QueryParams<PageParams>,
) -> Result<Cached<ListBody<AssetBody>>, ApiError> {
    let request = page.0.request();
    let (account, devices) = member
        .read(Some(Feature::AssetCheckout), async |reader| {
            Ok(reader.available_assets(request).await?)
        })
        .await?;
    let body = ListBody::new(devices, request, AssetBody::from);
    Ok(Cached::private(CachePolicy::List, &account, body))
}
