//! Middleware that adds headers and cookies to every page.

use actix_web::body::MessageBody;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage as _};
use portal_http::{Portal, browser};

use super::guest::{NewVisitor, VISITOR_COOKIE};
use super::redirect::SetNotice;
use crate::layout::{NOTICE_COOKIE, NoReferrer, default_headers};

/// How long a notice waits for the page that says it.
const NOTICE_LIFETIME: Duration = Duration::minutes(2);

/// Left on an answer that has said the notice of its request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NoticeShown;

/// Stands around all pages.
pub(crate) async fn finish<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let mut answer = next.call(request).await?;
    let request = answer.request().clone();
    let is_secure = request
        .app_data::<Data<Portal>>()
        .is_some_and(|portal| browser::origin(&request, portal).is_secure);
    let (set_notice, said, no_referrer) = {
        let left = answer.response().extensions();
        (
            left.get::<SetNotice>().copied(),
            left.get::<NoticeShown>().is_some(),
            left.get::<NoReferrer>().is_some(),
        )
    };
    let visitor = request.extensions().get::<NewVisitor>().cloned();
    let cookie = |name, value: String, same_site| {
        Cookie::build(name, value)
            .path("/")
            .http_only(true)
            .same_site(same_site)
            .secure(is_secure)
    };
    if let Some(NewVisitor(token)) = visitor {
        let cookie = cookie(VISITOR_COOKIE, token, SameSite::Strict).finish();
        answer.response_mut().add_cookie(&cookie)?;
    }
    if let Some(SetNotice(notice)) = set_notice {
        let cookie = cookie(NOTICE_COOKIE, notice.code().to_owned(), SameSite::Lax)
            .max_age(NOTICE_LIFETIME)
            .finish();
        answer.response_mut().add_cookie(&cookie)?;
    } else if said {
        let cookie = cookie(NOTICE_COOKIE, String::new(), SameSite::Lax)
            .max_age(Duration::ZERO)
            .finish();
        answer.response_mut().add_cookie(&cookie)?;
    }
    default_headers(answer.headers_mut(), is_secure, no_referrer);
    Ok(answer)
}
