//! An organization's custom stylesheet.
//!
//! Its address contains the hash of its content but no organization: the stylesheet is that of the
//! session's organization, or else of the host's.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, get};
use portal_domain::branding::CustomCss;

use super::{Brand, PageResult};
use crate::error::PageError;
use crate::files;
use crate::requests::{Context, brand_of};

#[get("/brand/{hash}/custom.css")]
pub(crate) async fn get_custom_css(request: HttpRequest) -> PageResult {
    let context = Context::of(&request)?;
    let hash = request.match_info().query("hash");
    let own = |brand: Brand| {
        let has_hash = |css: &CustomCss| files::hash(&[css.as_str()]) == hash;
        brand.custom_css.filter(has_hash)
    };
    let mut css = own(brand_of(&context).await?);
    if css.is_none() {
        // Public pages, such as sign-in, have the brand of the host.
        css = own(context.brand_of_host().await?);
    }
    Ok(HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((CACHE_CONTROL, "private, max-age=31536000, immutable"))
        .insert_header(("cross-origin-resource-policy", "same-origin"))
        .body(css.ok_or(PageError::NotFound)?.into_string()))
}
