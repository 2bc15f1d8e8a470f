//! The portal's pages for a browser: server-rendered HTML beside the API, in the same app.
//!
//! A page handler calls a use case of `portal-domain` or `portal-auth` and renders its template.
//! Everything works with JavaScript switched off; one small script adds comfort. Sessions, cookies
//! and the CSRF check are those of `portal-session`.
//!
//! | module | holds |
//! |---|---|
//! | `pages` | the route table |
//! | `requests` | the extractors of pages and forms, redirects, headers |
//! | `forms` | submitted values, their errors, idempotency keys |
//! | `layout` | what all pages share: frame, navigation, brand, colours, flash messages |
//! | `i18n` | languages, dates, numbers |
//! | `files` | stylesheet, script, icon |
//! | `auth`, `home`, `profile`, ... | the features, under the names that they have everywhere |
//! | `error`, `errors` | errors of handlers, and the pages that show them |
//!
//! `docs/web.md` says how to add a page, a form and a language.

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

/// Keeps the examples in the README compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
