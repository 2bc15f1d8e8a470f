//! The route table of the pages.

use actix_web::dev::ResourceDef;
use actix_web::guard::fn_guard;
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{self, ServiceConfig};
use portal_http::is_api_path;
use portal_session::{Portal, cookies};

use crate::requests::{in_pieces, page_headers};
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
        .wrap(from_fn(in_pieces))
        .wrap(Compress::default());
    config.configure(files::routes).service(pages);
}

/// The paths of the pages and the methods that they take, as `Allow` lists them.
const METHODS: [(&str, &str); 24] = [
    ("/", "GET, HEAD"),
    ("/accept-invite", "GET, HEAD, POST"),
    ("/devices", "GET, HEAD"),
    ("/devices/{id}", "GET, HEAD"),
    ("/equipment", "GET, HEAD"),
    ("/equipment/loans", "GET, HEAD"),
    ("/equipment/loans/{id}", "GET, HEAD, POST"),
    ("/equipment/loans/{id}/check-in", "GET, HEAD, POST"),
    ("/equipment/{id}/check-out", "GET, HEAD, POST"),
    ("/forgot-password", "GET, HEAD, POST"),
    ("/profile", "GET, HEAD, POST"),
    ("/profile/password", "POST"),
    ("/profile/sessions/{id}", "POST"),
    ("/reset-password", "GET, HEAD, POST"),
    ("/sign-in", "GET, HEAD, POST"),
    ("/sign-in/organization", "POST"),
    ("/sign-out", "POST"),
    ("/tickets", "GET, HEAD"),
    ("/tickets/new", "GET, HEAD, POST"),
    ("/tickets/{id}", "GET, HEAD, POST"),
    ("/tickets/{id}/close", "POST"),
    ("/tickets/{id}/participants", "POST"),
    (
        "/tickets/{id}/comments/{comment}/{action:edit|withdraw}",
        "GET, HEAD, POST",
    ),
    ("/unsubscribe", "GET, HEAD, POST"),
];

/// The methods that a page takes; `None` where there is no page.
pub(crate) fn methods(path: &str) -> Option<&'static str> {
    METHODS
        .iter()
        .find(|(pattern, _)| ResourceDef::new(*pattern).is_match(path))
        .map(|(_, methods)| *methods)
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// The method and path of each handler's attribute in a folder.
    fn handlers(folder: &Path, found: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                handlers(&path, found);
                continue;
            }
            for line in std::fs::read_to_string(&path).unwrap().lines() {
                for method in ["get", "post"] {
                    let route = line.strip_prefix(&format!("#[{method}(\""));
                    if let Some(route) = route.and_then(|rest| rest.strip_suffix("\")]")) {
                        found.push((method.to_uppercase(), route.to_owned()));
                    }
                }
            }
        }
    }

    #[test]
    fn the_address_of_each_form_leads_to_a_page() {
        let forms = METHODS.iter().filter(|(_, methods)| *methods == "POST");
        for (pattern, _) in forms {
            let path = pattern.replace("{id}", "018f3e2a-0000-7000-8000-000000000000");
            let page = errors::page_of_form(&path);
            let methods = methods(page).unwrap_or_default();
            assert!(methods.starts_with("GET"), "{pattern} leads to {page}");
        }
    }

    #[test]
    fn every_page_is_in_the_table_with_its_methods() {
        let mut found = Vec::new();
        handlers(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
            &mut found,
        );
        // Files are no pages.
        found.retain(|(_, route)| !route.contains("{hash}"));
        assert!(found.len() > 30, "{found:?}");
        for (method, route) in found {
            let allowed = methods(&route).unwrap_or_else(|| panic!("{route} is missing"));
            assert!(
                allowed.split(", ").any(|it| it == method),
                "{method} {route}"
            );
        }
    }
}
