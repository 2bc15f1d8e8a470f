//! Which part of the portal a sample of its CPU belongs to.

/// Functions of C and of the allocator, by the beginning of their name.
const FUNCTIONS: [(&str, &str); 14] = [
    ("malloc", MEMORY),
    ("_int_malloc", MEMORY),
    ("_int_free", MEMORY),
    ("cfree", MEMORY),
    ("free", MEMORY),
    ("realloc", MEMORY),
    ("_int_realloc", MEMORY),
    ("calloc", MEMORY),
    ("unlink_chunk", MEMORY),
    ("sysmalloc", MEMORY),
    ("__rust", MEMORY),
    ("__rdl", MEMORY),
    ("tcache", MEMORY),
    ("sqlite3", "SQLite"),
];

/// Crates and modules. The first that fits counts, so modules are before their crates.
const PATHS: [(&str, &str); 49] = [
    ("alloc::alloc", MEMORY),
    ("portal_http::caching", "entity tags"),
    ("highway", "entity tags"),
    ("portal_http::telemetry", "log and metrics"),
    ("portal_http", "handlers of the API"),
    ("portal_web", "pages"),
    ("askama", "pages"),
    ("portal_i18n", "pages"),
    ("portal_wire", "JSON"),
    ("serde_json", "JSON"),
    ("serde", "JSON"),
    ("itoa", "JSON"),
    ("flate2", "compression"),
    ("miniz_oxide", "compression"),
    ("zlib_rs", "compression"),
    ("tracing", "log and metrics"),
    ("tracing_core", "log and metrics"),
    ("tracing_subscriber", "log and metrics"),
    ("tracing_actix_web", "log and metrics"),
    ("sharded_slab", "log and metrics"),
    ("prometheus", "log and metrics"),
    ("metrics", "log and metrics"),
    ("portal_session", SESSION),
    ("portal_auth", SESSION),
    ("actix_session", SESSION),
    ("redis", REDIS),
    ("deadpool_redis", REDIS),
    ("portal_persistence::rows", ROWS),
    ("portal_domain", ROWS),
    ("uuid", ROWS),
    ("chrono", ROWS),
    ("portal_persistence", DATABASE),
    ("diesel", DATABASE),
    ("diesel_async", DATABASE),
    ("tokio_postgres", DATABASE),
    ("postgres_protocol", DATABASE),
    ("postgres_types", DATABASE),
    ("deadpool", DATABASE),
    ("actix_http", HTTP),
    ("actix_web", HTTP),
    ("actix_router", HTTP),
    ("actix_cors", HTTP),
    ("actix_codec", HTTP),
    ("httparse", HTTP),
    ("http", HTTP),
    ("tokio", RUNTIME),
    ("mio", RUNTIME),
    ("actix_rt", RUNTIME),
    ("actix_server", RUNTIME),
];

const MEMORY: &str = "allocation";
const SESSION: &str = "sessions, access, signatures";
const REDIS: &str = "Redis' driver";
const ROWS: &str = "rows to entities, rules";
const DATABASE: &str = "diesel, driver, pool";
const HTTP: &str = "HTTP and routing";
const RUNTIME: &str = "runtime";
const SOCKETS: &str = "kernel: sockets";
const SCHEDULING: &str = "kernel: waiting and waking";
const KERNEL: &str = "kernel: the rest";
const OTHER: &str = "other";

/// A function on the stack of a sample.
pub struct Frame {
    /// Its name, with generic parameters.
    pub symbol: String,
    /// Whether it is the kernel's.
    pub is_kernel: bool,
}

impl Frame {
    /// Reads a line of `perf script --fields ip,sym,dso`; `None` if it has no function.
    pub fn parse(line: &str) -> Option<Self> {
        let (_, rest) = line.trim().split_once(' ')?;
        let (symbol, object) = rest.rsplit_once(" (")?;
        Some(Self {
            symbol: symbol.trim().to_owned(),
            is_kernel: object.starts_with("[kernel") || object.starts_with("[guest.kernel"),
        })
    }
}

/// The part that a stack belongs to, whose innermost function is its first: that of the innermost
/// function that tells one. What the standard library does belongs to whoever calls it.
pub fn of(stack: &[Frame]) -> &'static str {
    if stack.first().is_some_and(|frame| frame.is_kernel) {
        let calls = |names: &[&str]| {
            let mut kernel = stack.iter().take_while(|frame| frame.is_kernel);
            kernel.any(|frame| names.iter().any(|name| frame.symbol.contains(name)))
        };
        return if calls(&["sock", "tcp_", "inet_", "unix_stream"]) {
            SOCKETS
        } else if calls(&["schedule", "futex", "epoll", "eventfd"]) {
            SCHEDULING
        } else {
            KERNEL
        };
    }
    let mut parts = stack.iter().filter_map(|frame| part_of(&frame.symbol));
    parts.next().unwrap_or(OTHER)
}

