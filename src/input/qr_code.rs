//! A QR code of an address, drawn with characters: two modules each, one above the other.

use std::ffi::OsString;

use qrcode::{Color, EcLevel, QrCode};

/// Modules of the margin, which scanners need to find the code.
const MARGIN: usize = 2;

/// How a terminal draws a QR code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QrStyle {
    /// Black on white, whatever the terminal's own colors are.
    Colored,
    /// In the terminal's own colors, which are taken for light on dark.
    Plain,
}

impl QrStyle {
    /// `None`: the terminal has no such characters.
    pub(crate) fn of_terminal(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<Self> {
        let value = |name| variable(name).filter(|value| !value.is_empty());
        let term = value("TERM")?;
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(value)?;
        let locale = locale.to_string_lossy().to_ascii_lowercase();
        let is_utf8 = locale.contains("utf-8") || locale.contains("utf8");
        if term == "dumb" || !is_utf8 {
            return None;
        }
        Some(match value("NO_COLOR") {
            None => Self::Colored,
            Some(_) => Self::Plain,
        })
    }

    /// The lines of the code; `None` where they do not fit.
    pub(crate) fn draw(self, text: &str, columns: u16) -> Option<String> {
        let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
        let size = code.width() + 2 * MARGIN;
        if size > usize::from(columns) {
            return None;
        }
        let colors = code.to_colors();
        let is_dark = |x: usize, y: usize| {
            let inside = |at: usize| at.checked_sub(MARGIN).filter(|at| *at < code.width());
            let module = inside(x).zip(inside(y));
            module.is_some_and(|(x, y)| colors[y * code.width() + x] == Color::Dark)
        };
        let mut drawn = String::new();
        for y in (0..size).step_by(2) {
            let line = (0..size).map(|x| self.character(is_dark(x, y), is_dark(x, y + 1)));
            match self {
                Self::Colored => {
                    drawn.push_str("\x1b[30;107m");
                    drawn.extend(line);
                    drawn.push_str("\x1b[0m\n");
                }
                Self::Plain => {
                    drawn.extend(line);
                    drawn.push('\n');
                }
            }
        }
        Some(drawn)
    }

    /// The dark modules are drawn in black, and the light ones in the terminal's own light color.
    fn character(self, upper: bool, lower: bool) -> char {
        let (upper, lower) = match self {
            Self::Colored => (upper, lower),
            Self::Plain => (!upper, !lower),
        };
        match (upper, lower) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: &str = "https://acme.eu.auth0.com/activate?user_code=WDJB-MJHT";

    /// What a scanner would see: the dark modules, read back from the characters.
    fn modules(drawn: &str, style: QrStyle) -> Vec<Vec<bool>> {
        let mut rows = Vec::new();
        for line in drawn.lines() {
            let line = line
                .trim_start_matches("\x1b[30;107m")
                .trim_end_matches("\x1b[0m");
            let halves = |upper: char| {
                let drawn = line.chars().map(move |c| c == '█' || c == upper);
                drawn
                    .map(|drawn| drawn == (style == QrStyle::Colored))
                    .collect()
            };
            rows.extend([halves('▀'), halves('▄')]);
        }
        rows
    }

    #[test]
    fn the_characters_show_every_module_and_a_light_margin() {
        let code = QrCode::with_error_correction_level(ADDRESS, EcLevel::L).unwrap();
        let (width, colors) = (code.width(), code.to_colors());
        for style in [QrStyle::Colored, QrStyle::Plain] {
            let drawn = modules(&style.draw(ADDRESS, 80).unwrap(), style);
            for (y, row) in drawn.iter().take(width + 2 * MARGIN).enumerate() {
                for (x, dark) in row.iter().enumerate() {
                    let inside = (MARGIN..width + MARGIN).contains(&x)
                        && (MARGIN..width + MARGIN).contains(&y);
                    let expected =
                        inside && colors[(y - MARGIN) * width + x - MARGIN] == Color::Dark;
                    assert_eq!(*dark, expected, "{style:?} at {x}, {y}");
                }
            }
        }
    }

    #[test]
    fn it_is_drawn_only_where_it_fits_and_the_terminal_has_the_characters() {
        assert!(QrStyle::Colored.draw(ADDRESS, 30).is_none());
        let style = |variables: &[(&str, &str)]| {
            QrStyle::of_terminal(&|name| {
                let found = variables.iter().find(|(found, _)| *found == name);
                found.map(|(_, value)| OsString::from(value))
            })
        };
        let (term, utf8) = (("TERM", "xterm"), ("LANG", "en_US.UTF-8"));
        assert_eq!(style(&[term, utf8]), Some(QrStyle::Colored));
        assert_eq!(
            style(&[term, utf8, ("NO_COLOR", "1")]),
            Some(QrStyle::Plain)
        );
        assert_eq!(style(&[term, utf8, ("LC_ALL", "C")]), None);
        assert_eq!(style(&[("TERM", "dumb"), utf8]), None);
        assert_eq!(style(&[term]), None);
        assert_eq!(style(&[utf8]), None);
    }
}
