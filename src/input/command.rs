//! A secret that a shell command prints, such as one of a password manager.

use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::error::InputError;
use super::read::within;
use super::secret;
use crate::deadline::Deadline;
use crate::memory;
use crate::redact::known;
use crate::settings;
use crate::threads::NoThread;

/// A line of this many bytes is too long.
const LIMIT: usize = 4096;

/// The first line that a shell command prints before the deadline, without its ending. The command's
/// environment and arguments hold no secret of padlock's. `flag` is the one that gives the command,
/// and `what` is what it should print.
pub(super) fn first_line(
    flag: &'static str,
    what: &str,
    command: &str,
    deadline: Deadline,
) -> Result<SecretString, InputError> {
    let failed = |problem| InputError::Command { flag, problem };
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
        Some(stdout) => within(deadline, || read_line(stdout)),
        None => Ok(Zeroizing::default()),
    };
    let ended = line.and_then(|line| Ok((line, wait(&mut child, deadline)?)));
    let (line, status) = ended.map_err(|error| {
        kill(&mut child, is_group);
        match NoThread::in_error(&error) {
            Some(no_thread) => no_thread.clone().into(),
            None if error.kind() == ErrorKind::TimedOut => InputError::LateCommand(flag),
            None => failed(format!("could not be read: {error}")),
        }
    })?;
    if !status.success() {
        return Err(failed(format!("failed ({status})")));
    }
    let line = match line.len() {
        LIMIT.. => Err("it is longer than 4095 bytes"),
        _ => secret::utf8(&line).and_then(secret::clean),
    };
    match line {
        Ok("") => Err(failed(format!("printed no {what}"))),
        Ok(line) => Ok(known(line.into())),
        Err(problem) => Err(failed(format!("printed an invalid {what}: {problem}"))),
    }
}

/// The rest is read so that the command can end; processes that it leaves running are not waited
/// for.
fn read_line(stdout: ChildStdout) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut first = Zeroizing::new(Vec::with_capacity(LIMIT));
    let mut lines = BufReader::new(stdout.take(LIMIT as u64));
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
