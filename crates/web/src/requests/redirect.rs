//! Post/Redirect/Get.

use actix_web::HttpResponse;
use actix_web::cookie::Cookie;
use actix_web::http::header::{HeaderName, HeaderValue, LOCATION};
use portal_auth::accounts::SignedIn;
use portal_session::{Visitor, cookies, open_session};

use super::Context;
use crate::layout::{Flash, PageResult};

pub(crate) fn redirect(path: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, path))
        .finish()
}

/// Redirects to a page that shows a flash message.
pub(crate) fn redirect_with_flash(path: &str, flash: Flash) -> HttpResponse {
    let mut response = redirect(path);
    set_cookie(&mut response, &flash.cookie());
    response
}

/// Redirects a user who has just signed in. The browser's earlier session and forms end.
pub(crate) async fn redirect_signed_in(
    context: &Context,
    signed_in: &SignedIn,
    path: &str,
    flash: Option<Flash>,
) -> PageResult {
    open_session(&context.request, signed_in).await?;
    let mut response = match flash {
        Some(flash) => redirect_with_flash(path, flash),
        None => redirect(path),
    };
    renew_visitor(&mut response);
    Ok(response)
}

/// Redirects a user who has just signed out. The browser keeps no session cookies, cached pages or
/// valid forms.
pub(crate) fn redirect_signed_out(flash: Flash) -> HttpResponse {
    let mut response = redirect_with_flash("/sign-in", flash);
    cookies::clear(&mut response);
    let name = HeaderName::from_static("clear-site-data");
    let cache = HeaderValue::from_static("\"cache\"");
    response.headers_mut().insert(name, cache);
    renew_visitor(&mut response);
    response
}

fn renew_visitor(response: &mut HttpResponse) {
    if let Some(cookie) = Visitor::renewed().cookie() {
        set_cookie(response, &cookie);
    }
}

/// Our cookies are valid header values, so adding one cannot fail.
fn set_cookie(response: &mut HttpResponse, cookie: &Cookie<'_>) {
    if let Err(error) = response.add_cookie(cookie) {
        let error: &dyn std::error::Error = &error;
        tracing::error!(error, "cookie not set");
    }
}
