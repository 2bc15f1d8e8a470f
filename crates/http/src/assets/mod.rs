//! `/assets`: shared equipment.

mod available;
mod checkin;
mod checkout;
mod loans;

use utoipa_actix_web::service_config::ServiceConfig;

/// The routes under `/assets`. Fixed paths come before those with an id.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(available::list_assets)
        .service(loans::list_checkouts)
        .service(loans::extend_checkout)
        .service(checkout::checkout_asset)
        .service(checkin::checkin_asset);
}
