//! Layout shared by all pages.

mod brand;
mod custom_css;
mod flash;
mod frame;
mod navigation;
mod pager;
mod palette;
mod prose;
mod translations;

pub(crate) use portal_domain::branding::{Brand, Colors};

pub(crate) use custom_css::get_custom_css;
pub(crate) use flash::{Flash, set_cookie};
pub(crate) use frame::{Frame, PageResult, initials};
pub(crate) use pager::Pager;
pub(crate) use palette::Palette;
pub(crate) use prose::blocks;
