//! The settings file: `.env` in the working directory, `--env-file`, or a profile.

mod line;

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::ConfigError;
use super::secret_file::{bounded, utf8};
use crate::args::TenantArgs;
use crate::text;

/// The only names that are read from a settings file.
const NAMES: [&str; 16] = [
    "AUTH0_DOMAIN",
    "AUTH0_ISSUER",
    "AUTH0_CLIENT_ID",
    "AUTH0_CLIENT_SECRET",
    "AUTH0_AUDIENCE",
    "AUTH0_SCOPE",
    "AUTH0_REALM",
    "AUTH0_ALGORITHM",
    "AUTH0_CLIENT_AUTH",
    "AUTH0_CLIENT_KEY_FILE",
    "AUTH0_CLIENT_KEY_ID",
    "AUTH0_FORWARDED_FOR",
    "PADLOCK_EMAIL",
    "PADLOCK_PASSWORD",
    "PADLOCK_OTP",
    "PADLOCK_CA_FILE",
];

/// What a settings file says.
#[derive(Debug, Default)]
pub(super) struct EnvFile {
    values: HashMap<&'static str, SecretString>,
    /// Whether somebody named the file, rather than it lying in the working directory.
    pub(super) named: bool,
}

impl EnvFile {
    /// Reads the file that the arguments name, else `.env` in the working directory where there is one.
    pub(super) fn load(args: &TenantArgs) -> Result<Self, ConfigError> {
        if let Some(path) = named(args)? {
            let bytes = read_named(&path, Duration::from_secs_f64(args.timeout))
                .map_err(|e| unreadable(&path, e))?;
            return Ok(Self {
                values: parse(&bytes, &path)?,
                named: true,
            });
        }
        let path = Path::new(".env");
        match read_regular(path) {
            Ok(bytes) => Ok(Self {
                values: parse(&bytes, path)?,
                named: false,
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(unreadable(path, error)),
        }
    }

    pub(super) fn value(&self, name: &str) -> Option<&SecretString> {
        self.values.get(name)
    }
}

fn named(args: &TenantArgs) -> Result<Option<PathBuf>, ConfigError> {
    if let Some(path) = &args.env_file {
        return Ok(Some(path.clone()));
    }
    let Some(profile) = &args.profile else {
        return Ok(None);
    };
    let invalid = |problem: &str| ConfigError::Invalid {
        name: "--profile".into(),
        problem: problem.into(),
    };
    // A name, not a path: it must not lead out of the folder.
    if profile.is_empty() || profile.starts_with('.') || profile.contains(['/', '\\', '\0']) {
        return Err(invalid("a plain name is meant, such as `staging`"));
    }
    let folders = directories::ProjectDirs::from("", "", "padlock")
        .ok_or_else(|| invalid("this user has no home folder to look for profiles in"))?;
    Ok(Some(folders.config_dir().join(format!("{profile}.env"))))
}

/// A pipe that lies in the working directory would hold up every run there. A folder is somebody's virtual environment.
fn read_regular(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    match fs::metadata(path)?.file_type() {
        kind if kind.is_file() => bounded(File::open(path)?),
        kind if kind.is_dir() => Err(ErrorKind::NotFound.into()),
        _ => Err(io::Error::other("it is no plain file")),
    }
}

/// Who names a file may name a pipe, such as the shell's `<(…)`; what writes to it has as long as the run may take.
fn read_named(path: &Path, timeout: Duration) -> io::Result<Zeroizing<Vec<u8>>> {
    if fs::metadata(path)?.is_file() {
        return bounded(File::open(path)?);
    }
    let (sender, receiver) = mpsc::channel();
    let path = path.to_owned();
    let read = move || drop(sender.send(File::open(path).and_then(bounded)));
    thread::Builder::new().name("settings".into()).spawn(read)?;
    let late = |_| io::Error::new(ErrorKind::TimedOut, "it did not come to an end in time");
    receiver.recv_timeout(timeout).map_err(late)?
}

fn parse(bytes: &[u8], path: &Path) -> Result<HashMap<&'static str, SecretString>, ConfigError> {
    let invalid = |name: String, problem: &str| ConfigError::Invalid {
        name,
        problem: problem.to_owned(),
    };
    let shown = text::path(path);
    let text =
        utf8(bytes).map_err(|problem| invalid(format!("the settings file {shown}"), problem))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut values = HashMap::new();
    for (number, line) in (1..).zip(text.lines()) {
        // A line of another program is none of ours, in whatever dialect it is.
        let Some((name, value)) = setting(line) else {
            continue;
        };
        // The line itself may hold a secret.
        let value = line::value(value)
            .map_err(|problem| invalid(format!("{name} in {shown} (line {number})"), problem))?;
        values.entry(name).or_insert(value);
    }
    Ok(values)
}

/// The name, if it is one of ours, and what stands behind it.
fn setting(line: &str) -> Option<(&'static str, &str)> {
    let line = line.trim_start();
    let exported = line
        .strip_prefix("export")
        .filter(|rest| rest.starts_with(char::is_whitespace));
    let line = exported.unwrap_or(line).trim_start();
    let (name, value) = line.split_at(line.find('=').unwrap_or(line.len()));
    Some((
        NAMES.into_iter().find(|known| *known == name.trim_end())?,
        value,
    ))
}

fn unreadable(path: &Path, source: io::Error) -> ConfigError {
    ConfigError::Unreadable {
        path: format!("the settings file {}", text::path(path)),
        source,
    }
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
    fn only_the_listed_names_are_read() {
        let text = "PATH=/evil\nAUTH0_DOMAIN=acme.eu.auth0.com\n";
        assert_eq!(
            read(text, "AUTH0_DOMAIN"),
            Ok(Some("acme.eu.auth0.com".into()))
        );
        assert_eq!(read(text, "PATH"), Ok(None));
    }

    #[test]
    fn a_line_of_another_program_is_passed_over_whatever_it_holds() {
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
    fn export_blanks_comments_a_byte_order_mark_and_windows_line_endings_do_no_harm() {
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
    fn of_two_lines_with_one_name_the_first_counts() {
        assert_eq!(
            read("AUTH0_REALM=a\nAUTH0_REALM=b\n", "AUTH0_REALM"),
            Ok(Some("a".into()))
        );
    }

    #[test]
    fn a_line_of_ours_that_does_not_parse_is_named_without_its_value() {
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
