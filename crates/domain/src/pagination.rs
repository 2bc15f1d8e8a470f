//! Pagination of lists.

/// The requested page of a list; a client's is always within the bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    page: u32,
    limit: u32,
}

impl PageRequest {
    /// The highest page number.
    pub const MAX_PAGE: u32 = 1_000_000;
    /// The most items on a page.
    pub const MAX_LIMIT: u32 = 100;
    /// The items on a page by default.
    pub const DEFAULT_LIMIT: u32 = 50;

    /// A page, counted from 1, of at most `limit` items; both are clamped to the bounds.
    pub fn new(page: u32, limit: u32) -> Self {
        Self {
            page: page.clamp(1, Self::MAX_PAGE),
            limit: limit.clamp(1, Self::MAX_LIMIT),
        }
    }

    /// The first items of a list, however many the program itself asks for at once.
    pub const fn first(limit: u32) -> Self {
        Self { page: 1, limit }
    }

    /// Parses a client's parameters: absent or not a number is the default, and numbers are rounded
    /// and clamped.
    pub fn parse(page: Option<&str>, limit: Option<&str>) -> Self {
        Self::new(
            clamped(page, 1, Self::MAX_PAGE),
            clamped(limit, Self::DEFAULT_LIMIT, Self::MAX_LIMIT),
        )
    }

    /// The page, counted from 1.
    pub const fn page(self) -> u32 {
        self.page
    }

    /// The most items on the page.
    pub const fn limit(self) -> u32 {
        self.limit
    }

    /// The number of items before the page.
    pub fn offset(self) -> i64 {
        i64::from(self.page - 1) * i64::from(self.limit)
    }
}

impl Default for PageRequest {
    fn default() -> Self {
        Self::new(1, Self::DEFAULT_LIMIT)
    }
}

fn clamped(text: Option<&str>, default: u32, max: u32) -> u32 {
    let number = text
        .and_then(|text| text.trim().parse::<f64>().ok())
        .filter(|n| !n.is_nan());
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped before"
    )]
    number.map_or(default, |number| {
        number.round().clamp(1.0, f64::from(max)) as u32
    })
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// The number of items on all pages.
    pub total: i64,
}

impl<T> Page<T> {
    /// The page with each item converted.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(change).collect(),
            total: self.total,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_pages_and_limits_are_clamped_to_the_bounds() {
        for (page, limit, expected) in [
            (None, None, (1, 50)),
            (Some("3"), Some("20"), (3, 20)),
            (Some("0"), Some("0"), (1, 1)),
            (Some("-7"), Some("101"), (1, 100)),
            (
                Some("99999999999999999999999"),
                Some("1e9"),
                (1_000_000, 100),
            ),
            (Some("second"), Some(""), (1, 50)),
            (Some("NaN"), Some("inf"), (1, 100)),
        ] {
            let request = PageRequest::parse(page, limit);
            assert_eq!(
                (request.page(), request.limit()),
                expected,
                "{page:?} {limit:?}"
            );
        }
    }

    #[test]
    fn the_offset_counts_the_items_before_the_page() {
        assert_eq!(PageRequest::new(1, 50).offset(), 0);
        assert_eq!(PageRequest::new(1_000_000, 100).offset(), 99_999_900);
    }
}
