//! A secret from a file or from standard input: wrapped at once, one trailing line ending taken off.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::ConfigError;
use crate::text;

/// More than any password or secret has, in bytes.
const LIMIT: u64 = 1 << 20;

/// Reads the secret called `what` from a file.
pub(crate) fn read_secret(path: &Path, what: &str) -> Result<SecretString, ConfigError> {
    let name = format!("{what} in {}", text::path(path));
    let unreadable = |source| ConfigError::Unreadable { path: name.clone(), source };
    let file = File::open(path).map_err(unreadable)?;
    secret(&bounded(file).map_err(unreadable)?, &name)
}

/// Reads the secret called `what` from standard input, to its end.
pub(crate) fn read_secret_from_stdin(what: &str) -> Result<SecretString, ConfigError> {
    let name = format!("{what} on standard input");
    let bytes = bounded(io::stdin().lock()).map_err(|source| ConfigError::Unreadable { path: name.clone(), source })?;
    secret(&bytes, &name)
}

/// Reads the secret called `what` from the first line of standard input, and from the rest another one if there is any.
pub(crate) fn read_two_secrets_from_stdin(what: &str) -> Result<(SecretString, Option<SecretString>), ConfigError> {
    let name = format!("{what} on standard input");
    let bytes = bounded(io::stdin().lock()).map_err(|source| ConfigError::Unreadable { path: name.clone(), source })?;
    let end = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| end + 1);
    let (first, rest) = bytes.split_at(end);
    let second = if rest.iter().all(u8::is_ascii_whitespace) {
        None
    } else {
        Some(secret(rest.trim_ascii(), "the second line")?)
    };
    Ok((secret(first, &name)?, second))
}

fn bounded(source: impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    source.take(LIMIT + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn secret(bytes: &[u8], name: &str) -> Result<SecretString, ConfigError> {
    let invalid = |problem: &str| ConfigError::Invalid { name: name.to_owned(), problem: problem.into() };
    if bytes.len() as u64 > LIMIT {
        return Err(invalid("it is longer than 1 MiB"));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| invalid("it is not UTF-8"))?;
    let text = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
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
}
