//! A settings file: `.env`, the file of `--env-file`, or a profile.
//!
//! Not with dotenvy, which searches parent folders, reads every name, substitutes `$` in values (a
//! password may contain one), and leaves copies of secrets in memory.

mod line;

use std::collections::HashMap;
use std::path::Path;

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::error::ConfigError;
use super::permissions::warn_if_others_can_read;
use super::report::Report;
use crate::deadline::Deadline;
use crate::escape;
use crate::input::read::{bounded, open};
use crate::input::secret::{LIMIT, utf8};
use crate::settings::{self, Setting};

/// How many unknown names a note lists, and how much of each.
const MOST_NAMES: usize = 10;
const LONGEST_NAME: usize = 60;

/// The settings in a file.
#[derive(Clone, Debug, Default)]
pub(super) struct SettingsFile(HashMap<&'static str, SecretString>);

impl SettingsFile {
    /// Reads a file or a pipe, such as the shell's `<(…)`, whose writer has until the deadline.
    pub(super) fn read(
        path: &Path,
        deadline: Deadline,
        report: &Report,
    ) -> Result<Self, ConfigError> {
        let bytes = open(path, LIMIT, deadline).and_then(|file| bounded(file, LIMIT));
        let bytes = bytes.map_err(ConfigError::unreadable("the settings file", path))?;
        Self::parse(&bytes, path, report)
    }

    /// The settings in these bytes of the file.
    pub(super) fn parse(bytes: &[u8], path: &Path, report: &Report) -> Result<Self, ConfigError> {
        warn_if_others_can_read(path, "settings file", report);
        let shown = escape::path(path);
        let lines = Lines::parse(bytes, &shown)?;
        if !lines.unknown.is_empty() {
            report.note(unknown_names(&lines.unknown, &shown));
        }
        Ok(Self(lines.values))
    }

    /// The line of a setting, as [`Self::parse`] reads it.
    pub(super) fn line(setting: Setting, value: &str) -> Zeroizing<String> {
        let written = line::written(value);
        let mut text = Zeroizing::new(String::with_capacity(written.len() + 40));
        for part in [setting.variable, "=", written.as_str(), "\n"] {
            text.push_str(part);
        }
        text
    }

    /// The setting of a line, if it is one.
    pub(super) fn setting_of(line: &str) -> Option<&'static Setting> {
        settings::named(name(line).0)
    }

    /// The whitespace and the comment after the value of a line.
    pub(super) fn comment_of(line: &str) -> &str {
        line::comment(name(line).1)
    }

    /// The value of a line that is a setting.
    pub(super) fn value_of(line: &str) -> Option<SecretString> {
        line::value(name(line).1).ok()
    }

    /// The name of a line that cannot be read: a setting with an invalid value, or what looks like a
    /// setting and is none for a file.
    pub(super) fn unreadable_name(line: &str) -> Option<String> {
        let mut lines = Lines::default();
        match lines.add(line) {
            Err((name, _)) => Some(name.to_owned()),
            Ok(()) => lines.unknown.pop(),
        }
    }

    pub(super) fn value(&self, name: &str) -> Option<&SecretString> {
        self.0.get(name)
    }
}

/// What is wrong with names that look like settings, and the settings that may be wanted.
fn unknown_names(names: &[String], file: &str) -> String {
    let explain = |name: &String| match (settings::named(name), settings::nearest(name)) {
        (Some(_), _) => format!("{name} (only the environment can set it)"),
        (None, Some(nearest)) => format!("{name} (did you mean {}?)", nearest.variable),
        (None, None) => name.clone(),
    };
    let mut listed: Vec<_> = names.iter().take(MOST_NAMES).map(explain).collect();
    if names.len() > MOST_NAMES {
        listed.push("…".to_owned());
    }
    let listed = listed.join(", ");
    format!("{file} has names that padlock does not read: {listed}")
}

/// The lines of a file that are about padlock.
#[derive(Default)]
struct Lines {
    values: HashMap<&'static str, SecretString>,
    /// Names like those of settings that are none, or none for a file.
    unknown: Vec<String>,
}

impl Lines {
    fn parse(bytes: &[u8], file: &str) -> Result<Self, ConfigError> {
        let invalid = |problem| ConfigError::invalid(format!("the settings file {file}"), problem);
        let text = utf8(bytes).map_err(invalid)?;
        if text.contains('\0') {
            return Err(invalid("it contains a NUL character, as UTF-16 text does"));
        }
        let mut lines = Self::default();
        for (number, line) in (1..).zip(text.lines()) {
            // Not the line itself in a message, which may contain a secret.
            lines.add(line).map_err(|(name, problem)| {
                ConfigError::invalid(format!("{name} in {file} (line {number})"), problem)
            })?;
        }
        Ok(lines)
    }

    /// Reads a line. One for another program is ignored, whatever its syntax.
    fn add(&mut self, line: &str) -> Result<(), (&'static str, &'static str)> {
        let (name, rest) = name(line);
        match settings::named(name).filter(|setting| setting.is_in_files()) {
            Some(setting) => {
                let value = line::value(rest).map_err(|problem| (setting.variable, problem))?;
                self.values.entry(setting.variable).or_insert(value);
            }
            None if name.starts_with("AUTH0_") || name.starts_with("PADLOCK_") => {
                let name = escape::excerpt(name, LONGEST_NAME);
                if !self.unknown.contains(&name) {
                    self.unknown.push(name);
                }
            }
            None => {}
        }
        Ok(())
    }
}

