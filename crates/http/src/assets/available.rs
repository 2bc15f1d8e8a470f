//! `GET /assets`.

use actix_web::get;
use portal_domain::devices;
use portal_domain::ids::DeviceId;
use portal_wire::{Device, DeviceStatus, List, OsType, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::FEATURE;
use crate::caching::{CachePolicy, Cached};
use crate::docs::{AccessErrors, NotModified};
use crate::error::ApiError;
use crate::extract::{Authenticated, PageParams};

/// A device that can be borrowed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Asset)]
pub(super) struct AssetBody {
    /// Its id.
    #[schema(value_type = Uuid)]
    id: DeviceId,
    /// The name by which it knows itself.
    #[schema(example = "acme-loan-03")]
    hostname: String,
    /// The name by which people know it.
    #[schema(required, example = "Conference notebook")]
    display_name: Option<String>,
    /// Its operating system.
    os_type: OsType,
    /// What state it is in.
    status: DeviceStatus,
    /// When it was last in touch.
    #[schema(required)]
    last_seen_at: Option<Timestamp>,
}

impl From<&devices::Device> for AssetBody {
    fn from(device: &devices::Device) -> Self {
        let Device {
            id,
            hostname,
            display_name,
            os_type,
            os_version: _,
            status,
            last_seen_at,
        } = device.into();
        Self {
            id,
            hostname,
            display_name,
            os_type,
            status,
            last_seen_at,
        }
    }
}

type AssetList = List<AssetBody>;

/// Devices that can be borrowed now, last seen first.
#[utoipa::path(
    tag = "assets",
    params(PageParams),
    responses((status = 200, description = "A page of devices", body = AssetList), NotModified, AccessErrors),
)]
#[get("")]
pub(super) async fn list_assets(
    user: Authenticated,
    page: PageParams,
) -> Result<Cached<AssetList>, ApiError> {
    let request = page.request();
    let (account, devices) = user
        .read(FEATURE, async |reader| {
            Ok(reader.available_assets(request).await?)
        })
        .await?;
    let body = List::new(devices, request, |device| AssetBody::from(&device));
    Ok(Cached::private(CachePolicy::List, &account, body))
}
