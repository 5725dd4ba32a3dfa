//! A shell on a terminal that runs commands one after another, and a person who answers prompts.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;
use std::process::Command;

use rexpect::process::PtyProcess;
use tempfile::TempDir;

use super::blocks::Shown;
use crate::program::program;
use crate::tenant::{DeviceAnswer, EMAIL, Tenant, USER_PASSWORD};

/// Is printed between two commands, with the exit code.
const END: char = '\u{1e}';
/// What prompts begin with.
const PROMPTS: [&str; 4] = ["Password for ", "Code ", "Which one?", "Recovery code"];
/// What other programs are in the README's examples: the name, and a line for the shell.
const STAND_INS: [(&str, &str); 3] = [
    (
        "browser",
        "curl --silent --location --output /dev/null \"$@\"",
    ),
    ("pass", "echo pa55word"),
    ("oathtool", "echo 123456"),
];

/// What a command printed on the terminal, and its exit code.
pub(super) struct Printed {
    pub(super) text: String,
    pub(super) code: i32,
}

/// Runs commands in a new home folder, with the settings that the demo prints.
pub(super) fn run(tenant: &Tenant, commands: &[Shown]) -> Vec<Printed> {
    let home = home_with(commands);
    let mut shell = Command::new("/usr/bin/timeout");
    shell
        .args(["--foreground", "120", "/bin/bash", "script"])
        .env_clear()
        .envs(tenant.settings())
        .env("HOME", home.path())
        .env(
            "PATH",
            format!("{}/bin:/usr/bin:/bin", home.path().display()),
        )
        .env("LANG", "C.UTF-8")
        .env("TERM", "xterm")
        .env("PADLOCK_STORE", "file")
        .env("BROWSER", home.path().join("bin/browser"))
        .current_dir(home.path());
    let shell = PtyProcess::new(shell).expect("a terminal");
    let mut terminal = shell.get_file_handle().expect("a terminal");
    let mut person = Person {
        tenant,
        commands,
        seen: 0,
    };
    let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
    while let Ok(length @ 1..) = terminal.read(&mut chunk) {
        bytes.extend_from_slice(&chunk[..length]);
        person.answer(&String::from_utf8_lossy(&bytes), &mut terminal);
    }
    split(&String::from_utf8_lossy(&bytes))
}

/// A home folder with the commands, a script that runs them, and the programs that they need.
fn home_with(commands: &[Shown]) -> TempDir {
    let home = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(home.path().join("bin")).expect("a writable folder");
    let padlock = home.path().join("bin/padlock");
    std::os::unix::fs::symlink(program(), padlock).expect("a writable folder");
    for (name, line) in STAND_INS {
        write_program(&home.path().join("bin").join(name), line);
    }
    let mut script = "stty cols 100 rows 50 echo\ncode=0\n".to_owned();
    for (number, shown) in commands.iter().enumerate() {
        let file = home.path().join(format!("{number}.sh"));
        fs::write(file, &shown.command).expect("a writable folder");
        writeln!(
            script,
            "(exit $code); . ./{number}.sh\ncode=$?; printf '\\036%s\\036' $code"
        )
        .expect("a text");
    }
    fs::write(home.path().join("script"), script).expect("a writable folder");
    home
}

fn write_program(path: &Path, line: &str) {
    use std::os::unix::fs::PermissionsExt;

    fs::write(path, format!("#!/bin/sh\n{line}\n")).expect("a writable folder");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a file of one's own");
}

/// Who answers the prompts as the README says.
struct Person<'a> {
    tenant: &'a Tenant,
    commands: &'a [Shown],
    /// How much of the terminal is dealt with.
    seen: usize,
}

impl Person<'_> {
    fn answer(&mut self, terminal_text: &str, terminal: &mut File) {
        let new = &terminal_text[self.seen..];
        if let Some((_, code)) = new.split_once("enter the code ")
            && let Some((code, _)) = code.split_once('\r')
        {
            let answer = DeviceAnswer::Confirms(EMAIL.to_owned());
            assert_eq!(self.tenant.answer_device(code, &answer), 1, "{code}");
            self.seen = terminal_text.len();
        }
        let line = new.rsplit(['\n', END]).next().unwrap_or_default();
        let is_prompt = PROMPTS.iter().any(|prompt| line.starts_with(prompt));
        if is_prompt && line.ends_with([' ']) && line.contains([':', ']']) {
            let number = terminal_text.matches(END).count() / 2;
            self.seen = terminal_text.len();
            let typed = if line.starts_with("Password") {
                USER_PASSWORD
            } else {
                self.shown_answer(number, line)
            };
            writeln!(terminal, "{typed}").expect("a terminal");
        }
    }

    /// What comes after the prompt in the README.
    fn shown_answer(&self, number: usize, prompt: &str) -> &str {
        let command = &self.commands[number];
        let mut lines = command.output.iter().flatten();
        lines
            .find_map(|line| line.strip_prefix(prompt))
            .unwrap_or_else(|| panic!("{}: no answer to {prompt}", command.command))
    }
}

/// The text between the ends of commands.
fn split(terminal_text: &str) -> Vec<Printed> {
    let parts: Vec<_> = terminal_text.split(END).collect();
    let commands = parts.chunks_exact(2);
    let printed = commands.map(|part| Printed {
        text: part[0]
            .split("\r\n")
            .map(visible)
            .collect::<Vec<_>>()
            .join("\n"),
        code: part[1].parse().expect("an exit code"),
    });
    printed.collect()
}

/// What stays of a line that was written over, without colours.
fn visible(line: &str) -> String {
    let line = line.rsplit('\r').next().unwrap_or_default();
    let line = line.rsplit("\u{1b}[2K").next().unwrap_or_default();
    let mut parts = line.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    let after = |part: &'_ str| part.split_once('m').map(|(_, text)| text.to_owned());
    parts
        .filter_map(after)
        .fold(first, |line, part| line + &part)
}
