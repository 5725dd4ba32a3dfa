//! Standard input can be read once.

use std::path::Path;

use super::error::ConfigError;

/// Whether a file's name means standard input.
pub(super) fn is_stdin(path: Option<&Path>) -> bool {
    path.is_some_and(|path| path.as_os_str() == "-")
}

/// Fails where two of the named readers are wanted.
pub(super) fn read_once<const N: usize>(
    readers: [(bool, &'static str); N],
) -> Result<(), ConfigError> {
    let mut wanted = readers.into_iter().filter(|(wanted, _)| *wanted);
    match (wanted.next(), wanted.next()) {
        (Some((_, first)), Some((_, second))) => Err(ConfigError::StdinTwice { first, second }),
        _ => Ok(()),
    }
}
