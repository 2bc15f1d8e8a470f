//! Authentication pages.

mod accept_invite;
mod choice;
mod forgot_password;
mod reset_password;
pub(crate) mod sign_in;
mod sign_out;
mod unsubscribe;

use actix_web::web::ServiceConfig;

use crate::layout::Frame;

/// The routes of authentication.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(sign_in::show_sign_in)
        .service(sign_in::sign_in)
        .service(choice::choose_organization)
        .service(sign_out::sign_out)
        .service(forgot_password::show_forgot_password)
        .service(forgot_password::forgot_password)
        .service(reset_password::show_reset_password)
        .service(reset_password::reset_password)
        .service(accept_invite::show_accept_invite)
        .service(accept_invite::accept_invite)
        .service(unsubscribe::show_unsubscribe)
        .service(unsubscribe::unsubscribe);
}

/// The paragraphs of the welcome message.
fn welcome(frame: &Frame) -> Vec<String> {
    match &frame.brand.welcome_message {
        Some(text) => paragraphs(text.as_str()),
        None => vec![frame.t("welcome-text").into_owned()],
    }
}

/// The parts of a text between blank lines.
fn paragraphs(text: &str) -> Vec<String> {
    text.split("\n\n")
        .map(str::trim)
        .filter(|paragraph| !paragraph.is_empty())
        .map(str::to_owned)
        .collect()
}
