//! A secret as text: from a file or from standard input, wrapped at once; without a byte order mark
//! and one line ending.

use std::io::{self, ErrorKind};
use std::path::Path;

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::read::{bounded, open, stdin_to_end};
use crate::deadline::Deadline;
use crate::escape;
use crate::failure::{Class, Diagnose};
use crate::keys::KeyDocument;
use crate::redact::known;
use crate::threads::NoThread;

/// Why a secret could not be read. Names its source, never a part of it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretError {
    #[error("{name} could not be read")]
    Unreadable { name: String, source: io::Error },
    #[error("{name} is not valid: {problem}")]
    Invalid { name: String, problem: &'static str },
    /// It is a key in a form of its own.
    #[error("{name} is not valid: it is {}, expected a secret", .found.name())]
    Key { name: String, found: KeyDocument },
}

impl SecretError {
    fn no_thread(&self) -> Option<&NoThread> {
        match self {
            Self::Unreadable { source, .. } => NoThread::in_error(source),
            _ => None,
        }
    }
}

impl Diagnose for SecretError {
    fn class(&self) -> Class {
        self.no_thread().map_or(Class::Usage, NoThread::class)
    }

    fn hint(&self) -> Option<String> {
        if let Some(error) = self.no_thread() {
            return error.hint();
        }
        let is_late =
            matches!(self, Self::Unreadable { source, .. } if source.kind() == ErrorKind::TimedOut);
        is_late.then(|| MORE_TIME.to_owned())
    }
}

/// The hint where a pipe stays open.
pub(crate) const MORE_TIME: &str =
    "close the other end of the pipe, or allow more time with --timeout";

/// The longest secret or settings file, in bytes.
pub(crate) const LIMIT: usize = 1 << 20;

/// Reads the secret called `what` from a file.
pub(crate) fn from_file(
    path: &Path,
    what: &str,
    deadline: Deadline,
) -> Result<SecretString, SecretError> {
    text_of_file(path, what, deadline, of_bytes)
}

/// Reads the PEM text called `what`, which has many lines, from a file.
pub(crate) fn pem_from_file(
    path: &Path,
    what: &str,
    deadline: Deadline,
) -> Result<SecretString, SecretError> {
    text_of_file(path, what, deadline, text)
}

fn text_of_file(
    path: &Path,
    what: &str,
    deadline: Deadline,
    read: impl Fn(&[u8], &str) -> Result<SecretString, SecretError>,
) -> Result<SecretString, SecretError> {
    let name = format!("{what} in {}", escape::path(path));
    let unreadable = |source| SecretError::Unreadable {
        name: name.clone(),
        source,
    };
    let file = open(path, LIMIT, deadline).map_err(unreadable)?;
    read(&bounded(file, LIMIT).map_err(unreadable)?, &name)
}

/// Reads the secret called `what` from standard input, to its end.
pub(super) fn from_stdin(what: &str, deadline: Deadline) -> Result<SecretString, SecretError> {
    let name = format!("{what} on standard input");
    of_bytes(&all_of_stdin(&name, deadline)?, &name)
}

/// Reads the secret called `what` from standard input, to its end. Spaces and line endings around
/// it are no part of it.
pub(super) fn trimmed_from_stdin(
    what: &str,
    deadline: Deadline,
) -> Result<SecretString, SecretError> {
    let name = format!("{what} on standard input");
    of_bytes(all_of_stdin(&name, deadline)?.trim_ascii(), &name)
}

/// Reads the secret called `what` from the first line of standard input, and another one from the
/// rest if there is any.
pub(super) fn two_from_stdin(
    what: &str,
    deadline: Deadline,
) -> Result<(SecretString, Option<SecretString>), SecretError> {
    let name = format!("{what} on standard input");
    let bytes = all_of_stdin(&name, deadline)?;
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let (first, rest) = bytes.split_at(end.map_or(bytes.len(), |end| end + 1));
    let rest = rest.trim_ascii();
    let second = (!rest.is_empty()).then(|| of_bytes(rest, "the second line of standard input"));
    Ok((of_bytes(first, &name)?, second.transpose()?))
}

