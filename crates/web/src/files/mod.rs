//! Static files: stylesheet, script and icon.
//!
//! Their addresses contain a hash of their content, so browsers may keep them for ever. A brand's
//! colours are part of the stylesheet's address and appended to it, without a lookup.

use std::sync::LazyLock;

use actix_web::http::header::{CACHE_CONTROL, HeaderName};
use actix_web::middleware::Compress;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, get};
use data_encoding::HEXLOWER;
use portal_domain::branding::Color;
use sha2::{Digest as _, Sha256};

use crate::layout::{Colors, Palette};

const STYLE: &str = include_str!("../../files/portal.css");
const SCRIPT: &str = include_str!("../../files/portal.js");
const ICON: &str = include_str!("../../files/icon.svg");

const FOREVER: &str = "public, max-age=31536000, immutable";

static STYLE_HASH: LazyLock<String> = LazyLock::new(|| hash(&[STYLE, Palette::VERSION]));
static SCRIPT_HASH: LazyLock<String> = LazyLock::new(|| hash(&[SCRIPT]));
static ICON_HASH: LazyLock<String> = LazyLock::new(|| hash(&[ICON]));

/// The routes under `/static`.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config.service(
        web::scope("/static")
            .service(style)
            .service(script)
            .service(icon)
            .wrap(Compress::default()),
    );
}

/// A short hash of a file's content.
pub(crate) fn hash(parts: &[&str]) -> String {
    let digest = parts
        .iter()
        .fold(Sha256::new(), Sha256::chain_update)
        .finalize();
    HEXLOWER.encode(digest.get(..8).unwrap_or(&digest))
}

/// The address of the stylesheet in a brand's colours.
pub(crate) fn style_url(colors: &Colors) -> String {
    let part = |color: &Option<Color>| match color {
        Some(color) => color.to_string().trim_start_matches('#').to_owned(),
        None => "none".to_owned(),
    };
    let Colors {
        primary,
        secondary,
        accent,
    } = colors;
    format!(
        "/static/{}/{}-{}-{}/portal.css",
        &*STYLE_HASH,
        part(primary),
        part(secondary),
        part(accent)
    )
}

pub(crate) fn script_url() -> String {
    format!("/static/{}/portal.js", &*SCRIPT_HASH)
}

/// The address of the default icon.
pub(crate) fn icon_url() -> String {
    format!("/static/{}/icon.svg", &*ICON_HASH)
}

#[get("/{hash}/{colors}/portal.css")]
async fn style(request: HttpRequest) -> HttpResponse {
    let colors = colors(request.match_info().query("colors")).unwrap_or_default();
    let text = format!("{STYLE}{}", Palette::of(&colors).css());
    file(&request, &STYLE_HASH, "text/css; charset=utf-8", text)
}

#[get("/{hash}/portal.js")]
async fn script(request: HttpRequest) -> HttpResponse {
    let content_type = "text/javascript; charset=utf-8";
    file(&request, &SCRIPT_HASH, content_type, SCRIPT.to_owned())
}

#[get("/{hash}/icon.svg")]
async fn icon(request: HttpRequest) -> HttpResponse {
    file(&request, &ICON_HASH, "image/svg+xml", ICON.to_owned())
}

/// The three colours in an address, each as six hexadecimal digits or `none`.
fn colors(text: &str) -> Option<Colors> {
    let mut colors = text.split('-').map(|part| {
        let is_hex = part.len() == 6 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
        match part {
            "none" => Some(None),
            _ if is_hex => Some(format!("#{part}").parse().ok()),
            _ => None,
        }
    });
    let (primary, secondary, accent) = (colors.next()??, colors.next()??, colors.next()??);
    colors.next().is_none().then_some(Colors {
        primary,
        secondary,
        accent,
    })
}

/// The current file. A page of another version, which has another hash, does not cache it.
fn file(request: &HttpRequest, hash: &str, content_type: &str, text: String) -> HttpResponse {
    let is_current = request.match_info().query("hash") == hash;
    let cache_control = if is_current { FOREVER } else { "no-store" };
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header((CACHE_CONTROL, cache_control))
        .insert_header((
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ))
        .body(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn style_and_script_are_small() {
        assert!(STYLE.len() < 45_000, "{}", STYLE.len());
        assert!(
            STYLE.len() + SCRIPT.len() < 60_000,
            "{}",
            STYLE.len() + SCRIPT.len()
        );
    }

    #[test]
    fn colours_survive_a_round_trip() {
        let chosen = Colors {
            primary: "#0b4f6c".parse().ok(),
            secondary: None,
            accent: "tomato".parse().ok(),
        };
        let url = style_url(&chosen);
        let part = url.split('/').nth(3).unwrap();
        assert_eq!(part, "0b4f6c-none-ff6347");
        assert_eq!(colors(part), Some(chosen));
        assert!(style_url(&Colors::default()).ends_with("/none-none-none/portal.css"));
    }

    #[test]
    fn only_colours_are_accepted() {
        for text in [
            "",
            "none",
            "none-none",
            "none-none-none-none",
            "red-none-none",
            "0b4f6c-}*{x-none",
            "#b4f6c-none-none",
            "0b4f6-none-none",
        ] {
            assert_eq!(colors(text), None, "{text}");
        }
    }
}
