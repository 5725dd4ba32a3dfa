//! A table as `name  value` lines, for a terminal that is narrower than the table.

use unicode_width::UnicodeWidthStr;

use crate::escape::first_columns;

/// The widest value that is shown whole: every identifier is (OpenID Connect Core §2 allows a `sub`
/// 255 characters).
const LONGEST: usize = 300;

/// How much is shown of a longer one.
const SHORTENED: usize = 160;

/// One line for each row. Values stay in one piece, so that they can be copied; the terminal wraps
/// them.
pub(super) fn lines(rows: &[(String, String)], width: u16) -> String {
    let column = rows.iter().map(|(name, _)| name.width()).max();
    let column = column.unwrap_or_default().min(usize::from(width) * 2 / 5);
    let mut lines = String::new();
    for (name, value) in rows {
        let space = column.saturating_sub(name.width());
        lines.push_str(&shortened(name));
        if !value.is_empty() {
            lines.extend(std::iter::repeat_n(' ', space + 2));
            lines.push_str(&shortened(value));
        }
        lines.push('\n');
    }
    lines
}

/// A value that would fill the screen, and the flag that shows it whole.
pub(super) fn shortened(value: &str) -> String {
    if value.width() <= LONGEST {
        return value.to_owned();
    }
    let (start, length) = (first_columns(value, SHORTENED), value.chars().count());
    format!("{start}… ({length} characters; whole with --output json)")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        pairs.iter().map(owned).collect()
    }

    #[test]
    fn names_are_aligned_unless_that_takes_too_much_of_the_line() {
        let rows = rows(&[
            ("sub", "auth0|65f1c0de8a1b2c3d4e5f0001"),
            ("nickname", "李"),
            ("x", ""),
        ]);
        assert_eq!(
            lines(&rows, 30),
            "sub       auth0|65f1c0de8a1b2c3d4e5f0001\nnickname  李\nx\n"
        );
        assert_eq!(
            lines(&rows, 12),
            "sub   auth0|65f1c0de8a1b2c3d4e5f0001\nnickname  李\nx\n"
        );
    }

    #[test]
    fn a_long_value_is_shortened_and_says_how_to_see_it_whole() {
        assert_eq!(shortened(&"a".repeat(300)), "a".repeat(300));
        let start = "a".repeat(160);
        assert_eq!(
            shortened(&"a".repeat(3000)),
            format!("{start}… (3000 characters; whole with --output json)")
        );
    }
}
