//! The moments at which somebody else begins to use the browser.

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

/// Ends the session that the browser has, if any, and has the answer leave nothing of it.
///
/// # Errors
///
/// Those of the state backend.
pub(crate) async fn leave(context: &Context, response: &mut HttpResponse) -> Result<(), PageError> {
    if let Ok(session) = browser::session(&context.request, &context.portal) {
        context.portal.sessions.end(&session.id).await?;
        browser::forget(response);
        // Going back in the browser's history then shows nothing that it still holds.
        let name = HeaderName::from_static("clear-site-data");
        let cache = HeaderValue::from_static("\"cache\"");
        response.headers_mut().insert(name, cache);
    }
    renew_visitor(&context.request);
    Ok(())
}
