//! Error pages.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::http::uri::PathAndQuery;
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse};
use askama::Template;

use crate::error::{PageError, Problem};
use crate::i18n::Message;
use crate::layout::{Brand, Frame, Notice, PageResult};
use crate::session::{Context, LocalPath, Visit, see_other, see_other_saying};

#[derive(Template)]
#[template(path = "errors/problem.html")]
struct ProblemPage {
    frame: Frame,
    status: u16,
    title: &'static str,
    text: Message,
}

/// Any path that no page has.
pub(crate) async fn not_found() -> PageResult {
    Err(PageError::NotFound)
}

/// Stands around all pages, inside of what knows sessions: puts a page in place of an error, and
/// sends to the sign-in page whoever has to sign in.
pub(crate) async fn present<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let answer = next.call(request).await?.map_into_boxed_body();
    let status = answer.status();
    let is_error = status.is_client_error() || status.is_server_error();
    if !is_error || is_html(&answer) {
        return Ok(answer);
    }
    let left = answer.response().extensions().get::<Problem>().cloned();
    let problem = left.unwrap_or_else(|| Problem::of_status(status));
    let context = Context::of(answer.request())?;
    let page = match problem {
        Problem::SignIn { ended } => to_sign_in(&context, ended),
        Problem::Say { title, text } => {
            let frame = frame(&context, status).await;
            let page = ProblemPage {
                frame,
                status: status.as_u16(),
                title,
                text,
            };
            page.frame.show_as(status, &page)?
        }
    };
    Ok(replaced(answer, page))
}

fn is_html(answer: &ServiceResponse) -> bool {
    let content_type = answer.headers().get(CONTENT_TYPE);
    content_type.is_some_and(|value| value.as_bytes().starts_with(b"text/html"))
}

/// The way to the sign-in page, and back to what was asked for.
fn to_sign_in(context: &Context, ended: bool) -> HttpResponse {
    let asked = if context.is_safe() {
        let asked = context.request.uri().path_and_query();
        asked.map_or("", PathAndQuery::as_str)
    } else {
        page_of_form(&context.path)
    };
    let next = asked.parse().unwrap_or_else(|_| LocalPath::home());
    // Who sent a form was signed in when it was shown, and has to know that it was not taken.
    if ended || !context.is_safe() {
        see_other_saying(&next.sign_in(), Notice::SessionEnded)
    } else {
        see_other(&next.sign_in())
    }
}

/// The page with the form that is sent to a path: mostly the path itself.
fn page_of_form(path: &str) -> &str {
    match path {
        "/profile/password" => "/profile",
        "/sign-out" | "/sign-in/organization" => "/",
        _ => path.strip_suffix("/close").unwrap_or(path),
    }
}

/// The best frame that can be had without adding to the trouble: the visitor's own with its
/// navigation, else the host's, else a neutral one.
async fn frame(context: &Context, status: StatusCode) -> Frame {
    let neutral = || Frame::for_guest(context, Brand::default(), String::new());
    if status.is_server_error() {
        return neutral();
    }
    if let Ok(visit) = Visit::of(context.clone())
        && let Ok(frame) = visit.frame(None).await
    {
        return frame;
    }
    match context.brand_of_host().await {
        Ok(brand) => Frame::for_guest(context, brand, String::new()),
        Err(_) => neutral(),
    }
}

/// The page in place of the answer, with the answer's headers and what was left on it.
fn replaced(mut answer: ServiceResponse, mut page: HttpResponse) -> ServiceResponse {
    let left = std::mem::take(&mut *answer.response_mut().extensions_mut());
    page.extensions_mut().extend(left);
    for (name, value) in answer.headers() {
        if !page.headers().contains_key(name) {
            page.headers_mut().insert(name.clone(), value.clone());
        }
    }
    answer.into_response(page)
}
