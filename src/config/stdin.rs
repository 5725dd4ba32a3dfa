//! Standard input can be read once.

use std::path::{Path, PathBuf};

use super::error::ConfigError;

/// Whether a file's name means standard input.
pub(super) fn is_stdin(path: Option<&Path>) -> bool {
    path.is_some_and(|path| path.as_os_str() == "-")
}

/// Whether standard input is the file of one of these parameters.
pub(super) fn is_parameter(files: &[(String, PathBuf)]) -> bool {
    files.iter().any(|(_, path)| is_stdin(Some(path)))
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
