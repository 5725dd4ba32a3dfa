//! The picture in the README: a session on a terminal, drawn as SVG.

use std::fmt::Write;

use super::blocks::Shown;
use super::session::Printed;

/// What the session in the picture consists of.
pub(super) const COMMANDS: &str = "\
```console
$ padlock --email app@percy.test --audience https://api.percy.test/ --save
Code from the authenticator app: 123456
$ padlock token --output curl | curl --silent --config - http://127.0.0.1:28484/orders
$ padlock token | padlock verify --issuer http://127.0.0.1:28484/ --audience https://other.example/
$ echo $?
```
";

/// The width of a character and the height of a line, in pixels; the text is scaled to them.
const WIDTH: f64 = 8.4;
const HEIGHT: usize = 18;
const MARGIN: usize = 16;

/// The commands, and what they printed.
pub(super) fn draw(commands: &[Shown], printed: &[Printed]) -> String {
    let mut lines = Vec::new();
    for (shown, printed) in commands.iter().zip(printed) {
        lines.push((format!("$ {}", shown.command), "command"));
        let class = if printed.code == 0 { "note" } else { "error" };
        let text = printed.text.lines().map(session_masked);
        lines.extend(text.map(|line| (line, class)));
    }
    let columns = lines.iter().map(|(line, _)| line.chars().count()).max();
    let columns = u32::try_from(columns.unwrap_or_default()).expect("a line");
    let width = f64::from(columns) * WIDTH;
    let (width, height) = (width.ceil(), lines.len() * HEIGHT);
    let (outer_width, outer_height) = (width + 32.0, height + 2 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{outer_width}\" height=\"{outer_height}\" \
         role=\"img\" aria-label=\"A session of padlock on a terminal\">\n\
         <style>text {{ font: 14px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace; \
         fill: #d0d7de; white-space: pre }}\n\
         .command {{ fill: #fff; font-weight: bold }} .error {{ fill: #ff7b72; font-weight: bold }} \
         .hint {{ fill: #79c0ff; font-weight: bold }}</style>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#0d1117\"/>\n"
    );
    let mut y = MARGIN + HEIGHT - 5;
    for (line, class) in &lines {
        if !line.is_empty() {
            draw_line(&mut svg, line, class, y);
        }
        y += HEIGHT;
    }
    svg + "</svg>\n"
}

/// A line without the name of a session's file, which is another one each time.
fn session_masked(line: &str) -> String {
    match (line.split_once("/session-"), line.rsplit_once(".json")) {
        (Some((_, _)), Some((_, rest))) => {
            format!("  /home/robin/.local/state/padlock/session-….json{rest}")
        }
        _ => line.trim_end().to_owned(),
    }
}

/// `class` is that of what padlock says, or of the whole line for a command.
fn draw_line(svg: &mut String, line: &str, class: &str, y: usize) {
    let columns = u32::try_from(line.chars().count()).expect("a line");
    let length = f64::from(columns) * WIDTH;
    let text = escaped(line);
    let content = match line.split_once(": ") {
        _ if class == "command" => format!("<tspan class=\"command\">{text}</tspan>"),
        Some((word @ ("padlock" | "hint"), rest)) => {
            let class = if word == "hint" { "hint" } else { class };
            let rest = escaped(rest);
            format!("<tspan class=\"{class}\">{word}:</tspan> {rest}")
        }
        _ => text,
    };
    writeln!(
        svg,
        "<text x=\"{MARGIN}\" y=\"{y}\" textLength=\"{length:.1}\" \
         lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\">{content}</text>"
    )
    .expect("a text");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
