//! An organization's own stylesheet.
//!
//! Its address holds the hash of its content and names no organization: what is served is always
//! that of who asks, be it by their session or by the domain that they came to.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, get};

use super::PageResult;
use crate::error::PageError;
use crate::files;
use crate::session::{Context, brand_of};

/// `GET /brand/{hash}/custom.css`.
#[get("/brand/{hash}/custom.css")]
pub(crate) async fn get_custom_css(request: HttpRequest) -> PageResult {
    let brand = brand_of(&Context::of(&request)?).await?;
    let css = brand.custom_css().ok_or(PageError::NotFound)?;
    if request.match_info().query("hash") != files::hash(&[css]) {
        return Err(PageError::NotFound);
    }
    Ok(HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((CACHE_CONTROL, "private, max-age=31536000, immutable"))
        .body(css.to_owned()))
}
