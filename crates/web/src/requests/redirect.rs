//! Post/Redirect/Get.

use actix_web::HttpResponse;
use actix_web::http::header::{HeaderName, HeaderValue, LOCATION};
use portal_auth::accounts::SignedIn;
use portal_session::{Visitor, cookies, open_session};

use super::{Context, UserRequest};
use crate::errors;
use crate::forms::Draft;
use crate::layout::{Flash, PageResult, set_cookie};

pub(crate) fn redirect(path: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, path))
        .finish()
}

/// Redirects to a page that shows a flash message.
pub(crate) fn redirect_with_flash(path: &str, flash: Flash) -> HttpResponse {
    let mut response = redirect(path);
    flash.set_on(&mut response);
    response
}

/// Opens the session of a user who has just signed in, and redirects them, or shows a draft to be
/// sent. The browser's earlier session and forms end.
pub(crate) async fn redirect_signed_in(
    context: &Context,
    signed_in: &SignedIn,
    path: &str,
    draft: Option<Draft>,
) -> PageResult {
    let user = open_session(&context.request, signed_in).await?;
    let draft = draft.filter(|draft| draft.is_of(user.id()));
    let mut response = match draft {
        Some(draft) => {
            let request = UserRequest::new(context.clone(), user);
            errors::show_draft(&request, draft).await?
        }
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
