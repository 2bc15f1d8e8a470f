//! An organization's custom stylesheet.
//!
//! Its address holds the hash of its content and names no organization: what is served is always
//! that of who asks, by their session, or else by the domain that they came to.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, get};
use portal_domain::branding::CustomCss;

use super::{Brand, PageResult};
use crate::error::PageError;
use crate::files;
use crate::requests::{Context, brand_of};

/// `GET /brand/{hash}/custom.css`.
#[get("/brand/{hash}/custom.css")]
pub(crate) async fn get_custom_css(request: HttpRequest) -> PageResult {
    let context = Context::of(&request)?;
    let asked = request.match_info().query("hash");
    let own = |brand: Brand| {
        let is_asked = |css: &CustomCss| files::hash(&[css.as_str()]) == asked;
        brand.custom_css.filter(is_asked)
    };
    let mut css = own(brand_of(&context).await?);
    if css.is_none() {
        // Pages for everybody, such as signing in, are in the brand of the host.
        css = own(context.brand_of_host().await?);
    }
    Ok(HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((CACHE_CONTROL, "private, max-age=31536000, immutable"))
        .insert_header(("cross-origin-resource-policy", "same-origin"))
        .body(css.ok_or(PageError::NotFound)?.into_string()))
}