/// The name at the beginning of a line, and the text after it.
fn name(line: &str) -> (&str, &str) {
    let line = line.trim_start();
    let exported = line
        .strip_prefix("export")
        .filter(|rest| rest.starts_with(char::is_whitespace));
    let line = exported.unwrap_or(line).trim_start();
    let is_part = |one: char| one.is_ascii_alphanumeric() || one == '_';
    let end = line.find(|one| !is_part(one)).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    (name, rest.trim_start())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn read(text: &str, name: &str) -> Result<Option<String>, String> {
        let lines = Lines::parse(text.as_bytes(), ".env").map_err(|error| error.to_string())?;
        Ok(lines
            .values
            .get(name)
            .map(|value| value.expose_secret().to_owned()))
    }

    #[test]
    fn only_known_names_are_read() {
        let text = "PATH=/evil\nAUTH0_DOMAIN=acme.eu.auth0.com\n";
        assert_eq!(
            read(text, "AUTH0_DOMAIN"),
            Ok(Some("acme.eu.auth0.com".into()))
        );
        assert_eq!(read(text, "PATH"), Ok(None));
    }

    #[test]
    fn a_line_for_another_program_is_ignored_whatever_its_syntax() {
        for other in [
            "OTHER=a b c",
            "OTHER=\"open",
            "OTHER=don't",
            "OTHER=${X}",
            "[section]",
            "NOT_AUTH0_REALM='",
        ] {
            assert_eq!(
                read(&format!("{other}\nAUTH0_REALM=users\n"), "AUTH0_REALM"),
                Ok(Some("users".into())),
                "{other}"
            );
        }
    }

    #[test]
    fn export_whitespace_comments_a_byte_order_mark_and_windows_line_endings_are_accepted() {
        for line in [
            "AUTH0_REALM=users",
            "export AUTH0_REALM=users",
            "\t export\t AUTH0_REALM \t= users \t# comment",
        ] {
            for text in [
                format!("{line}\n"),
                format!("\u{feff}{line}"),
                format!("# AUTH0_REALM=x\r\n\r\n{line}\r\n"),
            ] {
                assert_eq!(
                    read(&text, "AUTH0_REALM"),
                    Ok(Some("users".into())),
                    "{text:?}"
                );
            }
        }
    }

    #[test]
    fn the_first_of_two_lines_with_the_same_name_counts() {
        assert_eq!(
            read("AUTH0_REALM=a\nAUTH0_REALM=b\n", "AUTH0_REALM"),
            Ok(Some("a".into()))
        );
    }

    #[test]
    fn an_invalid_line_is_reported_without_its_value() {
        for (line, number) in [("a b c", 1), ("'open", 2), ("pa$$word", 3), ("\"a\\q\"", 4)] {
            let text = format!(
                "{}AUTH0_CLIENT_SECRET={line}\nAUTH0_REALM=x\n",
                "\n".repeat(number - 1)
            );
            let error = read(&text, "AUTH0_REALM").unwrap_err();
            assert!(
                error.starts_with(&format!(
                    "AUTH0_CLIENT_SECRET in .env (line {number}) is not valid: "
                )),
                "{error}"
            );
            assert!(!error.contains(line), "{error}");
        }
        assert!(read("AUTH0_DOMAIN\n", "AUTH0_DOMAIN").is_err());
    }

    #[test]
    fn a_file_that_is_not_utf_8_is_refused() {
        for (bytes, problem) in [
            (&b"AUTH0_REALM=\xff\n"[..], "it is not UTF-8"),
            (b"\xff\xfeA\0", "it is UTF-16, not UTF-8"),
            (b"A\0", "it contains a NUL character, as UTF-16 text does"),
        ] {
            let error = Lines::parse(bytes, ".env")
                .err()
                .map(|error| error.to_string());
            let expected = format!("the settings file .env is not valid: {problem}");
            assert_eq!(error, Some(expected));
        }
    }

    #[test]
    fn a_name_that_looks_like_a_setting_is_reported_with_the_nearest_one() {
        let text = "AUTH0_CLIENTID=a\nexport PADLOCK_PASWORD=hunter2\nAUTH0_CLIENTID=b\n\
                    PADLOCK_PROFILE=c\nOTHER_AUTH0_X=1\nauth0_domain=x\n";
        let unknown = Lines::parse(text.as_bytes(), ".env").unwrap().unknown;
        assert_eq!(
            unknown_names(&unknown, ".env"),
            ".env has names that padlock does not read: AUTH0_CLIENTID (did you mean \
             AUTH0_CLIENT_ID?), PADLOCK_PASWORD (did you mean PADLOCK_PASSWORD?), PADLOCK_PROFILE \
             (only the environment can set it)"
        );
    }

    #[test]
    fn a_setting_without_an_equals_sign_is_refused() {
        for line in [
            "AUTH0_DOMAIN",
            "AUTH0_DOMAIN: acme.test",
            "export AUTH0_DOMAIN acme.test",
        ] {
            let error = read(line, "AUTH0_DOMAIN").unwrap_err();
            assert!(
                error.contains("expected = after the name"),
                "{line}: {error}"
            );
        }
    }
}
