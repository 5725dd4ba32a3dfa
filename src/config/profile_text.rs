//! The lines of a profile: those that cannot be read, and those that get other values.

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::settings_file::SettingsFile;
use super::source::is_empty;
use crate::settings::{self, Setting};

/// The settings that `setup` asks for or sets. Other lines of a file stay as they are.
pub(super) const ASKED: [Setting; 8] = [
    settings::DOMAIN,
    settings::ISSUER,
    settings::CLIENT_ID,
    settings::CLIENT_SECRET,
    settings::CLIENT_SECRET_FILE,
    settings::AUDIENCE,
    settings::REALM,
    settings::CA_FILE,
];

const HEADER: &str = "# Written by padlock setup; see padlock setup --help.\n";

/// The text with every line readable, and what became of the others. A line of a setting that is
/// asked for goes, since it may contain an old secret; any other one becomes a comment.
pub(super) fn repaired(text: &str) -> (Zeroizing<String>, Vec<String>) {
    let text = text.trim_start_matches('\u{feff}');
    let mut repairs = Vec::new();
    // With room for all of it, no copy of a part is left in memory.
    let room = text.len() + 2 * text.lines().count() + 1;
    let mut readable = Zeroizing::new(String::with_capacity(room));
    for (number, line) in (1..).zip(text.lines()) {
        if let Some(name) = SettingsFile::unreadable_name(line) {
            let is_asked = ASKED.iter().any(|setting| setting.variable == name);
            let change = if is_asked { "removed" } else { "a comment now" };
            repairs.push(format!("{name} (line {number}, {change})"));
            if is_asked {
                continue;
            }
            readable.push_str("# ");
        }
        readable.push_str(line);
        readable.push('\n');
    }
    (readable, repairs)
}

/// What the lines of a profile become.
pub(super) struct Edit<'e> {
    /// The values of the settings that are asked for.
    pub(super) values: &'e [(Setting, SecretString)],
    /// Whether the line of another setting goes.
    pub(super) is_lost: &'e dyn Fn(Setting) -> bool,
    /// Whether the line of an empty setting stays: it hides what other sources say.
    pub(super) keeps_empty: &'e dyn Fn(Setting) -> bool,
}

impl Edit<'_> {
    /// The new text. Values change where they are, with the comments after them; new ones follow the
    /// last line of those that were there.
    pub(super) fn apply(&self, old: Option<&str>) -> Zeroizing<String> {
        let mut lines: Vec<Zeroizing<String>> = Vec::new();
        let mut written: Vec<Setting> = Vec::new();
        let mut end = 0;
        if old.is_none() {
            lines.push(Zeroizing::new(HEADER.to_owned()));
            end = 1;
        }
        for line in old.unwrap_or_default().lines() {
            match SettingsFile::setting_of(line).copied() {
                Some(setting) if ASKED.contains(&setting) => {
                    if !written.contains(&setting)
                        && let Some(line) = self.line(setting, line)
                    {
                        written.push(setting);
                        lines.push(line);
                    }
                    end = lines.len();
                }
                Some(setting) if (self.is_lost)(setting) => end = lines.len(),
                _ => lines.push(ended(&[line])),
            }
        }
        for setting in ASKED.into_iter().rev() {
            if let Some(value) = self.value(setting).filter(|_| !written.contains(&setting)) {
                lines.insert(end, SettingsFile::line(setting, value));
            }
        }
        joined(&lines)
    }

    /// The line of a setting that is asked for; `None` where it has no value any more.
    fn line(&self, setting: Setting, line: &str) -> Option<Zeroizing<String>> {
        let old = SettingsFile::value_of(line);
        let value = self.value(setting);
        let is_same = match (&old, value) {
            (Some(old), Some(value)) => old.expose_secret() == value,
            (Some(old), None) => is_empty(old) && (self.keeps_empty)(setting),
            (None, _) => false,
        };
        if is_same {
            return Some(ended(&[line]));
        }
        let new = SettingsFile::line(setting, value?);
        Some(ended(&[
            new.trim_end_matches('\n'),
            SettingsFile::comment_of(line),
        ]))
    }

    fn value(&self, setting: Setting) -> Option<&str> {
        let found = self.values.iter().find(|(one, _)| *one == setting);
        found.map(|(_, value)| value.expose_secret())
    }
}

/// The parts as one line.
fn ended(parts: &[&str]) -> Zeroizing<String> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut line = Zeroizing::new(String::with_capacity(length + 1));
    for part in parts {
        line.push_str(part);
    }
    line.push('\n');
    line
}

fn joined(lines: &[Zeroizing<String>]) -> Zeroizing<String> {
    let length = lines.iter().map(|line| line.len()).sum();
    let mut text = Zeroizing::new(String::with_capacity(length));
    for line in lines {
        text.push_str(line);
    }
    text
}
