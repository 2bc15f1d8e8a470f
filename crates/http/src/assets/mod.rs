//! `/assets`: shared equipment.

mod available;
mod checkin;
mod checkout;
mod loans;

use portal_domain::branding::Feature;
use portal_domain::ids::DeviceId;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::error::{ApiError, Missing};
use crate::extract::PathParams;

/// The feature that these routes belong to.
const FEATURE: Option<Feature> = Some(Feature::AssetCheckout);

/// The routes under `/assets`. Fixed paths come before those with an id.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(available::list_assets)
        .service(loans::list_checkouts)
        .service(loans::extend_checkout)
        .service(checkout::checkout_asset)
        .service(checkin::checkin_asset);
}

/// The device in the path.
fn device(path: &PathParams) -> Result<DeviceId, ApiError> {
    path.get("id", Missing::Asset)
}
