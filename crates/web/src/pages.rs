//! The route table of the pages.

use actix_web::guard::fn_guard;
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{self, ServiceConfig};
use portal_http::is_api_path;
use portal_session::{Portal, cookies};

use crate::requests::page_headers;
use crate::{assets, auth, devices, errors, files, home, layout, profile, tickets};

/// Registers all pages at the root, after the app's other routes. Every path outside the API is
/// theirs, even if it does not exist.
///
/// ```no_run
/// # fn example(portal: actix_web::web::Data<portal_session::Portal>) {
/// let pages = actix_web::web::Data::clone(&portal);
/// let app = portal_http::app_with(portal, None, &|config| portal_web::routes(&pages, config));
/// # }
/// ```
pub fn routes(portal: &Portal, config: &mut ServiceConfig) {
    let pages = web::scope("")
        .guard(fn_guard(|request| !is_api_path(request.head().uri.path())))
        .configure(features)
        .service(layout::get_custom_css)
        .default_service(web::to(errors::not_found))
        .wrap(from_fn(errors::render_errors))
        .wrap(from_fn(cookies::csrf_cookie))
        .wrap(cookies::session_cookie(portal))
        .wrap(from_fn(cookies::cookie_policy))
        .wrap(from_fn(page_headers))
        .wrap(Compress::default());
    config.configure(files::routes).service(pages);
}

/// The pages of each feature. Fixed paths come before those with an id.
fn features(config: &mut ServiceConfig) {
    config
        .configure(home::routes)
        .configure(auth::routes)
        .configure(devices::routes)
        .configure(assets::routes)
        .configure(profile::routes)
        .configure(tickets::routes);
}
