//! Values that spreadsheets would take for formulas
//! (<https://owasp.org/www-community/attacks/CSV_Injection>).

use std::borrow::Cow;

use portal_domain::text::is_invisible;

/// The value with an apostrophe before what a spreadsheet would take for a formula.
pub(crate) fn neutralize(value: &str) -> Cow<'_, str> {
    if is_formula(value) {
        format!("'{value}").into()
    } else {
        value.into()
    }
}

/// The value that [`neutralize`] was given.
pub(crate) fn restore(value: &str) -> &str {
    match value.strip_prefix('\'') {
        Some(formula) if is_formula(formula) => formula,
        _ => value,
    }
}

/// Apostrophes do not count, so that `'=1` becomes `''=1`, and can be restored too.
fn is_formula(value: &str) -> bool {
    let value = value.trim_start_matches('\'');
    let is_hidden = |c: char| c == '\'' || c.is_whitespace() || is_invisible(c);
    value.starts_with(['\t', '\r', '\n'])
        || value
            .trim_start_matches(is_hidden)
            .starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}

#[cfg(test)]
mod tests {
    use portal_test_support::properties::{for_all, text_with};

    use super::*;

    #[test]
    fn no_value_is_a_formula_and_each_is_restored() {
        let text = text_with(&[
            "=", "+", "-", "@", "'", "''", "\t", "\r", "\n", " ", "\u{200b}", "\u{a0}", "＝", "1",
            "SUM(", "\"", ",", ";",
        ]);
        for_all(3_000, text, |value| {
            let written = neutralize(&value);
            assert_eq!(restore(&written), value);
            let shown = written.trim_start_matches(|c: char| c.is_whitespace() || is_invisible(c));
            assert!(
                !shown.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']),
                "{written:?}"
            );
        });
    }

    #[test]
    fn formulas_are_neutralized_and_restored() {
        for (value, written) in [
            ("=1+1", "'=1+1"),
            ("+49 30", "'+49 30"),
            ("-2", "'-2"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\tx", "'\tx"),
            ("\rx", "'\rx"),
            (" =1", "' =1"),
            ("\u{200b}=1", "'\u{200b}=1"),
            ("＝1", "'＝1"),
            ("'=1", "''=1"),
            ("''=1", "'''=1"),
            ("' =1", "'' =1"),
            ("'Ndrangheta", "'Ndrangheta"),
            ("O'Neill", "O'Neill"),
            ("a=1", "a=1"),
            ("'", "'"),
            ("", ""),
        ] {
            assert_eq!(neutralize(value), written);
            assert_eq!(restore(written), value);
        }
    }
}
