//! A secret from a file or from standard input: wrapped at once, one trailing line ending taken off.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
#[cfg(unix)]
use std::os::fd::AsFd;
use std::path::Path;

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::ConfigError;
use crate::text;

/// More than any password, secret or settings file has, in bytes.
const LIMIT: usize = 1 << 20;

/// Reads the secret called `what` from a file.
pub(crate) fn read_secret(path: &Path, what: &str) -> Result<SecretString, ConfigError> {
    let name = format!("{what} in {}", text::path(path));
    let unreadable = |source| ConfigError::Unreadable {
        path: name.clone(),
        source,
    };
    let file = File::open(path).map_err(unreadable)?;
    secret(&bounded(file).map_err(unreadable)?, &name)
}

/// Reads the secret called `what` from standard input, to its end.
pub(crate) fn read_secret_from_stdin(what: &str) -> Result<SecretString, ConfigError> {
    let name = format!("{what} on standard input");
    let bytes = all_of_stdin(&name)?;
    secret(&bytes, &name)
}

/// Reads the secret called `what` from the first line of standard input, and from the rest another one if there is any.
pub(crate) fn read_two_secrets_from_stdin(
    what: &str,
) -> Result<(SecretString, Option<SecretString>), ConfigError> {
    let name = format!("{what} on standard input");
    let bytes = all_of_stdin(&name)?;
    let end = bytes
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(bytes.len(), |end| end + 1);
    let (first, rest) = bytes.split_at(end);
    let second = if rest.iter().all(u8::is_ascii_whitespace) {
        None
    } else {
        Some(secret(rest.trim_ascii(), "the second line")?)
    };
    Ok((secret(first, &name)?, second))
}

fn all_of_stdin(name: &str) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
    stdin()
        .and_then(bounded)
        .map_err(|source| ConfigError::Unreadable {
            path: name.to_owned(),
            source,
        })
}

/// All that comes, up to the limit and one byte more. A vector that grows by itself would leave copies of what it held.
pub(super) fn bounded(mut source: impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
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
pub(super) fn utf8(bytes: &[u8]) -> Result<&str, &'static str> {
    if bytes.len() > LIMIT {
        return Err("it is longer than 1 MiB");
    }
    std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8")
}

/// Standard input without the library's buffer, which nobody wipes.
#[cfg(unix)]
fn stdin() -> io::Result<File> {
    Ok(io::stdin().as_fd().try_clone_to_owned()?.into())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the other systems can fail")]
fn stdin() -> io::Result<io::StdinLock<'static>> {
    Ok(io::stdin().lock())
}

fn secret(bytes: &[u8], name: &str) -> Result<SecretString, ConfigError> {
    let invalid = |problem: &str| ConfigError::Invalid {
        name: name.to_owned(),
        problem: problem.into(),
    };
    let text = utf8(bytes).map_err(invalid)?;
    let text = text
        .strip_suffix('\n')
        .map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    if text.is_empty() {
        return Err(invalid("it is empty"));
    }
    Ok(text.into())
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
    fn exactly_one_line_ending_is_taken_off() {
        assert_eq!(read(b"a\n"), Ok("a".into()));
        assert_eq!(read(b"a\r\n"), Ok("a".into()));
        assert_eq!(read(b"a\n\n"), Ok("a\n".into()));
        assert_eq!(read(b" a \r"), Ok(" a \r".into()));
    }

    #[test]
    fn what_is_empty_or_not_utf_8_is_an_error() {
        assert!(read(b"").is_err() && read(b"\n").is_err() && read(b"\xff").is_err());
    }

    #[test]
    fn what_is_long_comes_whole_and_what_is_endless_ends_at_the_limit() {
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
