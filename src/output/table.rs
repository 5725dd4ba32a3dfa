//! The tables: the original's, with the user's name as its title, and the one of all claims.

use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, ContentArrangement, ContentLineStyle, LineStyle, Table,
    TableStyle, Width,
};
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use super::Screen;
use crate::auth::Userinfo;
use crate::text;
use crate::time;
use crate::verify::Claims;

const STYLE: TableStyle = TableStyle::new()
    .top_border(LineStyle::new('+', '-', '+', '+'))
    .header_lines(ContentLineStyle::new('|', '|', '|'))
    .header_separator(LineStyle::new('+', '-', '+', '+'))
    .content_lines(ContentLineStyle::new('|', '|', '|'))
    .bottom_border(LineStyle::new('+', '-', '+', '+'));

/// A title without its lower border: the table below it brings that line.
const TITLE: TableStyle = TableStyle::new()
    .top_border(LineStyle::new('+', '-', '-', '+'))
    .content_lines(ContentLineStyle::new('|', '|', '|'));

/// Claims that hold a time in seconds since 1970.
const TIMES: [&str; 5] = ["exp", "iat", "nbf", "auth_time", "updated_at"];

/// Who signed in: title and one row.
pub(crate) fn user(claims: &Claims, screen: Screen) -> String {
    let shown = |name: &str| claims.get(name).map(words);
    let mut table = table(screen);
    table.set_header(["Email Address", "Nickname", "ID"]);
    let email = shown("email").or_else(|| shown("name")).unwrap_or_default();
    table.add_row([
        email,
        shown("nickname").unwrap_or_default(),
        shown("sub").unwrap_or_default(),
    ]);
    match shown("name").filter(|name| !name.is_empty()) {
        Some(name) => titled(&name, table, screen),
        None => format!("{table}\n"),
    }
}

/// All claims, one a row, times in words.
pub(crate) fn all_claims(claims: &Claims, now: i64, screen: Screen) -> String {
    rows("Claim", claims.iter(), now, screen)
}

/// What the userinfo endpoint says, one claim a row.
pub(crate) fn userinfo(userinfo: &Userinfo, now: i64, screen: Screen) -> String {
    rows("Userinfo", userinfo.iter(), now, screen)
}

fn rows<'a>(
    head: &str,
    claims: impl Iterator<Item = (&'a str, &'a Value)>,
    now: i64,
    screen: Screen,
) -> String {
    let mut table = table(screen);
    table.set_header([head, "Value"]);
    for (name, value) in claims {
        let time = TIMES.contains(&name).then(|| value.as_f64()).flatten();
        let value = time.map_or_else(|| words(value), |seconds| time::in_words(seconds, now));
        table.add_row([text::escape(name).into_owned(), value]);
    }
    format!("{table}\n")
}

fn table(screen: Screen) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE);
    if let Some(width) = screen.width {
        table
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(width);
    }
    table
}

/// Puts a centred title on top, and widens the table where the title is the wider of the two.
fn titled(title: &str, mut table: Table, screen: Screen) -> String {
    let wanted = width(title)
        .saturating_add(4)
        .min(screen.width.unwrap_or(u16::MAX));
    let missing = wanted.saturating_sub(total_width(&table));
    if missing > 0 {
        let last = table
            .column_max_content_widths()
            .last()
            .copied()
            .unwrap_or_default()
            + 2;
        if let Some(column) = table.column_mut(2) {
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(
                last + missing,
            )));
        }
    }
    let mut head = Table::new();
    head.load_style(TITLE)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(total_width(&table));
    // An odd spare cell goes to the right, as in the original; a title that wraps is centred line by line.
    let spare = total_width(&table).saturating_sub(4 + width(title));
    head.add_row([match spare {
        0 => Cell::new(title).set_alignment(CellAlignment::Center),
        _ => Cell::new(format!("{}{title}", " ".repeat(usize::from(spare / 2)))),
    }]);
    if let Some(column) = head.column_mut(0) {
        column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(
            total_width(&table).saturating_sub(2),
        )));
    }
    format!("{head}\n{table}\n")
}

fn total_width(table: &Table) -> u16 {
    table.lines().next().map_or(0, |line| width(&line))
}

fn width(text: &str) -> u16 {
    u16::try_from(text.width()).unwrap_or(u16::MAX)
}

/// A claim as a person reads it: a string bare, anything else as JSON; harmless either way.
fn words(value: &Value) -> String {
    match value {
        Value::String(bare) => text::escape(bare).into_owned(),
        other => text::escape(&other.to_string()).into_owned(),
    }
}
