//! Tables: the user under their name as a title, and all claims.

use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, ContentArrangement, ContentLineStyle, LineStyle, Table,
    TableStyle, Width,
};
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use super::target::OutputTarget;
use crate::duration;
use crate::escape;
use crate::response::Userinfo;
use crate::verify::Claims;

const STYLE: TableStyle = TableStyle::new()
    .top_border(LineStyle::new('+', '-', '+', '+'))
    .header_lines(ContentLineStyle::new('|', '|', '|'))
    .header_separator(LineStyle::new('+', '-', '+', '+'))
    .content_lines(ContentLineStyle::new('|', '|', '|'))
    .bottom_border(LineStyle::new('+', '-', '+', '+'));

/// No bottom border: the table below the title has one on top.
const TITLE_STYLE: TableStyle = TableStyle::new()
    .top_border(LineStyle::new('+', '-', '-', '+'))
    .content_lines(ContentLineStyle::new('|', '|', '|'));

/// Claims whose value is a time in seconds since 1970.
const TIME_CLAIMS: [&str; 5] = ["exp", "iat", "nbf", "auth_time", "updated_at"];

/// Who signed in: one row under the user's name.
pub(crate) fn user(claims: &Claims, target: OutputTarget) -> String {
    let shown = |name: &str| claims.get(name).map(cell_text);
    let mut table = table(target);
    table.set_header(["Email Address", "Nickname", "ID"]);
    let email = shown("email").or_else(|| shown("name")).unwrap_or_default();
    table.add_row([
        email,
        shown("nickname").unwrap_or_default(),
        shown("sub").unwrap_or_default(),
    ]);
    match shown("name").filter(|name| !name.is_empty()) {
        Some(name) => titled(&name, table, target),
        None => format!("{table}\n"),
    }
}

/// All claims, one per row, with relative times.
pub(crate) fn all_claims(claims: &Claims, now: i64, target: OutputTarget) -> String {
    rows("Claim", claims.iter(), now, target)
}

/// The claims from the userinfo endpoint, one per row.
pub(crate) fn userinfo(userinfo: &Userinfo, now: i64, target: OutputTarget) -> String {
    rows("Userinfo", userinfo.iter(), now, target)
}

fn rows<'a>(
    header: &str,
    claims: impl Iterator<Item = (&'a str, &'a Value)>,
    now: i64,
    target: OutputTarget,
) -> String {
    let mut table = table(target);
    table.set_header([header, "Value"]);
    for (name, value) in claims {
        let time = TIME_CLAIMS
            .contains(&name)
            .then(|| value.as_f64())
            .flatten();
        let value = time.map_or_else(
            || cell_text(value),
            |seconds| duration::with_distance(seconds, now),
        );
        table.add_row([escape::escape(name).into_owned(), value]);
    }
    format!("{table}\n")
}

fn table(target: OutputTarget) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE);
    if let Some(width) = target.width {
        table
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(width);
    }
    table
}

/// Adds a centered title, and widens the table if the title is wider.
fn titled(title: &str, mut table: Table, target: OutputTarget) -> String {
    let wanted = width(title).saturating_add(4);
    widen(&mut table, wanted.min(target.width.unwrap_or(u16::MAX)));
    let title = title_table(title, total_width(&table));
    format!("{title}\n{table}\n")
}

/// Widens the last column until the table has this width.
fn widen(table: &mut Table, wanted: u16) {
    let missing = wanted.saturating_sub(total_width(table));
    let last = table.column_max_content_widths().last().copied();
    let last = last.unwrap_or_default() + 2;
    if missing > 0
        && let Some(column) = table.column_mut(2)
    {
        let width = Width::Fixed(last + missing);
        column.set_constraint(ColumnConstraint::LowerBoundary(width));
    }
}

fn title_table(title: &str, total_width: u16) -> Table {
    let mut table = Table::new();
    table
        .load_style(TITLE_STYLE)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(total_width);
    // An odd spare column goes to the right; a title that wraps is centered line by line.
    let spare = total_width.saturating_sub(width(title).saturating_add(4));
    table.add_row([match spare {
        0 => Cell::new(title).set_alignment(CellAlignment::Center),
        _ => Cell::new(format!("{}{title}", " ".repeat(usize::from(spare / 2)))),
    }]);
    if let Some(column) = table.column_mut(0) {
        let width = Width::Fixed(total_width.saturating_sub(2));
        column.set_constraint(ColumnConstraint::Absolute(width));
    }
    table
}

fn total_width(table: &Table) -> u16 {
    table.lines().next().map_or(0, |line| width(&line))
}

fn width(text: &str) -> u16 {
    u16::try_from(text.width()).unwrap_or(u16::MAX)
}

/// A claim for people: a string bare, anything else as JSON; escaped.
fn cell_text(value: &Value) -> String {
    match value {
        Value::String(bare) => escape::escape(bare).into_owned(),
        other => escape::escape(&other.to_string()).into_owned(),
    }
}
