//! Pagination links.

use portal_domain::pagination::PageRequest;

/// A page's place in a list, with links to its neighbours.
pub(crate) struct Pager {
    /// The page, from 1.
    pub(crate) page: u32,
    /// The number of pages, at least 1.
    pub(crate) pages: u32,
    pub(crate) previous: Option<String>,
    pub(crate) next: Option<String>,
}

impl Pager {
    /// The pager of a list at `path` with these other parameters (blank ones are omitted) and
    /// `total` items.
    pub(crate) fn new(
        path: &str,
        parameters: &[(&str, &str)],
        request: PageRequest,
        total: i64,
    ) -> Self {
        let (page, limit) = (request.page(), i64::from(request.limit()));
        let pages = (total.max(1) + limit - 1) / limit;
        let pages = u32::try_from(pages).unwrap_or(u32::MAX);
        let address = |page: u32| {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(parameters.iter().filter(|(_, value)| !value.is_empty()));
            if page > 1 {
                query.append_pair("page", &page.to_string());
            }
            match query.finish() {
                query if query.is_empty() => path.to_owned(),
                query => format!("{path}?{query}"),
            }
        };
        Self {
            page,
            pages,
            // Beyond the end, the previous page is the last one.
            previous: (page > 1).then(|| address((page - 1).min(pages))),
            next: (page < pages).then(|| address(page + 1)),
        }
    }

    /// The last page, if this one is beyond it: the list may have become shorter.
    pub(crate) fn beyond_end(&self) -> Option<&str> {
        let last = self.previous.as_deref();
        last.filter(|_| self.page > self.pages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(page: u32, total: i64) -> (u32, Option<String>, Option<String>) {
        let parameters = [("q", "a b"), ("status", "")];
        let pager = Pager::new("/tickets", &parameters, PageRequest::new(page, 20), total);
        (pager.pages, pager.previous, pager.next)
    }

    #[test]
    fn links_keep_the_search() {
        let to = |address: &str| Some(address.to_owned());
        assert_eq!(addresses(1, 20), (1, None, None));
        assert_eq!(addresses(1, 0), (1, None, None));
        assert_eq!(addresses(1, 21), (2, None, to("/tickets?q=a+b&page=2")));
        assert_eq!(
            addresses(2, 41),
            (3, to("/tickets?q=a+b"), to("/tickets?q=a+b&page=3"))
        );
        assert_eq!(addresses(9, 41), (3, to("/tickets?q=a+b&page=3"), None));
    }

    #[test]
    fn beyond_the_end_links_to_the_last_page() {
        for (page, total, last) in [
            (1, 0, None),
            (2, 40, None),
            (3, 40, Some("/tickets?page=2")),
            (9, 0, Some("/tickets")),
        ] {
            let pager = Pager::new("/tickets", &[], PageRequest::new(page, 20), total);
            assert_eq!(pager.beyond_end(), last, "{page} of {total}");
        }
    }
}