fn part_of(symbol: &str) -> Option<&'static str> {
    // What makes values of a row's columns.
    if symbol.contains("::FromSql") || symbol.contains("::Queryable") {
        return Some(ROWS);
    }
    let known = |(start, part): &(&str, &'static str)| symbol.starts_with(start).then_some(*part);
    if let Some(part) = FUNCTIONS.iter().find_map(known) {
        return Some(part);
    }
    // The outermost type's crate comes first, then those of its parameters.
    paths(symbol).find_map(|path| {
        let is_below = |known: &str| {
            let rest = path.strip_prefix(known);
            rest.is_some_and(|rest| rest.starts_with("::"))
        };
        let mut known = PATHS.iter();
        known
            .find(|(known, _)| is_below(known))
            .map(|(_, part)| *part)
    })
}

/// The paths in a symbol, such as two in `<a::B as c::D>::e`.
fn paths(symbol: &str) -> impl Iterator<Item = &str> {
    let is_of_path = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    symbol
        .split(move |c| !is_of_path(c))
        .filter(|path| path.contains("::") && !path.starts_with(':'))
}

/// A symbol without its hash, and cut off where it gets long.
pub fn shortened(symbol: &str) -> String {
    const LENGTH: usize = 90;
    let hash = symbol
        .rsplit_once("::h")
        .filter(|(_, hash)| hash.len() == 16);
    let name = hash.map_or(symbol, |(name, _)| name);
    if name.chars().count() <= LENGTH {
        return name.to_owned();
    }
    name.chars()
        .take(LENGTH)
        .chain(std::iter::once('…'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(lines: &[&str]) -> Vec<Frame> {
        let frames = lines.iter();
        frames.filter_map(|line| Frame::parse(line)).collect()
    }

    #[test]
    fn a_sample_belongs_to_the_innermost_part_that_is_known() {
        let portal = "(/usr/bin/portal-server)";
        let lines = |symbols: &[&str]| -> Vec<String> {
            let symbols = symbols.iter();
            symbols
                .map(|symbol| format!("    7f00aa {symbol} {portal}"))
                .collect()
        };
        for (symbols, expected) in [
            (
                &["core::fmt::write", "<actix_http::h1::Encoder as x::Y>::z"][..],
                HTTP,
            ),
            (&["malloc", "diesel::query_builder::push_sql"], MEMORY),
            (
                &["memcpy", "serde_json::ser::format", "portal_http::x"],
                "JSON",
            ),
            (&["sqlite3VdbeExec", "diesel::sqlite::step"], "SQLite"),
            (
                &["core::ptr::drop_in_place<portal_domain::tickets::Ticket>"],
                ROWS,
            ),
            (
                &["<alloc::vec::Vec<T> as serde::ser::Serialize>::serialize"],
                "JSON",
            ),
            (&["portal_http::caching::entity_tag"], "entity tags"),
            (&["portal_http_of_others::x", "tokio::park"], RUNTIME),
            (&["clone3"], OTHER),
        ] {
            let lines = lines(symbols);
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            assert_eq!(of(&stack(&lines)), expected, "{symbols:?}");
        }
    }

    #[test]
    fn the_kernel_is_told_apart_by_what_it_does() {
        let sending = [
            "ffffffff81 copy_user_generic ([kernel.kallsyms])",
            "ffffffff82 tcp_sendmsg ([kernel.kallsyms])",
            "7f00 mio::net::send (/usr/bin/portal-server)",
        ];
        assert_eq!(of(&stack(&sending)), SOCKETS);
        let waking = [
            "ffffffff81 futex_wake ([kernel.kallsyms])",
            "7f00 parking_lot::tcp_like::unpark (/usr/bin/portal-server)",
        ];
        assert_eq!(of(&stack(&waking)), SCHEDULING);
        let mapping = ["ffffffff81 clear_page ([kernel.kallsyms])"];
        assert_eq!(of(&stack(&mapping)), KERNEL);
        assert_eq!(of(&[]), OTHER);
    }

    #[test]
    fn symbols_are_shown_without_hashes() {
        assert_eq!(shortened("a::b::h0123456789abcdef"), "a::b");
        assert_eq!(shortened("a::hash"), "a::hash");
        assert_eq!(shortened(&"x".repeat(200)).chars().count(), 91);
    }
}
