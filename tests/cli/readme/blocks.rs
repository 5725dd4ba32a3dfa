//! The commands in a Markdown text, and what it says that each prints.

/// A block after such a line is not run; the line says why.
const NOT_RUN: &str = "<!-- not run: ";

/// A command, or a whole block of them.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) line: usize,
    pub(super) command: String,
    /// None for a block without output, which has to succeed.
    pub(super) output: Option<Vec<String>>,
}

/// The commands in the blocks `console` (with their output after each `$`) and `sh`.
pub(super) fn commands(text: &str) -> Vec<Shown> {
    let mut all = Vec::new();
    let mut lines = (1..).zip(text.lines());
    let mut last = "";
    while let Some((number, line)) = lines.next() {
        let is_run = !last.starts_with(NOT_RUN);
        last = line;
        let Some(kind) = line.strip_prefix("```").filter(|kind| !kind.is_empty()) else {
            continue;
        };
        let inside = lines.by_ref().map_while(|(number, line)| {
            let is_end = line == "```";
            (!is_end).then_some((number, line))
        });
        let inside: Vec<_> = inside.collect();
        match kind {
            "console" if is_run => all.extend(with_output(&inside)),
            "sh" if is_run => all.push(without_output(number + 1, &inside)),
            "console" | "sh" | "json" | "yaml" | "text" | "nginx" | "caddyfile" => {}
            other => panic!("README.md:{number}: a block of the kind {other}"),
        }
    }
    all
}

/// Each command begins with `$`, and goes on after a line that ends with `|` or `\`.
fn with_output(lines: &[(usize, &str)]) -> Vec<Shown> {
    let mut all: Vec<Shown> = Vec::new();
    for (line, text) in lines {
        match (text.strip_prefix("$ "), all.last_mut()) {
            (Some(command), _) => all.push(Shown {
                line: *line,
                command: command.to_owned(),
                output: Some(Vec::new()),
            }),
            (None, Some(shown)) if goes_on(shown) => {
                shown.command.push('\n');
                shown.command.push_str(text);
            }
            (None, Some(shown)) => shown.output.iter_mut().for_each(|output| {
                output.push((*text).to_owned());
            }),
            (None, None) => panic!("README.md:{line}: output without a command"),
        }
    }
    all
}

fn goes_on(shown: &Shown) -> bool {
    shown.command.ends_with(['|', '\\']) && shown.output.as_ref().is_some_and(Vec::is_empty)
}

fn without_output(line: usize, lines: &[(usize, &str)]) -> Shown {
    let lines: Vec<_> = lines.iter().map(|(_, text)| *text).collect();
    Shown {
        line,
        command: lines.join("\n"),
        output: None,
    }
}

/// Whether this is what the README shows, where `…` is any text, and alone any number of lines.
pub(super) fn fits(shown: &[String], printed: &[&str]) -> bool {
    match (shown.split_first(), printed.split_first()) {
        (None, None) => true,
        (Some((line, rest)), _) if line.trim() == "…" => {
            (0..=printed.len()).any(|skipped| fits(rest, &printed[skipped..]))
        }
        (Some((line, rest)), Some((first, others))) => line_fits(line, first) && fits(rest, others),
        _ => false,
    }
}

fn line_fits(shown: &str, printed: &str) -> bool {
    let (shown, printed) = (timeless(shown), timeless(printed));
    let mut parts = shown.split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = printed.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<_> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        let Some((_, after)) = rest.split_once(part) else {
            return false;
        };
        rest = after;
    }
    rest.ends_with(last)
}

/// The words of a line without its times, which change how wide a table is.
fn timeless(line: &str) -> String {
    let (mut words, mut is_ago) = (Vec::new(), false);
    for word in line.split_whitespace() {
        is_ago |= word == "(now)" || word == "(in" || begins_duration(word);
        let is_time = word.len() == "2026-11-28T02:37:42Z".len() && word.ends_with('Z');
        if is_ago {
            is_ago = !word.ends_with(')');
        } else if is_time {
            words.push("TIME".to_owned());
        } else if word.starts_with("+--") {
            // A border, of which the number of columns counts.
            words.push(word.replace('-', ""));
        } else {
            words.push(word.to_owned());
        }
    }
    words.join(" ")
}

/// Whether that is a number with a unit of time in a bracket: `(3s`, `(2h`.
fn begins_duration(word: &str) -> bool {
    let Some(number) = word
        .strip_prefix('(')
        .and_then(|word| word.strip_suffix(['s', 'm', 'h', 'd', 'y']))
    else {
        return false;
    };
    !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit())
}
