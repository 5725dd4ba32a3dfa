//! A secret that a flag reads from standard input: typed without echo where that is a terminal.

use std::io::{self, IsTerminal};
use std::path::Path;

use secrecy::SecretString;

use super::secret::{self, SecretError};
use super::terminal::{Answer, Question, Terminal};
use crate::deadline::Deadline;

/// Whether a person types what a flag reads from standard input.
pub(super) fn is_typed() -> bool {
    io::stdin().is_terminal()
}

/// Reads the secret called `what` from a file, or from standard input where the path is `-`.
pub(crate) fn from_file_or_stdin(
    path: &Path,
    what: &str,
    deadline: Deadline,
) -> Result<SecretString, SecretError> {
    if path.as_os_str() != "-" {
        secret::from_file(path, what, deadline)
    } else if is_typed() {
        typed(what)
    } else {
        secret::from_stdin(what, deadline)
    }
}

fn typed(what: &str) -> Result<SecretString, SecretError> {
    let name = format!("{what} on standard input");
    let what = what.trim_start_matches("the ");
    let (first, rest) = what.split_at_checked(1).unwrap_or((what, ""));
    let question = Question {
        text: &format!("{}{rest}: ", first.to_ascii_uppercase()),
        what,
        answer: Answer::Secret,
    };
    let answer = Terminal::open().and_then(|mut terminal| terminal.ask(&question));
    match answer {
        Ok(answer) => secret::of_bytes(answer.as_bytes(), &name),
        Err(error) => Err(SecretError::Unreadable {
            name,
            source: io::Error::other(error.to_string()),
        }),
    }
}
