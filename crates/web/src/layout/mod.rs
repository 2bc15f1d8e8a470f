//! Layout shared by all pages.

mod brand;
mod custom_css;
mod frame;
mod navigation;
mod notice;
mod pager;
mod palette;
mod security;
mod words;

pub(crate) use portal_domain::branding::{Brand, Colors};

pub(crate) use custom_css::get_custom_css;
pub(crate) use frame::{Frame, PageResult, initials};
pub(crate) use notice::{NOTICE_COOKIE, Notice};
pub(crate) use pager::Pager;
pub(crate) use palette::Palette;
pub(crate) use security::{NoReferrer, default_headers};
