//! The settings file: `.env` in the working directory, `--env-file`, or a profile.

use std::collections::HashMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::ConfigError;
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
    values: HashMap<String, SecretString>,
    /// Whether somebody named the file, rather than it lying in the working directory.
    pub(super) named: bool,
}

impl EnvFile {
    /// Reads the file that the arguments name, else `.env` in the working directory where there is one.
    pub(super) fn load(args: &TenantArgs) -> Result<Self, ConfigError> {
        if let Some(path) = named(args)? {
            let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
            return Ok(Self { values: parse(&Zeroizing::new(text), &path)?, named: true });
        }
        let path = Path::new(".env");
        match fs::read_to_string(path) {
            Ok(text) => Ok(Self { values: parse(&Zeroizing::new(text), path)?, named: false }),
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
    let Some(profile) = &args.profile else { return Ok(None) };
    let invalid = |problem: &str| ConfigError::Invalid { name: "--profile".into(), problem: problem.into() };
    // A name, not a path: it must not lead out of the folder.
    if profile.is_empty() || profile.starts_with('.') || profile.contains(['/', '\\', '\0']) {
        return Err(invalid("a plain name is meant, such as `staging`"));
    }
    let folders = directories::ProjectDirs::from("", "", "padlock")
        .ok_or_else(|| invalid("this user has no home folder to look for profiles in"))?;
    Ok(Some(folders.config_dir().join(format!("{profile}.env"))))
}

fn parse(text: &str, path: &Path) -> Result<HashMap<String, SecretString>, ConfigError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    refuse_substitution(text, path)?;
    let mut values = HashMap::new();
    // A line in a dialect of another program is none of ours.
    for (name, value) in dotenvy::from_read_iter(text.as_bytes()).flatten() {
        if NAMES.contains(&name.as_str()) {
            values.entry(name).or_insert_with(|| SecretString::from(value));
        }
    }
    // A line that sets one of our names is.
    match text.lines().find(|line| setting(line).is_some_and(|(name, _)| !values.contains_key(name))) {
        Some(line) => Err(invalid(path, line, "it does not parse; put a value that holds blanks in single quotes")),
        None => Ok(values),
    }
}

/// `$NAME` would be replaced by that variable's value: a password that holds a dollar sign would be another one, and
/// a foreign file could send any variable of the environment to a server of its choice.
fn refuse_substitution(text: &str, path: &Path) -> Result<(), ConfigError> {
    for line in text.lines() {
        let Some((_, value)) = setting(line) else { continue };
        let value = value.trim_start();
        let bare = value.replace("\\$", "");
        if !value.starts_with('\'') && bare.contains('$') {
            return Err(invalid(path, line, "put a value that holds $ in single quotes, or write \\$"));
        }
    }
    Ok(())
}

/// The name, if it is one of ours, and what stands behind the equals sign.
fn setting(line: &str) -> Option<(&'static str, &str)> {
    let line = line.trim_start();
    let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
    let (name, value) = line.split_once('=').unwrap_or((line, ""));
    Some((NAMES.into_iter().find(|known| *known == name.trim_end())?, value))
}

/// Names the setting and the file; the line itself may hold a secret.
fn invalid(path: &Path, line: &str, problem: &str) -> ConfigError {
    let name = setting(line).map_or("a line", |(name, _)| name);
    ConfigError::Invalid { name: format!("{name} in {}", text::path(path)), problem: problem.into() }
}

fn unreadable(path: &Path, source: std::io::Error) -> ConfigError {
    ConfigError::Unreadable { path: format!("the settings file {}", text::path(path)), source }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn value(text: &str, name: &str) -> Option<String> {
        let values = parse(text, Path::new(".env")).unwrap();
        values.get(name).map(|value| value.expose_secret().to_owned())
    }

    #[test]
    fn only_the_listed_names_are_read() {
        assert_eq!(value("PATH=/evil\nAUTH0_DOMAIN=acme.eu.auth0.com\n", "AUTH0_DOMAIN").unwrap(), "acme.eu.auth0.com");
        assert_eq!(value("PATH=/evil\n", "PATH"), None);
    }

    #[test]
    fn a_line_of_another_program_is_passed_over() {
        assert_eq!(value("OTHER=a b c\nAUTH0_REALM=users\n", "AUTH0_REALM").unwrap(), "users");
    }

    #[test]
    fn single_quotes_keep_every_character() {
        assert_eq!(value("PADLOCK_PASSWORD='p$a #\"x'\n", "PADLOCK_PASSWORD").unwrap(), "p$a #\"x");
    }

    #[test]
    fn a_dollar_sign_that_would_be_replaced_is_refused_without_showing_the_value() {
        let error = parse("PADLOCK_PASSWORD=pa$$word\n", Path::new(".env")).unwrap_err().to_string();
        assert!(error.contains("PADLOCK_PASSWORD in .env") && !error.contains("word"), "{error}");
    }

    #[test]
    fn a_line_of_ours_that_does_not_parse_is_refused_without_showing_the_value() {
        let error = parse("AUTH0_CLIENT_SECRET=a b c\n", Path::new(".env")).unwrap_err().to_string();
        assert!(error.contains("AUTH0_CLIENT_SECRET in .env") && !error.contains("a b"), "{error}");
    }
}
