//! Sessions and CSRF protection of the pages.
//!
//! | extractor | for |
//! |---|---|
//! | [`Visit`] | a page for somebody who has signed in |
//! | [`Submission`] | a form of such a page |
//! | [`Guest`] | a page for anybody, such as signing in |
//! | [`GuestSubmission`] | a form of such a page |
//!
//! A form's extractor refuses forged requests before the handler runs, so no handler can forget
//! to; and it alone works for a POST. An organization's data is reached through [`Visit::read`] and
//! [`Visit::write`] only, which hold session, account and feature against the user's row.

mod answer;
mod context;
mod guest;
mod leave;
mod local_path;
mod redirect;
mod submission;
mod visit;

pub(crate) use answer::{NoticeShown, finish};
pub(crate) use context::{Context, brand_of};
pub(crate) use guest::{Guest, renew_visitor};
pub(crate) use leave::{leave, let_in};
pub(crate) use local_path::LocalPath;
pub(crate) use redirect::{see_other, see_other_saying};
pub(crate) use submission::{GuestSubmission, Submission};
pub(crate) use visit::Visit;
