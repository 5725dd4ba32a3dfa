//! A secret from a file or from standard input: wrapped at once, one trailing line ending removed.

use std::io::{self, ErrorKind};
use std::path::Path;

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::read::{bounded, open, stdin_to_end};
use crate::deadline::Deadline;
use crate::escape;
use crate::failure::{Class, Diagnose};
use crate::redact::known;

/// Why a secret could not be read. Names its source, never a part of it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretError {
    #[error("{name} could not be read")]
    Unreadable { name: String, source: io::Error },
    #[error("{name} is not valid: {problem}")]
    Invalid { name: String, problem: &'static str },
}

impl Diagnose for SecretError {
    fn class(&self) -> Class {
        Class::Usage
    }

    fn hint(&self) -> Option<String> {
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

/// Reads the secret called `what` from a file, or from standard input where the path is `-`.
pub(crate) fn from_file_or_stdin(
    path: &Path,
    what: &str,
    deadline: Deadline,
) -> Result<SecretString, SecretError> {
    if path.as_os_str() == "-" {
        from_stdin(what, deadline)
    } else {
        from_file(path, what, deadline)
    }
}

/// Reads the secret called `what` from a file.
pub(crate) fn from_file(
    path: &Path,
    what: &str,
    deadline: Deadline,
) -> Result<SecretString, SecretError> {
    let name = format!("{what} in {}", escape::path(path));
    let unreadable = |source| SecretError::Unreadable {
        name: name.clone(),
        source,
    };
    let file = open(path, LIMIT, deadline).map_err(unreadable)?;
    secret(&bounded(file, LIMIT).map_err(unreadable)?, &name)
}

/// Reads the secret called `what` from standard input, to its end.
pub(crate) fn from_stdin(what: &str, deadline: Deadline) -> Result<SecretString, SecretError> {
    let name = format!("{what} on standard input");
    secret(&all_of_stdin(&name, deadline)?, &name)
}

/// Reads the secret called `what` from the first line of standard input, and another one from the
/// rest if there is any.
pub(crate) fn two_from_stdin(
    what: &str,
    deadline: Deadline,
) -> Result<(SecretString, Option<SecretString>), SecretError> {
    let name = format!("{what} on standard input");
    let bytes = all_of_stdin(&name, deadline)?;
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let (first, rest) = bytes.split_at(end.map_or(bytes.len(), |end| end + 1));
    let rest = rest.trim_ascii();
    let second = (!rest.is_empty()).then(|| secret(rest, "the second line of standard input"));
    Ok((secret(first, &name)?, second.transpose()?))
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
    std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8")
}

fn secret(bytes: &[u8], name: &str) -> Result<SecretString, SecretError> {
    let invalid = |problem: &'static str| SecretError::Invalid {
        name: name.to_owned(),
        problem,
    };
    let text = utf8(bytes).map_err(invalid)?;
    let text = text
        .strip_suffix('\n')
        .map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    if text.is_empty() {
        return Err(invalid("it is empty"));
    }
    Ok(known(text.into()))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn read(bytes: &[u8]) -> Result<String, String> {
        let secret = secret(bytes, "it").map_err(|error| error.to_string())?;
        Ok(secret.expose_secret().to_owned())
    }

    #[test]
    fn exactly_one_line_ending_is_removed() {
        assert_eq!(read(b"a\n"), Ok("a".into()));
        assert_eq!(read(b"a\r\n"), Ok("a".into()));
        assert_eq!(read(b"a\n\n"), Ok("a\n".into()));
        assert_eq!(read(b" a \r"), Ok(" a \r".into()));
    }

    #[test]
    fn an_empty_secret_and_one_that_is_not_utf_8_are_errors() {
        assert!(read(b"").is_err() && read(b"\n").is_err() && read(b"\xff").is_err());
    }
}
