//! `/devices`: the organization's devices.

use actix_web::get;
use portal_domain::branding::Feature;
use portal_domain::devices::DeviceFilter;
use portal_wire::{Device, List};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::caching::{CachePolicy, Cached};
use crate::docs::{AccessErrors, NotModified};
use crate::error::ApiError;
use crate::extract::{PageParams, SessionUser};

/// The routes under `/devices`.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_devices);
}

type DeviceList = List<Device>;

/// List the organization's devices, last seen first.
#[utoipa::path(
    tag = "devices",
    params(PageParams),
    responses((status = 200, description = "A page of devices", body = DeviceList), NotModified, AccessErrors),
)]
#[get("")]
pub(crate) async fn list_devices(
    user: SessionUser,
    page: PageParams,
) -> Result<Cached<DeviceList>, ApiError> {
    let request = page.request();
    let (account, devices) = user
        .read(Some(Feature::SelfService), async |reader| {
            Ok(reader.devices(DeviceFilter::default(), request).await?)
        })
        .await?;
    let body = List::new(devices, request, Device::from);
    Ok(Cached::private(CachePolicy::List, &account, body))
}
