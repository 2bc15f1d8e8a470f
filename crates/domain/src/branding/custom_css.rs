//! An organization's own style sheet, which can neither load nor run nor leak anything.

use cssparser::{ParseError, ParseErrorKind, Parser, Token};
use url::Url;

use crate::text::text_value;

/// At-rules that fetch, or that change how the rest of the sheet is read.
const REFUSED_AT_RULES: [&str; 4] = ["import", "font-face", "namespace", "charset"];

/// Functions that can fetch what a bare string names, or run a script, without vendor prefixes.
/// The argument of `url()` is checked instead.
const REFUSED_FUNCTIONS: [&str; 9] = [
    "image-set",
    "image-rect",
    "image",
    "alphaimageloader",
    "src",
    "cross-fade",
    "element",
    "paint",
    "expression",
];

/// Properties that attached scripts to elements in old browsers.
const REFUSED_PROPERTIES: [&str; 2] = ["behavior", "-moz-binding"];

/// Vendor prefixes of functions.
const VENDOR_PREFIXES: [&str; 4] = ["-webkit-", "-moz-", "-ms-", "-o-"];

/// Raster formats: unlike SVG they hold neither scripts nor references.
const IMAGE_TYPES: [&str; 5] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/avif",
];

/// How deeply blocks, brackets and functions may be nested. Style sheets need some five levels; the
/// check is recursive, so there has to be a limit.
const MAX_DEPTH: u8 = 64;

/// Appended to the text while it is checked. Browsers close whatever is still open at the end of a
/// style sheet, so an unclosed block or comment would go unnoticed until something is appended to
/// it. It swallows the semicolon, which is how it is found.
const SENTINEL: &str = "\n;";

/// Why a style sheet is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CustomCssError {
    /// More than [`CustomCss::MAX_BYTES`].
    #[error("must be at most 64 KiB")]
    TooLarge,
    /// Something in it is not allowed.
    #[error("line {line}: {problem}")]
    Refused {
        /// Where, counted from 1.
        line: u32,
        /// What.
        problem: CssProblem,
    },
}

/// What is not allowed in a style sheet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CssProblem {
    /// A `<`, which could end the element of a page that the sheet stands in.
    #[error("`<` is not allowed")]
    LessThan,
    /// A `-->`, which ends a comment in HTML.
    #[error("`-->` is not allowed")]
    CommentClose,
    /// A control character other than tab and line ends.
    #[error("control characters are not allowed")]
    ControlCharacter,
    /// An at-rule that is not allowed, in lower case, without its `@`.
    #[error("@{0} is not allowed")]
    AtRule(String),
    /// A function that is not allowed, in lower case.
    #[error("{0}() is not allowed")]
    Function(String),
    /// A property that is not allowed, in lower case.
    #[error("the property {0} is not allowed")]
    Property(String),
    /// A `url()` of anything but an embedded raster image.
    #[error("url() may hold only a PNG, JPEG, GIF, WebP or AVIF image as a data: URL")]
    Url,
    /// A `url()` that breaks the syntax.
    #[error("the url() is malformed")]
    MalformedUrl,
    /// A string without its closing quote on the same line.
    #[error("the string is not closed")]
    UnclosedString,
    /// A block, bracket, function, string or comment that nothing closes.
    #[error("what begins here is not closed")]
    Unclosed,
    /// A closing bracket that nothing opened.
    #[error("the closing bracket has no opening one")]
    Unopened,
    /// Blocks nested deeper than 64 levels.
    #[error("blocks are nested too deeply")]
    TooDeep,
}

impl CssProblem {
    fn at(self, line: u32) -> CustomCssError {
        CustomCssError::Refused {
            line,
            problem: self,
        }
    }
}

text_value! {
    /// A style sheet that fetches nothing, runs nothing, and is complete in itself.
    ///
    /// Parsed as a browser would (CSS Syntax Module Level 3), so that escapes, case and comments
    /// hide nothing. Ends of lines become LF; all else is kept as it was written. It may be empty.
    pub struct CustomCss(parse) -> CustomCssError;
}

impl CustomCss {
    /// The most it may hold, in bytes of UTF-8.
    pub const MAX_BYTES: usize = 64 * 1024;
}

fn parse(text: &str) -> Result<String, CustomCssError> {
    if text.len() > CustomCss::MAX_BYTES {
        return Err(CustomCssError::TooLarge);
    }
    // normalized as in CSS Syntax, section 3.3
    let text = text.replace("\r\n", "\n").replace(['\r', '\u{c}'], "\n");
    check_characters(&text)?;
    check_tokens(&text)?;
    Ok(text)
}

