//! The main navigation.

use portal_domain::branding::Feature;

use super::Brand;

/// A section in the navigation.
pub(crate) struct NavigationItem {
    /// The first page.
    pub(crate) path: &'static str,
    /// The key of the name.
    pub(crate) label: &'static str,
    /// The name of an icon in `ui.html`.
    pub(crate) icon: &'static str,
    pub(crate) is_current: bool,
}

/// The sections that the organization offers.
pub(super) fn navigation(brand: &Brand, path: &str) -> Vec<NavigationItem> {
    [
        (None, "/", "nav-home", "home"),
        (Some(Feature::Tickets), "/tickets", "nav-tickets", "ticket"),
        (
            Some(Feature::SelfService),
            "/devices",
            "nav-devices",
            "device",
        ),
        (
            Some(Feature::AssetCheckout),
            "/equipment",
            "nav-assets",
            "box",
        ),
    ]
    .into_iter()
    .filter(|(feature, ..)| feature.is_none_or(|feature| brand.offers(feature)))
    .map(|(_, first, label, icon)| NavigationItem {
        path: first,
        label,
        icon,
        is_current: is_within(path, first),
    })
    .collect()
}

/// Whether a path is in a section.
fn is_within(path: &str, part: &str) -> bool {
    path == part
        || (part != "/"
            && path
                .strip_prefix(part)
                .is_some_and(|rest| rest.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_section_is_current() {
        for (path, current) in [
            ("/", Some("/")),
            ("/tickets", Some("/tickets")),
            ("/tickets/new", Some("/tickets")),
            ("/ticketsandmore", None),
            ("/profile", None),
        ] {
            let items = navigation(&Brand::default(), path);
            let found: Vec<_> = items.iter().filter(|item| item.is_current).collect();
            assert_eq!(found.first().map(|item| item.path), current, "{path}");
        }
    }
}