fn all_of_stdin(name: &str, deadline: Deadline) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    stdin_to_end(LIMIT, deadline).map_err(|source| SecretError::Unreadable {
        name: name.to_owned(),
        source,
    })
}

/// The text of what was read, or what is wrong with it.
pub(crate) fn utf8(bytes: &[u8]) -> Result<&str, &'static str> {
    if bytes.len() > LIMIT {
        return Err("it is longer than 1 MiB");
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err("it is UTF-16, not UTF-8");
    }
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8")?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// A secret without a byte order mark and one line ending, which editors and shells add. A secret
/// with any other control character than Tab is refused: it was not typed like that.
pub(crate) fn clean(text: &str) -> Result<&str, &'static str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = text
        .strip_suffix('\n')
        .map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    match text.chars().find(|one| one.is_control() && *one != '\t') {
        None => Ok(text),
        Some('\0') => Err("it contains a NUL character, as UTF-16 text does"),
        Some('\n' | '\r') => Err("it contains a line ending besides one LF or CR LF at its end"),
        Some(_) => Err("it contains a control character"),
    }
}

/// The secret in these bytes, which came from `name`.
pub(super) fn of_bytes(bytes: &[u8], name: &str) -> Result<SecretString, SecretError> {
    checked(name, utf8(bytes).and_then(clean)).map_err(|error| {
        let name = name.to_owned();
        let found = KeyDocument::of(bytes);
        let is_key = found.is_no_shared_secret();
        if is_key {
            SecretError::Key { name, found }
        } else {
            error
        }
    })
}

fn text(bytes: &[u8], name: &str) -> Result<SecretString, SecretError> {
    checked(name, utf8(bytes))
}

fn checked(name: &str, text: Result<&str, &'static str>) -> Result<SecretString, SecretError> {
    let problem = match text {
        Ok("") => "it is empty",
        Ok(text) => return Ok(known(text.into())),
        Err(problem) => problem,
    };
    Err(SecretError::Invalid {
        name: name.to_owned(),
        problem,
    })
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn read(bytes: &[u8]) -> Result<String, String> {
        let secret = of_bytes(bytes, "it").map_err(|error| error.to_string())?;
        Ok(secret.expose_secret().to_owned())
    }

    #[test]
    fn exactly_one_line_ending_is_removed() {
        assert_eq!(read(b"a\n"), Ok("a".into()));
        assert_eq!(read(b"a\r\n"), Ok("a".into()));
        assert_eq!(read(b" a\t\n"), Ok(" a\t".into()));
        for text in ["a\n\n", "a\n\r\n", "a\r", "a\r\r\n", "a\nb"] {
            assert!(
                read(text.as_bytes())
                    .unwrap_err()
                    .contains("a line ending besides"),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_byte_order_mark_is_removed_and_utf_16_is_refused() {
        assert_eq!(read("\u{feff}ä\r\n".as_bytes()), Ok("ä".into()));
        assert_eq!(read("a\u{feff}".as_bytes()), Ok("a\u{feff}".into()));
        for bytes in [&b"\xff\xfea\0"[..], b"\xfe\xff\0a", b"a\0b\0", b"\0a\0b"] {
            assert!(read(bytes).unwrap_err().contains("UTF-16"), "{bytes:?}");
        }
    }

    #[test]
    fn a_control_character_in_a_secret_is_refused() {
        for character in ('\0'..='\u{1f}').chain('\u{7f}'..='\u{9f}') {
            let result = clean(&format!("a{character}b")).map(str::len);
            assert_eq!(result.is_ok(), character == '\t', "{character:?}");
        }
    }

    #[test]
    fn an_empty_secret_and_one_that_is_not_utf_8_are_errors() {
        assert!(read(b"").is_err() && read(b"\n").is_err() && read(b"\xff").is_err());
    }
}
