//! Tables: the user under their name as a title, and all claims.

use comfy_table::{ColumnConstraint, ContentLineStyle, LineStyle, Table, TableStyle, Width};
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use super::json_text::compact;
use super::list;
use super::target::OutputTarget;
use crate::duration;
use crate::escape;
use crate::response::Userinfo;
use crate::verify::{Claims, has_rounded_number, texts};

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
    let text = claims.text();
    let shown = |name: &str| {
        claims
            .get(name)
            .map(|value| cell_text(name, value, text, target))
    };
    let email = shown("email").or_else(|| shown("name")).unwrap_or_default();
    let columns = [
        ("Email Address", email),
        ("Nickname", shown("nickname").unwrap_or_default()),
        ("ID", shown("sub").unwrap_or_default()),
    ];
    let title = shown("name").filter(|name| !name.is_empty());
    let mut table = table();
    table.set_header(columns.iter().map(|(header, _)| *header));
    table.add_row(columns.iter().map(|(_, value)| value.as_str()));
    let text = match &title {
        Some(title) => titled(title, table),
        None => format!("{table}\n"),
    };
    let rows = columns.map(|(header, value)| (header.to_owned(), value));
    fitting(text, title.as_deref(), &rows, target)
}

/// All claims, one per row, with relative times.
pub(crate) fn all_claims(claims: &Claims, now: i64, target: OutputTarget) -> String {
    rows("Claim", claims.iter(), claims.text(), now, target)
}

/// The claims from the userinfo endpoint, one per row.
pub(crate) fn userinfo(userinfo: &Userinfo, now: i64, target: OutputTarget) -> String {
    rows("Userinfo", userinfo.iter(), userinfo.text(), now, target)
}

fn rows<'a>(
    header: &str,
    claims: impl Iterator<Item = (&'a str, &'a Value)>,
    text: &[u8],
    now: i64,
    target: OutputTarget,
) -> String {
    let rows: Vec<_> = claims
        .map(|(name, value)| {
            let time = TIME_CLAIMS.contains(&name).then(|| value.as_f64());
            let value = time.flatten().map_or_else(
                || cell_text(name, value, text, target),
                |seconds| duration::with_distance(seconds, now),
            );
            (escaped(name, target), value)
        })
        .collect();
    let mut table = table();
    table.set_header([header, "Value"]);
    for (name, value) in &rows {
        table.add_row([name, value]);
    }
    fitting(format!("{table}\n"), None, &rows, target)
}

/// A title row with a name and a value, and further such rows.
pub(super) fn named_values(
    name: &str,
    value: &str,
    rows: &[(&str, String)],
    target: OutputTarget,
) -> String {
    let title = (name.to_owned(), escaped(value, target));
    let rows = rows.iter();
    let rows = rows.map(|(name, value)| ((*name).to_owned(), escaped(value, target)));
    let rows: Vec<_> = std::iter::once(title).chain(rows).collect();
    let mut table = table();
    for (index, (name, value)) in rows.iter().enumerate() {
        if index == 0 {
            table.set_header([name, value]);
        } else {
            table.add_row([name, value]);
        }
    }
    fitting(format!("{table}\n"), None, &rows, target)
}

/// A row for each of several things. On a narrow terminal the first cell names the others.
pub(super) fn columns(header: &[&str], rows: &[Vec<String>], target: OutputTarget) -> String {
    let mut table = table();
    table.set_header(header);
    let cells =
        |row: &Vec<String>| -> Vec<_> { row.iter().map(|cell| escaped(cell, target)).collect() };
    let rows: Vec<_> = rows.iter().map(cells).collect();
    for row in &rows {
        table.add_row(row);
    }
    let line = |row: &Vec<String>| {
        let (name, others) = row.split_first()?;
        Some((name.clone(), others.join("  ")))
    };
    let lines: Vec<_> = rows.iter().filter_map(line).collect();
    fitting(format!("{table}\n"), None, &lines, target)
}

/// The table, or lines where the terminal is narrower: a wrapped cell breaks identifiers.
fn fitting(
    table: String,
    title: Option<&str>,
    rows: &[(String, String)],
    target: OutputTarget,
) -> String {
    let fits = |width: &u16| table.lines().all(|line| self::width(line) <= *width);
    match target.width {
        Some(width) if !fits(&width) => {
            let title = title.map_or_else(String::new, |title| list::shortened(title) + "\n");
            title + &list::lines(rows, width)
        }
        _ => table,
    }
}

fn table() -> Table {
    let mut table = Table::new();
    table.load_style(STYLE);
    table
}

/// Adds a centered title, and widens the table if the title is wider.
fn titled(title: &str, mut table: Table) -> String {
    widen(&mut table, width(title).saturating_add(4));
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
    table.load_style(TITLE_STYLE);
    // An odd spare column goes to the right.
    let spare = total_width.saturating_sub(width(title).saturating_add(4));
    let (left, right) = (usize::from(spare / 2), usize::from(spare - spare / 2));
    table.add_row([format!("{}{title}{}", " ".repeat(left), " ".repeat(right))]);
    table
}

fn total_width(table: &Table) -> u16 {
    table.lines().next().map_or(0, |line| width(&line))
}

fn width(text: &str) -> u16 {
    u16::try_from(text.width()).unwrap_or(u16::MAX)
}

/// A claim for people: a string bare, anything else as JSON, numbers with the digits that came;
/// escaped.
fn cell_text(name: &str, value: &Value, text: &[u8], target: OutputTarget) -> String {
    if let Value::String(bare) = value {
        return escaped(bare, target);
    }
    let digits = has_rounded_number(value).then(|| texts(text));
    let digits = digits.and_then(|texts| Some(compact(texts.get(name)?.get())));
    escaped(&digits.unwrap_or_else(|| value.to_string()), target)
}

/// Nothing is cut unless a person reads it.
fn escaped(text: &str, target: OutputTarget) -> String {
    if target.is_terminal {
        escape::escape(text).into_owned()
    } else {
        escape::escape_whole(text).into_owned()
    }
}
