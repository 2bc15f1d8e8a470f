//! Error pages.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::http::uri::PathAndQuery;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, HttpRequest, HttpResponse};
use askama::Template;
use portal_session::cookies;

use crate::auth::sign_in;
use crate::error::PageError;
use crate::forms::Draft;
use crate::i18n::Message;
use crate::layout::{Brand, Flash, Frame, PageResult};
use crate::pages;
use crate::requests::{Context, LocalPath, UserRequest, redirect, redirect_with_flash};

mod drafts;

pub(crate) use drafts::show as show_draft;

#[derive(Template)]
#[template(path = "errors/problem.html")]
struct ProblemPage {
    frame: Frame,
    status: u16,
    title: &'static str,
    text: Message,
}

pub(crate) async fn not_found(request: HttpRequest) -> PageResult {
    let path = request.path();
    match pages::methods(path) {
        // Entered or reloaded, the address of a form leads to the form.
        Some("POST") if request.method() == Method::GET => Ok(redirect(page_of_form(path))),
        Some(allow) => Err(PageError::MethodNotAllowed { allow }),
        None => Err(PageError::NotFound),
    }
}

/// Middleware that puts a page in place of an error, or redirects to the sign-in page.
pub(crate) async fn render_errors<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    if !is_error || is_html(&response) {
        return Ok(response);
    }
    let context = Context::of(response.request())?;
    let foreign = PageError::of_status(status);
    let error = response.response().error();
    let error = error
        .and_then(|error| error.as_error::<PageError>())
        .unwrap_or(&foreign);
    let mut page = match (error, refused_draft(error, &context)) {
        (_, Some(draft)) => {
            let request = UserRequest::of(context.clone())?;
            drafts::show_refused(&request, error, draft).await?
        }
        (PageError::SignedOut | PageError::SessionEnded, _) => to_sign_in(&context, error),
        (PageError::Unsent(draft), _) if draft.is_empty() => to_sign_in(&context, error),
        (PageError::Unsent(draft), _) => sign_in::show_with_draft(&context, draft).await?,
        (error, _) => {
            let (title, text) = error.explanation();
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
    if error.ends_session() {
        cookies::clear(&mut page);
    }
    Ok(replaced(response, page))
}

/// What a signed-in user typed into a form that was not accepted, to be sent again as it is.
fn refused_draft(error: &PageError, context: &Context) -> Option<Draft> {
    match error {
        PageError::Outdated(draft) => Some(draft.clone()),
        PageError::TooManyWrites { .. } => {
            let draft = context.request.extensions_mut().remove::<Draft>();
            draft.filter(|draft| !draft.is_empty())
        }
        _ => None,
    }
}

fn is_html(response: &ServiceResponse) -> bool {
    let content_type = response.headers().get(CONTENT_TYPE);
    content_type.is_some_and(|value| value.as_bytes().starts_with(b"text/html"))
}

/// Redirects to the sign-in page, and from there back to the requested page.
fn to_sign_in(context: &Context, error: &PageError) -> HttpResponse {
    let target = if context.is_safe() {
        let target = context.request.uri().path_and_query();
        target.map_or("", PathAndQuery::as_str)
    } else {
        page_of_form(context.path())
    };
    let next = target.parse().unwrap_or_else(|_| LocalPath::home());
    // A form was shown in a session, so its user has to know that it was not saved.
    if error.ends_session() || !context.is_safe() {
        redirect_with_flash(&next.sign_in(), Flash::SessionEnded)
    } else {
        redirect(&next.sign_in())
    }
}

/// The page of the form that is submitted to a path: mostly the path itself.
pub(crate) fn page_of_form(path: &str) -> &str {
    match path {
        "/profile/password" => "/profile",
        _ if path.starts_with("/profile/sessions/") => "/profile",
        "/sign-out" | "/sign-in/organization" => "/",
        _ => ["/close", "/participants"]
            .iter()
            .find_map(|end| path.strip_suffix(end))
            .unwrap_or(path),
    }
}

/// The frame of the user, else of the host, else a neutral one. After a server error nothing more is
/// loaded.
async fn frame(context: &Context, status: StatusCode) -> Frame {
    let neutral = || Frame::without_forms(context, Brand::default());
    if status.is_server_error() {
        return neutral();
    }
    if let Ok(request) = UserRequest::of(context.clone())
        && let Ok(frame) = request.frame(None).await
    {
        return frame;
    }
    match context.brand_of_host().await {
        Ok(brand) => Frame::without_forms(context, brand),
        Err(_) => neutral(),
    }
}

/// The page in place of the response, with the response's headers.
fn replaced(response: ServiceResponse, mut page: HttpResponse) -> ServiceResponse {
    for (name, value) in response.headers() {
        if !page.headers().contains_key(name) {
            page.headers_mut().insert(name.clone(), value.clone());
        }
    }
    response.into_response(page)
}