fn check_characters(text: &str) -> Result<(), CustomCssError> {
    for (line, content) in (1..).zip(text.lines()) {
        if content.contains('<') {
            return Err(CssProblem::LessThan.at(line));
        }
        if content.contains(|c: char| c.is_control() && c != '\t') {
            return Err(CssProblem::ControlCharacter.at(line));
        }
    }
    Ok(())
}

fn check_tokens(text: &str) -> Result<(), CustomCssError> {
    let text = format!("{text}{SENTINEL}");
    let mut parser = Parser::new(&text);
    parser.set_nested_block_limit(MAX_DEPTH);
    check_block(&mut parser, text.len())
}

/// Checks the rest of the block that `parser` is in, or of the sheet, which is `end` bytes long.
fn check_block(parser: &mut Parser<'_>, end: usize) -> Result<(), CustomCssError> {
    let mut begins_declaration = true;
    loop {
        let line = current_line(parser);
        let Ok(token) = parser.next_including_whitespace_and_comments().cloned() else {
            return Ok(());
        };
        check_token(&token, begins_declaration).map_err(|problem| problem.at(line))?;
        if parser.position().byte_index() == end && token != Token::Semicolon {
            return Err(CssProblem::Unclosed.at(line));
        }
        match token {
            Token::WhiteSpace(_) | Token::Comment(_) => continue,
            Token::Function(ref name) if name.eq_ignore_ascii_case("url") => {
                check_nested(parser, line, end, |url| check_url_argument(url, line))?;
            }
            Token::Function(_)
            | Token::ParenthesisBlock
            | Token::SquareBracketBlock
            | Token::CurlyBracketBlock => {
                check_nested(parser, line, end, |block| check_block(block, end))?;
            }
            _ => {}
        }
        begins_declaration = matches!(token, Token::Semicolon | Token::CurlyBracketBlock);
    }
}

/// Checks the block that begins with the token just read, on `line`.
fn check_nested<'i>(
    parser: &mut Parser<'i>,
    line: u32,
    end: usize,
    check: impl FnOnce(&mut Parser<'i>) -> Result<(), CustomCssError>,
) -> Result<(), CustomCssError> {
    let checked = parser.parse_nested_block(|block| {
        check(block).map_err(ParseError::custom)?;
        // at its closing bracket, which is not read yet, or at the end of all
        if block.position().byte_index() == end {
            return Err(ParseError::custom(CssProblem::Unclosed.at(line)));
        }
        Ok(())
    });
    checked.map_err(|error: ParseError<CustomCssError>| match error.kind {
        ParseErrorKind::Custom(error) => error,
        // every check reads its block to the end, which leaves the parser only this error
        ParseErrorKind::Basic(_) => CssProblem::TooDeep.at(line),
    })
}

/// Checks what a `url()` with a quoted argument holds.
fn check_url_argument(parser: &mut Parser<'_>, line: u32) -> Result<(), CustomCssError> {
    let is_image = parser.expect_string().is_ok_and(|url| is_raster_image(url));
    if is_image && parser.is_exhausted() {
        Ok(())
    } else {
        Err(CssProblem::Url.at(line))
    }
}

fn check_token(token: &Token<'_>, begins_declaration: bool) -> Result<(), CssProblem> {
    match token {
        Token::AtKeyword(name) => check_name(name, &REFUSED_AT_RULES, &[], CssProblem::AtRule),
        Token::Function(name) => {
            let prefixes = &VENDOR_PREFIXES;
            check_name(name, &REFUSED_FUNCTIONS, prefixes, CssProblem::Function)
        }
        Token::Ident(name) if begins_declaration => {
            check_name(name, &REFUSED_PROPERTIES, &[], CssProblem::Property)
        }
        Token::UnquotedUrl(url) if !is_raster_image(url) => Err(CssProblem::Url),
        Token::BadUrl(_) => Err(CssProblem::MalformedUrl),
        Token::BadString(_) => Err(CssProblem::UnclosedString),
        Token::CDC => Err(CssProblem::CommentClose),
        Token::CloseParenthesis | Token::CloseSquareBracket | Token::CloseCurlyBracket => {
            Err(CssProblem::Unopened)
        }
        _ => Ok(()),
    }
}

/// Checks that a name in any case is not refused, with one of the prefixes or without.
fn check_name(
    name: &str,
    refused: &[&str],
    prefixes: &[&str],
    problem: fn(String) -> CssProblem,
) -> Result<(), CssProblem> {
    let name = name.to_ascii_lowercase();
    let mut prefixes = prefixes.iter();
    let standard = prefixes.find_map(|prefix| name.strip_prefix(prefix));
    if refused.contains(&standard.unwrap_or(&name)) {
        Err(problem(name))
    } else {
        Ok(())
    }
}

