//! Opens the browser at an address. Its argument list, which every user of the machine can read,
//! has the address and nothing else; its environment has no secret of padlock's.

use std::process::{Command, Stdio};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::{Duration, Instant};

use super::environment::Environment;
use super::listener::Event;
use crate::memory;
use crate::settings;

/// A command that ran for so long has opened a browser, whatever its exit code says then.
const OPENED_AFTER: Duration = Duration::from_secs(5);

/// Opens the browser, on a thread of its own: some commands end only when the browser does.
/// Reports where none could be opened.
pub(crate) fn open(environment: &Environment, address: &str, failed: Sender<Event>) {
    let named = environment.commands.iter();
    let named: Vec<_> = named
        .filter_map(|command| named_command(command, address))
        .collect();
    let commands = if named.is_empty() {
        ::open::commands(address)
    } else {
        named
    };
    let thread = thread::Builder::new().name("browser".into());
    let reported = failed.clone();
    let run = move || {
        if !commands.into_iter().any(succeeds) {
            failed.send(Event::NotOpened).ok();
        }
    };
    if thread.spawn(run).is_err() {
        reported.send(Event::NotOpened).ok();
    }
}

/// A command from `BROWSER`: words, in which `%s` is the address. No shell reads it.
fn named_command(text: &str, address: &str) -> Option<Command> {
    let mut words = text.split_whitespace();
    let mut command = Command::new(words.next()?);
    let mut has_address = false;
    for word in words {
        has_address |= word.contains("%s");
        command.arg(word.replace("%s", address));
    }
    if !has_address {
        command.arg(address);
    }
    Some(command)
}

fn succeeds(mut command: Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    for setting in settings::ALL.iter().filter(|setting| setting.is_secret()) {
        command.env_remove(setting.variable);
    }
    detach(&mut command);
    let child = memory::with_original_limit(|| command.spawn());
    let started = Instant::now();
    let status = child.and_then(|mut child| child.wait());
    status.is_ok_and(|status| status.success() || started.elapsed() >= OPENED_AFTER)
}

/// Ctrl-C ends padlock, not the browser.
#[cfg(unix)]
fn detach(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

#[cfg(not(unix))]
fn detach(_: &mut Command) {}
