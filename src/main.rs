//! The process: arguments and environment in, text and exit code out.

mod process;

use std::alloc::System;
use std::ffi::OsString;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use padlock::{
    Class, Cli, CommonArgs, Context, Detail, ErrorFormat, Failure, Interactivity, Log,
    OutputTarget, SignInAddress, failure_text, forget_secrets, print_on_terminal, protect_memory,
    recovery_code_text, redact_secrets, run, sign_in_text, wrapped,
};
use process::{panics, signals, stdout, usage};
use zeroizing_alloc::ZeroAlloc;

/// Wipes all memory that is freed: libraries copy secrets into buffers of their own.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    // No secret is read for this, so nothing needs protection, which takes time.
    if let Some(version) = Cli::version_alone(&arguments) {
        return end(print(version), ErrorFormat::Text);
    }
    protect_memory();
    let exit = run_command(arguments);
    forget_secrets();
    exit
}

fn run_command(arguments: Vec<OsString>) -> ExitCode {
    signals::survive_file_size_limit();
    let format = usage::error_format(&arguments);
    panics::install_hook(format);
    let invocation = match Cli::read(&arguments) {
        Ok(invocation) => invocation,
        Err(error) if !error.use_stderr() => return print_help(&error),
        Err(error) => return fail(&usage::failure(&error, &arguments), format),
    };
    drop(arguments);
    let common = invocation.common;
    if io::stdin().is_terminal()
        && !invocation.handles_signals()
        && let Err(error) = signals::install_handlers()
    {
        let message = format!("the signal handlers could not be set up: {error}");
        return fail(&Failure::new(Class::Internal, message), common.error_format);
    }
    let result = run(invocation, &context(common)).and_then(|result| print(&result));
    end(result, common.error_format)
}

fn end(result: Result<(), Failure>, format: ErrorFormat) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => fail(&failure, format),
    }
}

fn context(common: CommonArgs) -> Context<'static> {
    let interactivity = Interactivity::of_process(common.no_input);
    let is_terminal = io::stdout().is_terminal();
    let width = terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| width.0);
    Context {
        variables: &variable,
        interactivity,
        stdout: OutputTarget {
            is_terminal,
            width: width.filter(|width| is_terminal && *width > 0),
        },
        write: &write,
        clock,
        log: Log {
            detail: detail(common),
            write: print_note,
            wait: match common.error_format {
                _ if interactivity.is_interactive() => print_on_terminal,
                ErrorFormat::Text if io::stderr().is_terminal() => print_note,
                _ => |_| (),
            },
        },
        // A program that reads JSON from stderr gets failures alone.
        note: match common.error_format {
            ErrorFormat::Text => &print_note,
            ErrorFormat::Json => &|_| (),
        },
        show_sign_in: match common.error_format {
            ErrorFormat::Text => &|address| print_sign_in(address, ErrorFormat::Text),
            ErrorFormat::Json => &|address| print_sign_in(address, ErrorFormat::Json),
        },
        show_recovery_code: match common.error_format {
            ErrorFormat::Text => &|code| print_recovery_code(code, ErrorFormat::Text),
            ErrorFormat::Json => &|code| print_recovery_code(code, ErrorFormat::Json),
        },
    }
}

fn print_sign_in(address: &SignInAddress<'_>, format: ErrorFormat) {
    let text = sign_in_text(address, format);
    drop(write!(anstream::stderr(), "{}", redact_secrets(&text)));
}

fn print_recovery_code(code: &str, format: ErrorFormat) {
    let text = recovery_code_text(code, format);
    drop(write!(anstream::stderr(), "{text}"));
}

/// Who waits at a terminal learns why; a program that reads JSON from stderr gets failures alone.
fn detail(common: CommonArgs) -> Detail {
    match common.verbose {
        _ if common.error_format == ErrorFormat::Json => Detail::Nothing,
        0 if io::stderr().is_terminal() => Detail::Retries,
        0 => Detail::Nothing,
        1 => Detail::Requests,
        _ => Detail::Headers,
    }
}

fn print_note(line: &str) {
    let note = format!("padlock: {}", redact_secrets(line));
    let note = wrapped(&note, stderr_width());
    drop(writeln!(anstream::stderr(), "{note}"));
}

/// The width of the terminal that standard error is.
fn stderr_width() -> Option<u16> {
    if !io::stderr().is_terminal() {
        return None;
    }
    let width = terminal_size::terminal_size_of(io::stderr()).map(|(width, _)| width.0);
    width.filter(|width| *width > 0)
}

fn write(bytes: &[u8]) -> io::Result<()> {
    if stdout::was_closed() && !bytes.is_empty() {
        return Err(io::Error::other("standard output is closed"));
    }
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}

fn clock() -> i64 {
    let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => seconds(since),
        Err(before) => -seconds(before.duration()),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the environment is read"
)]
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// Help and version.
fn print_help(error: &clap::Error) -> ExitCode {
    match printed(error) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => fail(&not_written(&error), ErrorFormat::Text),
    }
}

fn printed(help: &clap::Error) -> io::Result<()> {
    if stdout::was_closed() {
        return write(b"\n");
    }
    help.print()?;
    io::stdout().flush()
}

fn print(result: &str) -> Result<(), Failure> {
    match write(result.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(not_written(&error)),
        _ => Ok(()),
    }
}

fn not_written(error: &io::Error) -> Failure {
    let message = format!("the result could not be written: {error}");
    Failure::new(Class::Internal, message)
}

fn fail(failure: &Failure, format: ErrorFormat) -> ExitCode {
    if failure.class != Class::Interrupted && !failure.is_silent {
        // If even stderr is gone, the exit code still tells.
        drop(write!(
            anstream::stderr(),
            "{}",
            failure_text(failure, format, stderr_width())
        ));
    }
    failure.class.exit().into()
}