/// Whether the URL is a `data:` URL of a raster image, read as a browser reads it.
fn is_raster_image(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else {
        return false;
    };
    let media_type = url
        .path()
        .split([';', ','])
        .next()
        .unwrap_or_default()
        .trim();
    url.scheme() == "data"
        && IMAGE_TYPES
            .iter()
            .any(|known| media_type.eq_ignore_ascii_case(known))
}

/// The line of the next token, counted from 1.
fn current_line(parser: &Parser<'_>) -> u32 {
    parser.current_source_location().line + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> Option<String> {
        text.parse::<CustomCss>()
            .err()
            .map(|error| error.to_string())
    }

    #[test]
    fn ordinary_style_sheets_are_kept() {
        for text in [
            "",
            "/* nothing yet */",
            ":root { --brand: #123456; }\nbody > main:not(.a, .b)::before { content: \"\\201C a; } \"; }",
            "@media (min-width: 40em) { @supports (display: grid) { .x { color: rgb(0 0 0 / 50%) } } }",
            "@layer base { .card { & .title { width: calc((1px + 2px) * 3); } } }",
            ".x { background: url(data:image/png;base64,iVBORw0KGgo=) }",
            ".x { background: URL( \"DATA:image/WebP,x\" ) no-repeat, linear-gradient(red, blue) }",
            ".x { background: url('data:image/jpeg;base64,AA==' /**/) }",
            ".behavior:hover, .image { scroll-behavior: smooth; transition-property: behavior }",
            "@keyframes spin { to { rotate: 1turn } }",
            "a[href^=\"https://\"] { color: red }",
        ] {
            assert_eq!(refusal(text), None, "{text}");
            assert_eq!(text.parse::<CustomCss>().unwrap().as_str(), text);
        }
    }

    #[test]
    fn ends_of_lines_become_lf() {
        let css: CustomCss = "a{}\r\nb{}\rc{}\u{c}d{}".parse().unwrap();
        assert_eq!(css.as_str(), "a{}\nb{}\nc{}\nd{}");
    }

    #[test]
    fn the_refusal_names_the_line() {
        for end in ["\n", "\r\n", "\r", "\u{c}"] {
            let text = ["a {", " color: red }", "@import 'x.css';"].join(end);
            assert_eq!(
                refusal(&text).as_deref(),
                Some("line 3: @import is not allowed")
            );
        }
        assert_eq!(
            refusal("a{}\n\n</style>").as_deref(),
            Some("line 3: `<` is not allowed")
        );
        assert_eq!(
            refusal("a{}\n/* two\nlines */ b { x: url(y) }").as_deref(),
            Some("line 3: url() may hold only a PNG, JPEG, GIF, WebP or AVIF image as a data: URL")
        );
    }

    fn problem(text: &str) -> Option<CssProblem> {
        match text.parse::<CustomCss>() {
            Err(CustomCssError::Refused { problem, .. }) => Some(problem),
            _ => None,
        }
    }

    #[test]
    fn at_rules_that_fetch_are_refused_however_written() {
        for (text, name) in [
            ("@import url(x);", "import"),
            ("@IMPORT 'x';", "import"),
            ("@\\69mport 'x';", "import"),
            ("@\\000049 mport 'x';", "import"),
            ("@import/**/'x';", "import"),
            ("@media screen { @import 'x'; }", "import"),
            ("a { b { @font-face { font-family: x } } }", "font-face"),
            ("@namespace svg 'x';", "namespace"),
            ("@charset \"utf-8\";", "charset"),
            ("--x: { @import 'x' }", "import"),
        ] {
            assert_eq!(
                problem(text),
                Some(CssProblem::AtRule(name.to_owned())),
                "{text}"
            );
        }
    }

    #[test]
    fn urls_that_fetch_are_refused_however_written() {
        for text in [
            "a { b: url(https://example.com/x.png) }",
            "a { b: url('//example.com/x') }",
            "a { b: URL(x.png) }",
            "a { b: u\\72l(x) }",
            "a { b: u\\72l('x') }",
            "a { b: url() }",
            "a { b: url('') }",
            "a { b: url(#fragment) }",
            "a { --c: url(x) }",
            "@supports (b: url(x)) {}",
            "a { b: c([{ url('x') }]) }",
            "a { b: url(data:image/svg+xml;base64,AA==) }",
            "a { b: url(data:text/html,x) }",
            "a { b: url(data:image/png-not,x) }",
            "a { b: url(' data:image/png,x' '//example.com') }",
            "a { b: url('x' 'data:image/png,x') }",
            "a { b: url(\"data:image/png,x\" c(d)) }",
            "a { b: url(https://data:image/png,x) }",
        ] {
            assert_eq!(problem(text), Some(CssProblem::Url), "{text}");
        }
    }

    #[test]
    fn functions_that_fetch_or_run_are_refused() {
        for (text, name) in [
            ("a { b: image-set('x' 1x) }", "image-set"),
            ("a { b: -WebKit-Image-Set('x' 1x) }", "-webkit-image-set"),
            (
                "a { b: -moz-image-rect('x', 0, 1, 1, 0) }",
                "-moz-image-rect",
            ),
            (
                "a { b: -MOZ-Image-Rect('x', 0, 1, 1, 0) }",
                "-moz-image-rect",
            ),
            ("a { b: image-rect('x', 0, 1, 1, 0) }", "image-rect"),
            ("a { b: image('x') }", "image"),
            ("a { b: AlphaImageLoader(src='x') }", "alphaimageloader"),
            ("a { b: s\\72 c('x') }", "src"),
            ("a { b: cross-fade('x', 'y') }", "cross-fade"),
            ("a { b: -moz-element(#x) }", "-moz-element"),
            ("a { b: paint(x) }", "paint"),
            ("a { b: expression(alert(1)) }", "expression"),
        ] {
            assert_eq!(
                problem(text),
                Some(CssProblem::Function(name.to_owned())),
                "{text}"
            );
        }
    }

    #[test]
    fn properties_that_ran_scripts_are_refused() {
        for (text, name) in [
            ("a { behavior: none }", "behavior"),
            ("a { color: red; /**/ BEHAVIOR : none }", "behavior"),
            ("a { b {} -moz-bindin\\67: none }", "-moz-binding"),
        ] {
            assert_eq!(
                problem(text),
                Some(CssProblem::Property(name.to_owned())),
                "{text}"
            );
        }
    }

    #[test]
    fn broken_style_sheets_are_refused() {
        for (text, expected) in [
            ("a { b: 'c\n' }", CssProblem::UnclosedString),
            ("a { b: 'c", CssProblem::UnclosedString),
            ("a { b: url(x y) }", CssProblem::MalformedUrl),
            ("a { b: url(var(--x)) }", CssProblem::MalformedUrl),
            ("a { b: url(data:image/png,x", CssProblem::MalformedUrl),
            ("a { b: c", CssProblem::Unclosed),
            ("a { b: c(d }", CssProblem::Unopened),
            ("a { b: c(d", CssProblem::Unclosed),
            ("a {} /* b", CssProblem::Unclosed),
            ("a {} 'b\\", CssProblem::Unclosed),
            ("a { /* b", CssProblem::Unclosed),
            ("a {} }", CssProblem::Unopened),
            ("a { b: [c) }", CssProblem::Unopened),
            ("a {} --> b {}", CssProblem::CommentClose),
            ("a {}\0", CssProblem::ControlCharacter),
            ("a {}\u{1b}", CssProblem::ControlCharacter),
            ("@media (width < 40em) {}", CssProblem::LessThan),
            ("/* <!-- */", CssProblem::LessThan),
        ] {
            assert_eq!(problem(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn an_unclosed_block_is_named_by_its_first_line() {
        assert_eq!(
            refusal("a {}\nb {\n c: d;\n").as_deref(),
            Some("line 2: what begins here is not closed")
        );
    }

    #[test]
    fn nesting_has_an_end() {
        let nested = |depth: usize| format!("{}{}", "(".repeat(depth), ")".repeat(depth));
        assert_eq!(refusal(&nested(usize::from(MAX_DEPTH))), None);
        assert_eq!(
            problem(&nested(usize::from(MAX_DEPTH) + 1)),
            Some(CssProblem::TooDeep)
        );
        for open in ["(", "[", "{", "a(", "url( "] {
            let flood = open.repeat(CustomCss::MAX_BYTES / open.len());
            assert!(problem(&flood).is_some(), "{open}");
        }
    }

    #[test]
    fn size_is_limited_in_bytes() {
        let largest = format!("/*{}*/", "ü".repeat((CustomCss::MAX_BYTES - 4) / 2));
        assert_eq!(refusal(&largest), None);
        assert_eq!(
            refusal(&format!("{largest} ")).as_deref(),
            Some("must be at most 64 KiB")
        );
    }
}
