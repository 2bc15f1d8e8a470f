//! The portal's pages for a browser: server-rendered HTML beside the API, in the same app.
//!
//! A page is a handler of some fifteen lines, which asks a use case of `portal-domain` or
//! `portal-auth` and shows a template of its own. Everything works with JavaScript switched off;
//! one small script makes it nicer. The crate depends on `portal-http` for sessions and their
//! cookies, and knows no database.
//!
//! | module | holds |
//! |---|---|
//! | `pages` | the table of routes |
//! | `session` | who asks, and whether a form was sent on purpose |
//! | `forms` | what was typed, what is wrong with it, and that one is submitted once only |
//! | `layout` | what pages are shown in: frame, navigation, brand, colours, headers |
//! | `i18n` | languages, dates, numbers |
//! | `files` | stylesheet, script, icon |
//! | `auth`, `home`, `profile`, ... | the features, under the names that they have everywhere |
//! | `errors` | what is shown where there is no page |
//!
//! `docs/web.md` tells how to add a page and a language.

mod assets;
mod auth;
mod devices;
mod error;
mod errors;
mod files;
mod forms;
mod home;
mod i18n;
mod layout;
mod pages;
mod profile;
mod requests;
mod tickets;

pub use pages::routes;
