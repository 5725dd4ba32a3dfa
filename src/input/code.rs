//! A one-time code: as given, from standard input, from a command, or prompted for.

use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::error::InputError;
use super::read::within;
use super::secret;
use super::terminal::{Answer, Question, Terminal};
use crate::deadline::Deadline;
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

    /// Whether a person or a command has to be waited for, whose time does not count as the run's.
    pub(crate) fn takes_time(&self) -> bool {
        match self {
            Self::Prompt | Self::Stdin | Self::Command(_) => true,
            Self::Given(_) => false,
        }
    }
}

/// Reads the code, without the spaces around it; `question` is the prompt.
pub(crate) fn code(
    source: &CodeSource,
    question: &str,
    deadline: Deadline,
) -> Result<SecretString, InputError> {
    let code = match source {
        CodeSource::Given(code) => code.clone(),
        CodeSource::Stdin => secret::trimmed_from_stdin("the one-time code", deadline)?,
        CodeSource::Command(command) => from_command(command, deadline)?,
        CodeSource::Prompt => typed(question)?,
    };
    Ok(known(code.expose_secret().trim().into()))
}

/// The code as tenants expect it. Apps and messages show digits in groups; a code with other
/// characters, such as a recovery code, is unchanged.
pub(crate) fn without_separators(code: &SecretString) -> SecretString {
    let code = code.expose_secret();
    let is_separator =
        |one: char| one.is_whitespace() || matches!(one, '-' | '\u{2010}'..='\u{2015}');
    let mut digits = Zeroizing::new(String::with_capacity(code.len()));
    digits.extend(code.chars().filter(|one| !is_separator(*one)));
    let is_numeric = !digits.is_empty() && digits.bytes().all(|one| one.is_ascii_digit());
    known(if is_numeric { digits.as_str() } else { code }.into())
}

/// Visible as it is typed: it is worthless a moment later.
fn typed(question: &str) -> Result<SecretString, InputError> {
    let code = Terminal::open()?.ask(&Question {
        text: question,
        what: "code",
        answer: Answer::Visible,
    })?;
    Ok(known(code.as_str().into()))
}

/// The first line that a shell command prints before the deadline. Its environment and arguments
/// hold no secret of padlock's.
fn from_command(command: &str, deadline: Deadline) -> Result<SecretString, InputError> {
    let mut shell = shell(command);
    shell
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit());
    for setting in settings::ALL.iter().filter(|setting| setting.is_secret()) {
        shell.env_remove(setting.variable);
    }
    let is_group = lead_group(&mut shell);
    let child = memory::with_original_limit(|| shell.spawn());
    let mut child = child.map_err(|error| failed(format!("could not be started: {error}")))?;
    let line = match child.stdout.take() {
        Some(stdout) => within(deadline, || first_line(stdout)),
        None => Ok(Zeroizing::default()),
    };
    let ended = line.and_then(|line| Ok((line, wait(&mut child, deadline)?)));
    let (line, status) = ended.map_err(|error| {
        kill(&mut child, is_group);
        match error.kind() {
            ErrorKind::TimedOut => InputError::LateCommand,
            _ => failed(format!("could not be read: {error}")),
        }
    })?;
    if !status.success() {
        return Err(failed(format!("failed ({status})")));
    }
    match std::str::from_utf8(&line).map(str::trim) {
        Ok("") => Err(failed("printed no code".into())),
        Ok(code) => match secret::clean(code) {
            Ok(code) => Ok(known(code.into())),
            Err(problem) => Err(failed(format!("printed an invalid code: {problem}"))),
        },
        Err(_) => Err(failed("printed something that is not UTF-8".into())),
    }
}

fn failed(problem: String) -> InputError {
    InputError::Command { problem }
}

/// The rest is read so that the command can end; processes that it leaves running are not waited
/// for.
fn first_line(stdout: ChildStdout) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut first = Zeroizing::new(Vec::with_capacity(4096));
    let mut lines = BufReader::new(stdout.take(LIMIT));
    lines.read_until(b'\n', &mut first)?;
    let mut rest = lines.into_inner().into_inner();
    drop(thread::Builder::new().spawn(move || io::copy(&mut rest, &mut io::sink())));
    Ok(first)
}

fn wait(child: &mut Child, deadline: Deadline) -> io::Result<ExitStatus> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if deadline.remaining().is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// Lets the command lead a process group, so that what it starts can be ended with it. Not where
/// there is a terminal: a group in the background cannot ask there.
#[cfg(unix)]
fn lead_group(command: &mut Command) -> bool {
    use std::os::unix::process::CommandExt;
    let has_terminal = std::fs::File::open("/dev/tty").is_ok();
    if !has_terminal {
        command.process_group(0);
    }
    !has_terminal
}

#[cfg(not(unix))]
fn lead_group(_: &mut Command) -> bool {
    false
}

fn kill(child: &mut Child, is_group: bool) {
    #[cfg(unix)]
    if is_group {
        use rustix::process::{Pid, Signal, kill_process_group};
        kill_process_group(Pid::from_child(child), Signal::KILL).ok();
    }
    if !is_group || cfg!(not(unix)) {
        child.kill().ok();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_numeric_code_loses_its_spaces_and_hyphens() {
        for (code, sent) in [
            ("123456", "123456"),
            ("123 456", "123456"),
            (" 123-456 ", "123456"),
            ("12\u{2011}34\u{a0}56\t", "123456"),
            ("K6LG-LV3R SH3V", "K6LG-LV3R SH3V"),
            ("12 34-5x", "12 34-5x"),
            (" - ", " - "),
            ("", ""),
        ] {
            let sent_code = without_separators(&code.into());
            assert_eq!(sent_code.expose_secret(), sent, "{code:?}");
        }
    }
}
