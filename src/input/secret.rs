//! A secret from a file or from standard input: wrapped at once, one trailing line ending removed.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
#[cfg(unix)]
use std::os::fd::AsFd;
use std::path::Path;

use secrecy::SecretString;
use zeroize::Zeroizing;

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
        None
    }
}

/// The longest secret or settings file, in bytes.
const LIMIT: usize = 1 << 20;

/// Reads the secret called `what` from a file, or from standard input where the path is `-`.
pub(crate) fn from_file_or_stdin(path: &Path, what: &str) -> Result<SecretString, SecretError> {
    if path.as_os_str() == "-" {
        from_stdin(what)
    } else {
        from_file(path, what)
    }
}

/// Reads the secret called `what` from a file.
pub(crate) fn from_file(path: &Path, what: &str) -> Result<SecretString, SecretError> {
    let name = format!("{what} in {}", escape::path(path));
    let unreadable = |source| SecretError::Unreadable {
        name: name.clone(),
        source,
    };
    let file = File::open(path).map_err(unreadable)?;
    secret(&bounded(file).map_err(unreadable)?, &name)
}

/// Reads the secret called `what` from standard input, to its end.
pub(crate) fn from_stdin(what: &str) -> Result<SecretString, SecretError> {
    let name = format!("{what} on standard input");
    secret(&all_of_stdin(&name)?, &name)
}

/// Reads the secret called `what` from the first line of standard input, and another one from the
/// rest if there is any.
pub(crate) fn two_from_stdin(
    what: &str,
) -> Result<(SecretString, Option<SecretString>), SecretError> {
    let name = format!("{what} on standard input");
    let bytes = all_of_stdin(&name)?;
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let (first, rest) = bytes.split_at(end.map_or(bytes.len(), |end| end + 1));
    let rest = rest.trim_ascii();
    let second = (!rest.is_empty()).then(|| secret(rest, "the second line of standard input"));
    Ok((secret(first, &name)?, second.transpose()?))
}

fn all_of_stdin(name: &str) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    stdin()
        .and_then(bounded)
        .map_err(|source| SecretError::Unreadable {
            name: name.to_owned(),
            source,
        })
}

/// Reads to the end, or to one byte beyond the limit. A vector that grows by itself would leave
/// copies of what it held.
pub(crate) fn bounded(mut source: impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    let mut part = Zeroizing::new([0; 4096]);
    while bytes.len() <= LIMIT {
        let length = match source.read(part.as_mut()) {
            Ok(0) => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            length => length?.min(LIMIT + 1 - bytes.len()),
        };
        if bytes.len() + length > bytes.capacity() {
            let mut larger = Vec::with_capacity(bytes.capacity() * 2);
            larger.extend_from_slice(&bytes);
            bytes = Zeroizing::new(larger);
        }
        bytes.extend_from_slice(&part[..length]);
    }
    Ok(bytes)
}

/// The text of what [`bounded`] has read, or what is wrong with it.
pub(crate) fn utf8(bytes: &[u8]) -> Result<&str, &'static str> {
    if bytes.len() > LIMIT {
        return Err("it is longer than 1 MiB");
    }
    std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8")
}

/// Standard input without the library's buffer, which is never wiped.
#[cfg(unix)]
fn stdin() -> io::Result<File> {
    Ok(io::stdin().as_fd().try_clone_to_owned()?.into())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the other systems can fail")]
fn stdin() -> io::Result<io::StdinLock<'static>> {
    Ok(io::stdin().lock())
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

    #[test]
    fn long_input_is_read_whole_and_endless_input_ends_at_the_limit() {
        for length in [0, 1, 4095, 4096, 4097, 100_000, LIMIT] {
            let all: Vec<u8> = (0..=u8::MAX).cycle().take(length).collect();
            assert_eq!(*bounded(all.as_slice()).unwrap(), all);
        }
        let endless = bounded(io::repeat(b'a')).unwrap();
        assert_eq!(
            (endless.len(), utf8(&endless)),
            (LIMIT + 1, Err("it is longer than 1 MiB"))
        );
    }
}
