//! Post/Redirect/Get.

use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;

use crate::layout::Notice;

/// Left on an answer after which a notice is said.
#[derive(Debug, Clone, Copy)]
pub(super) struct SetNotice(pub(super) Notice);

/// Goes on to a page of the portal.
pub(crate) fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, path))
        .finish()
}

/// Goes on to a page of the portal, which says what has happened.
pub(crate) fn see_other_saying(path: &str, notice: Notice) -> HttpResponse {
    let mut response = see_other(path);
    response.extensions_mut().insert(SetNotice(notice));
    response
}
