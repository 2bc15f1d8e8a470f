//! The files and the content security policy of a brand.

use portal_domain::branding::Brand;
use portal_domain::values::HttpsUrl;

use super::Frame;
use crate::files;

impl Frame {
    /// The address of the favicon.
    pub(crate) fn icon(&self) -> String {
        let own = self.brand.favicon_url.as_ref().map(HttpsUrl::to_string);
        own.unwrap_or_else(files::icon_url)
    }

    /// The address of the stylesheet in the brand's colours.
    pub(crate) fn style(&self) -> String {
        files::style_url(&self.brand.colors)
    }

    /// The address of the custom stylesheet. It does not name the organization.
    pub(crate) fn custom_style(&self) -> Option<String> {
        let css = self.brand.custom_css.as_ref()?;
        Some(format!(
            "/brand/{}/custom.css",
            files::hash(&[css.as_str()])
        ))
    }
}

/// Allows the portal's files and the brand's images.
pub(super) fn content_security_policy(brand: &Brand) -> String {
    let images = [&brand.logo_url, &brand.favicon_url];
    let mut origins: Vec<_> = images.into_iter().flatten().map(HttpsUrl::origin).collect();
    origins.dedup();
    if brand.custom_css.is_some() {
        // Custom CSS may only use images within the stylesheet.
        origins.push("data:".to_owned());
    }
    origins.insert(0, "img-src 'self'".to_owned());
    format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; \
         connect-src 'self'; {}; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        origins.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csp_allows_the_brands_images() {
        let mut brand = Brand::default();
        assert!(content_security_policy(&brand).contains("img-src 'self';"));
        brand.logo_url = "https://cdn.acme.example/logo.png".parse().ok();
        brand.favicon_url = "https://cdn.acme.example/icon.png".parse().ok();
        let policy = content_security_policy(&brand);
        assert!(
            policy.contains("img-src 'self' https://cdn.acme.example;"),
            "{policy}"
        );
        brand.custom_css = "p { color: red }".parse().ok();
        let policy = content_security_policy(&brand);
        assert!(
            policy.contains("https://cdn.acme.example data:;"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"));
    }
}
