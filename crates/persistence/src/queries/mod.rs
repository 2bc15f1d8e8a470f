//! Queries: the domain's ports, one file for each feature.

mod assets;
mod audit;
mod branding;
mod devices;
mod files;
mod idempotency;
mod mail_claims;
mod notifications;
mod organizations;
mod profiles;
mod tickets;

use futures_util::future::try_join;
use portal_domain::pagination::{Page, PageRequest};
use portal_domain::store::StorageError;

/// The pattern of `LIKE` for texts in which a word occurs. That SQLite ignores the case of ASCII
/// letters makes no difference: the case of both texts is folded.
fn containing(word: &str) -> String {
    let literal = word
        .replace('\\', r"\\")
        .replace('%', r"\%")
        .replace('_', r"\_");
    format!("%{literal}%")
}

/// A page of entities, loaded and counted at once.
async fn page<E>(
    items: impl Future<Output = Result<Vec<E>, StorageError>>,
    total: impl Future<Output = Result<i64, StorageError>>,
) -> Result<Page<E>, StorageError> {
    let (items, total) = try_join(items, total).await?;
    Ok(Page { items, total })
}

/// The end of a list from which a page is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    First,
    /// In the opposite order.
    Last,
}

/// The rows of a list that make up a page, counted from one of its ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Window {
    end: End,
    offset: i64,
    limit: i64,
}

impl Window {
    fn first(request: PageRequest) -> Self {
        Self {
            end: End::First,
            offset: request.offset(),
            limit: request.limit().into(),
        }
    }

    /// The page's rows from the nearer end; nothing for a page beyond the last.
    fn of(request: PageRequest, total: i64) -> Option<Self> {
        let from_first = Self::first(request);
        let rest = total - from_first.offset;
        if rest <= 0 {
            return None;
        }
        if from_first.offset <= rest {
            return Some(from_first);
        }
        let limit = from_first.limit.min(rest);
        Some(Self {
            end: End::Last,
            offset: rest - limit,
            limit,
        })
    }
}

/// A page of a list that may be long: the first is loaded and counted at once, others are read from
/// the nearer end. Items come in no particular order.
async fn window_of<R, F>(
    request: PageRequest,
    total: impl Future<Output = Result<i64, StorageError>>,
    items: impl FnOnce(Window) -> F,
) -> Result<Page<R>, StorageError>
where
    F: Future<Output = Result<Vec<R>, StorageError>>,
{
    if request.page() == 1 {
        return page(items(Window::first(request)), total).await;
    }
    let total = total.await?;
    let items = match Window::of(request, total) {
        Some(window) => items(window).await?,
        None => Vec::new(),
    };
    Ok(Page { items, total })
}

/// The items of a page.
fn slice_of<T>(items: &[T], request: PageRequest) -> &[T] {
    let offset = usize::try_from(request.offset()).unwrap_or(usize::MAX);
    let limit = usize::try_from(request.limit()).unwrap_or(usize::MAX);
    let rest = items.get(offset..).unwrap_or_default();
    rest.get(..limit).unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_from_the_nearer_end() {
        let list: Vec<i64> = (0..23).collect();
        for number in 1..=7 {
            let request = PageRequest::new(number, 5);
            let expected = slice_of(&list, request);
            let Some(window) = Window::of(request, 23) else {
                assert!(expected.is_empty(), "page {number}");
                continue;
            };
            assert!(window.offset < 13, "page {number} skips {}", window.offset);
            let mut list = list.clone();
            if window.end == End::Last {
                list.reverse();
            }
            let skipped = list
                .into_iter()
                .skip(usize::try_from(window.offset).unwrap());
            let mut read: Vec<i64> = skipped
                .take(usize::try_from(window.limit).unwrap())
                .collect();
            read.sort_unstable();
            assert_eq!(read, expected, "page {number}");
        }
    }
}
