//! Page requests and redirects.
//!
//! | extractor | for |
//! |---|---|
//! | [`UserRequest`] | a page for a signed-in user |
//! | [`UserForm`] | a form of such a page |
//! | [`PublicRequest`] | a public page, such as sign-in |
//! | [`PublicForm`] | a form of such a page |
//!
//! The extractors of forms make the CSRF check; the other two only take GET. Only [`UserForm`] can
//! change an organization's data.

mod context;
mod forms;
mod local_path;
mod page_headers;
mod pieces;
mod public;
mod redirect;
mod user;

pub(crate) use context::{Context, brand_of};
pub(crate) use forms::{PublicForm, UserForm};
pub(crate) use local_path::LocalPath;
pub(crate) use page_headers::page_headers;
pub(crate) use pieces::in_pieces;
pub(crate) use public::PublicRequest;
pub(crate) use redirect::{redirect, redirect_signed_in, redirect_signed_out, redirect_with_flash};
pub(crate) use user::UserRequest;
