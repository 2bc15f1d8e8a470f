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
use crate::extract::{PageParams, SessionUser};

/// A device that can be borrowed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Asset)]
pub(super) struct AssetBody {
    /// The id.
    #[schema(value_type = Uuid)]
    id: DeviceId,
    /// The hostname.
    #[schema(example = "acme-loan-03")]
    hostname: String,
    /// The display name.
    #[schema(required, example = "Conference notebook")]
    display_name: Option<String>,
    /// The operating system.
    os_type: OsType,
    /// The status.
    status: DeviceStatus,
    /// When it last reported.
    #[schema(required)]
    last_seen_at: Option<Timestamp>,
}

impl From<devices::Device> for AssetBody {
    fn from(device: devices::Device) -> Self {
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

/// List the devices that can be borrowed, last seen first.
#[utoipa::path(
    tag = "assets",
    params(PageParams),
    responses((status = 200, description = "A page of devices", body = AssetList), NotModified, AccessErrors),
)]
#[get("")]
pub(super) async fn list_assets(
    user: SessionUser,
    page: PageParams,
) -> Result<Cached<AssetList>, ApiError> {
    let request = page.request();
    let (account, devices) = user
        .read(FEATURE, async |reader| {
            Ok(reader.available_assets(request).await?)
        })
        .await?;
    let body = List::new(devices, request, AssetBody::from);
    Ok(Cached::private(CachePolicy::List, &account, body))
}
