//! The settings file: `.env` in the working directory, `--env-file`, or a profile.
//!
//! Not with dotenvy, which searches parent folders, reads every name, substitutes `$` in values (a
//! password may contain one), and leaves copies of secrets in memory.

mod line;

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::error::ConfigError;
use crate::args::SettingsFileArgs;
use crate::deadline::Deadline;
use crate::escape;
use crate::input::read::{bounded, open};
use crate::input::secret::{LIMIT, utf8};
use crate::settings;

/// The settings in a file.
#[derive(Debug, Default)]
pub(super) struct SettingsFile {
    values: HashMap<&'static str, SecretString>,
    /// Whether a flag names the file; otherwise it is `.env` in the working directory.
    pub(super) is_named: bool,
}

impl SettingsFile {
    /// Reads the file that the flags name, else `.env` in the working directory if it exists.
    pub(super) fn load(args: &SettingsFileArgs, deadline: Deadline) -> Result<Self, ConfigError> {
        let unreadable = |path: &Path| ConfigError::unreadable("the settings file", path);
        if let Some(path) = named(args)? {
            let bytes = open(&path, LIMIT, deadline).and_then(|file| bounded(file, LIMIT));
            let bytes = bytes.map_err(unreadable(&path))?;
            return Ok(Self {
                values: parse(&bytes, &path)?,
                is_named: true,
            });
        }
        let path = Path::new(".env");
        match read_regular(path) {
            Ok(bytes) => Ok(Self {
                values: parse(&bytes, path)?,
                is_named: false,
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(unreadable(path)(error)),
        }
    }

    pub(super) fn value(&self, name: &str) -> Option<&SecretString> {
        self.values.get(name)
    }
}

fn named(args: &SettingsFileArgs) -> Result<Option<PathBuf>, ConfigError> {
    if let Some(path) = &args.env_file {
        return Ok(Some(path.clone()));
    }
    let Some(profile) = &args.profile else {
        return Ok(None);
    };
    let invalid = |problem| ConfigError::invalid("--profile", problem);
    // Not a path, which could lead out of the folder.
    if profile.is_empty() || profile.starts_with('.') || profile.contains(['/', '\\', '\0']) {
        return Err(invalid("expected a name such as staging, not a path"));
    }
    let folders = directories::ProjectDirs::from("", "", "padlock")
        .ok_or_else(|| invalid("there is no home folder for profiles"))?;
    Ok(Some(folders.config_dir().join(format!("{profile}.env"))))
}

/// Reads a regular file: a pipe called `.env` would block every run in its folder. A folder of that
/// name is a Python environment.
fn read_regular(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    match fs::metadata(path)?.file_type() {
        kind if kind.is_file() => bounded(File::open(path)?, LIMIT),
        kind if kind.is_dir() => Err(ErrorKind::NotFound.into()),
        _ => Err(io::Error::other("it is not a regular file")),
    }
}

fn parse(bytes: &[u8], path: &Path) -> Result<HashMap<&'static str, SecretString>, ConfigError> {
    let invalid = |name: String, problem: &str| ConfigError::invalid(name, problem);
    let shown = escape::path(path);
    let text =
        utf8(bytes).map_err(|problem| invalid(format!("the settings file {shown}"), problem))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut values = HashMap::new();
    for (number, line) in (1..).zip(text.lines()) {
        // A line for another program is ignored, whatever its syntax.
        let Some((name, value)) = setting(line) else {
            continue;
        };
        // Not the line itself, which may contain a secret.
        let value = line::value(value)
            .map_err(|problem| invalid(format!("{name} in {shown} (line {number})"), problem))?;
        values.entry(name).or_insert(value);
    }
    Ok(values)
}

/// The name, if it is one of padlock's settings, and the text after it.
fn setting(line: &str) -> Option<(&'static str, &str)> {
    let line = line.trim_start();
    let exported = line
        .strip_prefix("export")
        .filter(|rest| rest.starts_with(char::is_whitespace));
    let line = exported.unwrap_or(line).trim_start();
    let (name, value) = line.split_at(line.find('=').unwrap_or(line.len()));
    let setting = settings::named(name.trim_end())?;
    Some((setting.variable, value))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn read(text: &str, name: &str) -> Result<Option<String>, String> {
        let values =
            parse(text.as_bytes(), Path::new(".env")).map_err(|error| error.to_string())?;
        Ok(values
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
        let error = parse(b"AUTH0_REALM=\xff\n", Path::new(".env"))
            .unwrap_err()
            .to_string();
        assert_eq!(
            error,
            "the settings file .env is not valid: it is not UTF-8"
        );
    }
}
