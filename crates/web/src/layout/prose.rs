//! What people wrote over several lines: still text, but with links, and with quotations set apart.

use linkify::{LinkFinder, LinkKind};
use url::Url;

/// Lines of a text that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block<'t> {
    /// Whether each line is quoted, as mail programs do it: it begins with `>`.
    pub(crate) is_quote: bool,
    /// The lines, with the line feeds between them.
    pub(crate) parts: Vec<Part<'t>>,
}

/// A piece of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part<'t> {
    pub(crate) text: &'t str,
    /// Whether it is a web address.
    pub(crate) is_link: bool,
}

/// A text as blocks in their order; the line feeds between blocks are left out.
pub(crate) fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let is_quote = is_quoted(rest);
        let lines = rest.split_inclusive('\n');
        let length = lines
            .take_while(|line| is_quoted(line) == is_quote)
            .map(str::len)
            .sum();
        let (block, after) = rest.split_at(length);
        let shown = match block.strip_suffix('\n') {
            Some(shown) if !after.is_empty() => shown,
            _ => block,
        };
        blocks.push(Block {
            is_quote,
            parts: parts(shown),
        });
        rest = after;
    }
    blocks
}

fn is_quoted(line: &str) -> bool {
    line.starts_with('>')
}

/// A text with its web addresses apart. Only those of HTTP become links, so that none runs a script
/// or opens a program.
fn parts(text: &str) -> Vec<Part<'_>> {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    finder
        .spans(text)
        .map(|span| Part {
            text: span.as_str(),
            is_link: span.kind().is_some() && is_web_address(span.as_str()),
        })
        .collect()
}

fn is_web_address(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(text: &str) -> Vec<String> {
        let blocks = blocks(text);
        let parts = blocks.iter().flat_map(|block| &block.parts);
        let links = parts.filter(|part| part.is_link);
        links.map(|part| part.text.to_owned()).collect()
    }

    #[test]
    fn web_addresses_become_links() {
        for (text, expected) in [
            (
                "See https://a.example/x?y=1&z=2#f.",
                &["https://a.example/x?y=1&z=2#f"][..],
            ),
            ("(HTTP://A.example/b), and", &["HTTP://A.example/b"]),
            ("<https://a.example/>", &["https://a.example/"]),
            (
                "https://münchen.example/straße",
                &["https://münchen.example/straße"],
            ),
            (
                "> https://a.example\nhttps://b.example",
                &["https://a.example", "https://b.example"],
            ),
            ("javascript:alert(1) javascript://x/%0aalert(1)", &[]),
            ("ftp://a.example file:///etc/passwd data:text/html,x", &[]),
            ("www.a.example a@b.example a.example", &[]),
            ("https:// http://", &[]),
        ] {
            assert_eq!(links(text), expected, "{text}");
        }
    }

    #[test]
    fn quoted_lines_are_set_apart_and_nothing_is_lost() {
        let text = "Yes.\n\n> On Monday:\n>> Is it?\n\nRegards\n  > not this\n";
        let found = blocks(text);
        let shown: Vec<_> = found
            .iter()
            .map(|block| {
                let text: String = block.parts.iter().map(|part| part.text).collect();
                (block.is_quote, text)
            })
            .collect();
        let expected = [
            (false, "Yes.\n"),
            (true, "> On Monday:\n>> Is it?"),
            (false, "\nRegards\n  > not this\n"),
        ];
        let expected = expected.map(|(is_quote, text)| (is_quote, text.to_owned()));
        assert_eq!(shown, expected);
        assert_eq!(blocks(""), []);
    }
}
