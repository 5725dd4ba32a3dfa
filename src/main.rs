//! The process: arguments and environment in, text and exit code out.

mod interrupt;
mod crash;
mod usage;

use std::ffi::OsString;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use padlock::{
    Class, Cli, Detail, ErrorFormat, Failure, Log, Screen, Surroundings, failure_text,
    recovery_code_text, run,
};

fn main() -> ExitCode {
    crash::leave_no_core();
    let arguments: Vec<OsString> = std::env::args_os().collect();
    crash::report_panics(usage::error_format(&arguments));
    let cli = match Cli::read(&arguments) {
        Ok(cli) => cli,
        Err(error) if !error.use_stderr() => return shown(&error),
        Err(error) => return failed(&usage::failure(&error), usage::error_format(&arguments)),
    };
    let format = cli.common.error_format;
    if let Err(error) = interrupt::end_cleanly() {
        let message = format!("the signal handlers could not be set up: {error}");
        return failed(&Failure::new(Class::Internal, message), format);
    }
    match run(&cli, &surroundings(&cli)).and_then(|result| printed(&result)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failed(&failure, format),
    }
}

fn surroundings(cli: &Cli) -> Surroundings<'static> {
    let terminal = io::stdout().is_terminal();
    let width = terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| width.0);
    Surroundings {
        variables: &variable,
        may_ask: io::stdin().is_terminal() && !cli.common.no_input,
        stdout: Screen {
            terminal,
            width: width.filter(|_| terminal),
        },
        write: &write,
        clock,
        log: Log {
            detail: detail(cli),
            write: told,
        },
        // A program that reads JSON from stderr gets failures alone.
        note: match cli.common.error_format {
            ErrorFormat::Text => &told,
            ErrorFormat::Json => &|_| (),
        },
        keep_recovery_code: match cli.common.error_format {
            ErrorFormat::Text => &|code| keep(code, ErrorFormat::Text),
            ErrorFormat::Json => &|code| keep(code, ErrorFormat::Json),
        },
    }
}

fn keep(recovery_code: &str, format: ErrorFormat) {
    drop(write!(
        anstream::stderr(),
        "{}",
        recovery_code_text(recovery_code, format)
    ));
}

/// Who waits at a terminal is told why; a program that reads JSON from stderr gets failures alone.
fn detail(cli: &Cli) -> Detail {
    match cli.common.verbose {
        _ if cli.common.error_format == ErrorFormat::Json => Detail::Nothing,
        0 if io::stderr().is_terminal() => Detail::Repeats,
        0 => Detail::Nothing,
        1 => Detail::Requests,
        _ => Detail::Headers,
    }
}

fn told(line: &str) {
    drop(writeln!(anstream::stderr(), "padlock: {line}"));
}

fn write(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}

fn clock() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    i64::try_from(since).unwrap_or(i64::MAX)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the environment is read"
)]
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// Help and version.
fn shown(error: &clap::Error) -> ExitCode {
    match error.print() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => failed(&unwritten(&error), ErrorFormat::Text),
    }
}

fn printed(result: &str) -> Result<(), Failure> {
    match write(result.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(unwritten(&error)),
        _ => Ok(()),
    }
}

fn unwritten(error: &io::Error) -> Failure {
    Failure::new(
        Class::Internal,
        format!("the result could not be written: {error}"),
    )
}

fn failed(failure: &Failure, format: ErrorFormat) -> ExitCode {
    if failure.class != Class::Interrupted && !failure.silent {
        // Where even stderr is gone, the exit code still tells.
        drop(write!(
            anstream::stderr(),
            "{}",
            failure_text(failure, format)
        ));
    }
    failure.class.exit().into()
}
