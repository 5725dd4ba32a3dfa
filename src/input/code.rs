//! A one-time code: as given, from standard input, from a command, or asked for.

use std::io::{self, BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::thread;

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::{InputError, line};
use crate::config::{CodeSource, read_secret_from_stdin};

/// The longest line that can be a code, in bytes.
const LIMIT: u64 = 4096;

/// Variables that hold secrets, of which the command needs none.
const SECRETS: [&str; 3] = ["AUTH0_CLIENT_SECRET", "PADLOCK_PASSWORD", "PADLOCK_OTP"];

/// The code; `question` is what a person is asked.
pub(crate) fn code(source: &CodeSource, question: &str) -> Result<SecretString, InputError> {
    match source {
        CodeSource::Given(code) => Ok(code.clone()),
        CodeSource::Stdin => Ok(read_secret_from_stdin("the one-time code")?),
        CodeSource::Command(command) => from_command(command),
        CodeSource::Prompt => typed(question),
    }
}

/// Visible as it is typed: it is worth nothing a moment later.
fn typed(question: &str) -> Result<SecretString, InputError> {
    let line = line(question)?;
    match line.trim() {
        "" => Err(InputError::Empty("one-time code")),
        code => Ok(code.into()),
    }
}

/// The first line that a shell's command prints. No secret stands in its environment or in its arguments.
fn from_command(command: &str) -> Result<SecretString, InputError> {
    let failed = |problem: String| InputError::Command { problem };
    let mut shell = shell(command);
    shell
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit());
    for name in SECRETS {
        shell.env_remove(name);
    }
    let mut child = shell
        .spawn()
        .map_err(|error| failed(format!("could not be started: {error}")))?;
    let mut first = Zeroizing::new(Vec::with_capacity(4096));
    if let Some(stdout) = child.stdout.take() {
        let mut lines = BufReader::new(stdout.take(LIMIT));
        lines
            .read_until(b'\n', &mut first)
            .map_err(|error| failed(format!("could not be read: {error}")))?;
        // What else it prints is read so that it can end, but nobody waits for whom it left behind.
        let mut rest = lines.into_inner().into_inner();
        drop(thread::Builder::new().spawn(move || io::copy(&mut rest, &mut io::sink())));
    }
    let status = child
        .wait()
        .map_err(|error| failed(format!("could not be waited for: {error}")))?;
    if !status.success() {
        return Err(failed(format!("failed ({status})")));
    }
    match std::str::from_utf8(&first).map(str::trim) {
        Ok("") => Err(failed("printed no code".into())),
        Ok(code) => Ok(code.into()),
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
