//! Clearing the browser's state when the user changes.

use actix_web::HttpResponse;
use actix_web::http::header::{HeaderName, HeaderValue};
use portal_auth::accounts::SignedIn;
use portal_http::browser;

use super::{Context, renew_visitor};
use crate::error::PageError;

/// Has the answer carry a session that was just made. What the browser was shown before can no
/// longer be sent, and the session that it had has ended.
///
/// # Errors
///
/// Those of the state backend.
pub(crate) async fn let_in(context: &Context, signed_in: &SignedIn) -> Result<(), PageError> {
    browser::establish(&context.request, &context.portal, signed_in).await?;
    renew_visitor(&context.request);
    Ok(())
}

/// Has the answer leave nothing in the browser of who used it: neither the session's cookies, nor
/// pages to which one could go back, nor forms that could be sent again.
pub(crate) fn leave(context: &Context, response: &mut HttpResponse) {
    browser::forget(response);
    let name = HeaderName::from_static("clear-site-data");
    let cache = HeaderValue::from_static("\"cache\"");
    response.headers_mut().insert(name, cache);
    renew_visitor(&context.request);
}
