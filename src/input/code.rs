//! A one-time code: as given, from standard input, from a command, or prompted for.

use std::io::{self, BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::thread;

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::error::InputError;
use super::secret;
use super::terminal::read_line;
use crate::memory;
use crate::redact::known;
use crate::settings;

/// The longest line that can be a code, in bytes.
const LIMIT: u64 = 4096;

/// Where a one-time code comes from, if one is needed.
#[derive(Clone, Debug)]
pub(crate) enum CodeSource {
    Given(SecretString),
    Stdin,
    /// The output of a shell command.
    Command(String),
    Prompt,
}

impl CodeSource {
    /// Whether the person types the code at a prompt.
    pub(crate) fn is_prompt(&self) -> bool {
        matches!(self, Self::Prompt)
    }

    /// Whether reading the code may take a person's time: a command may ask for a password of its
    /// own.
    pub(crate) fn may_wait(&self) -> bool {
        matches!(self, Self::Command(_) | Self::Prompt)
    }
}

/// Reads the code; `question` is the prompt.
pub(crate) fn code(source: &CodeSource, question: &str) -> Result<SecretString, InputError> {
    match source {
        CodeSource::Given(code) => Ok(code.clone()),
        CodeSource::Stdin => Ok(secret::from_stdin("the one-time code")?),
        CodeSource::Command(command) => from_command(command),
        CodeSource::Prompt => typed(question),
    }
}

/// Visible as it is typed: it is worthless a moment later.
fn typed(question: &str) -> Result<SecretString, InputError> {
    let line = read_line(question)?;
    match line.trim() {
        "" => Err(InputError::Empty("one-time code")),
        code => Ok(known(code.into())),
    }
}

/// The first line that a shell command prints. Its environment and arguments hold no secret of
/// padlock's.
fn from_command(command: &str) -> Result<SecretString, InputError> {
    let failed = |problem: String| InputError::Command { problem };
    let mut shell = shell(command);
    shell
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit());
    for setting in settings::ALL.iter().filter(|setting| setting.is_secret) {
        shell.env_remove(setting.variable);
    }
    let child = memory::with_original_limit(|| shell.spawn());
    let mut child = child.map_err(|error| failed(format!("could not be started: {error}")))?;
    let mut first = Zeroizing::new(Vec::with_capacity(4096));
    if let Some(stdout) = child.stdout.take() {
        let mut lines = BufReader::new(stdout.take(LIMIT));
        lines
            .read_until(b'\n', &mut first)
            .map_err(|error| failed(format!("could not be read: {error}")))?;
        // The rest is read so that the command can end; processes that it leaves running are not
        // waited for.
        let mut rest = lines.into_inner().into_inner();
        drop(thread::Builder::new().spawn(move || io::copy(&mut rest, &mut io::sink())));
    }
    let status = child.wait();
    let status = status.map_err(|error| failed(format!("could not be waited for: {error}")))?;
    if !status.success() {
        return Err(failed(format!("failed ({status})")));
    }
    match std::str::from_utf8(&first).map(str::trim) {
        Ok("") => Err(failed("printed no code".into())),
        Ok(code) => Ok(known(code.into())),
        Err(_) => Err(failed("printed something that is not UTF-8".into())),
    }
}

fn shell(command: &str) -> Command {
    let (program, flag) = if cfg!(windows) {
        ("cmd", "/C")
    } else {
        ("/bin/sh", "-c")
    };
    let mut shell = Command::new(program);
    shell.args([flag, command]);
    shell
}
