//! `/devices`: the organization's devices.

use actix_web::get;
use portal_domain::branding::Feature;
use portal_domain::devices::{Device, DeviceFilter};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::caching::{CachePolicy, Cached};
use crate::docs::{MemberErrors, NotModified};
use crate::error::ApiError;
use crate::extract::QueryParams;
use crate::session::Member;
use crate::wire::{Instant, ListBody, PageParams};

/// The routes under `/devices`.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_devices);
}

/// A device.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Device)]
pub(crate) struct DeviceBody {
    id: String,
    #[schema(example = "acme-lt-014")]
    hostname: String,
    #[schema(required, example = "Ada's notebook")]
    display_name: Option<String>,
    /// `windows`, `macos` or `linux`.
    os_type: &'static str,
    #[schema(example = "11 24H2")]
    os_version: String,
    /// `online`, `offline`, `maintenance`, `decommissioned`, `quarantined`, `updating` or `pending`.
    status: &'static str,
    #[schema(required)]
    last_seen_at: Option<Instant>,
}

impl From<Device> for DeviceBody {
    fn from(device: Device) -> Self {
        Self {
            id: device.id.to_string(),
            hostname: device.hostname.into_string(),
            display_name: device
                .display_name
                .map(portal_domain::devices::DisplayName::into_string),
            os_type: device.os_type.as_str(),
            os_version: device.os_version.into_string(),
            status: device.status.as_str(),
            last_seen_at: device.last_seen_at.map(Instant),
        }
    }
}

/// Devices of the organization, last seen first.
#[utoipa::path(
    tag = "devices",
    params(PageParams),
    responses((status = 200, description = "A page of devices", body = ListBody<DeviceBody>), NotModified, MemberErrors),
    security(("bearer" = []), ("cookie" = [])),
)]
#[get("")]
pub(crate) async fn list_devices(
    member: Member,
    page: QueryParams<PageParams>,
) -> Result<Cached<ListBody<DeviceBody>>, ApiError> {
    let request = page.0.request();
    let (account, devices) = member
        .read(Some(Feature::SelfService), async |reader| {
            Ok(reader.devices(DeviceFilter::default(), request).await?)
        })
        .await?;
    let body = ListBody::new(devices, request, DeviceBody::from);
    Ok(Cached::private(CachePolicy::List, &account, body))
}
