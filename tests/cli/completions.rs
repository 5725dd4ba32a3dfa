//! `padlock completions`: what bash, zsh, fish and elvish complete.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command as Process;

use rexpect::session::PtySession;
use tempfile::TempDir;

use crate::manual::commands;
use crate::program::{output_if_installed, padlock, printed};
use crate::terminal::at_terminal;

/// Beginnings of a command line, and what one press of Tab makes of each.
const COMPLETED: [(&str, &str); 20] = [
    ("tok", "token"),
    ("clie", "client-credentials"),
    ("who", "whoami"),
    ("--userin", "--userinfo"),
    ("verify --any-aud", "verify --any-audience"),
    ("--output id", "--output id-token"),
    ("-o exec", "-o exec-credential"),
    ("verify --output ta", "verify --output table"),
    ("token --output=hea", "token --output=header"),
    ("verify --kind id", "verify --kind id-token"),
    ("verify --kind=jw", "verify --kind=jwt"),
    ("--factor rec", "--factor recovery-code"),
    ("--algorithm EdD", "--algorithm EdDSA"),
    (
        "verify --algorithm RS256,PS3",
        "verify --algorithm RS256,PS384",
    ),
    ("--profile stag", "--profile staging"),
    ("status --profile stag", "status --profile staging"),
    ("--env-file setti", "--env-file settings.env"),
    // The name of a command as a value is no command.
    ("--email verify --dev", "--email verify --device"),
    ("completions fi", "completions fish"),
    (
        "run --keep-env -- only-in-te",
        "run --keep-env -- only-in-tests",
    ),
];

/// A folder with the script for a shell, settings, a profile, and a program.
fn folder(shell: &str) -> TempDir {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let file = folder.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
        file
    };
    write("script", &printed(padlock().args(["completions", shell])));
    write("settings.env", "");
    write("config/padlock/staging.env", "");
    write("config/padlock/production.env", "");
    let program = write("bin/only-in-tests", "#!/bin/sh\n");
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    folder
}

/// A shell at a terminal, in this folder, with the script loaded. A command `padlock` prints what
/// it was called with.
fn shell_in(folder: &Path, command: &[&str], set_up: &[&str]) -> PtySession {
    let mut shell = Process::new(command[0]);
    shell.args(&command[1..]).current_dir(folder).env_clear();
    let path = format!("{}:/usr/bin:/bin", folder.join("bin").display());
    shell
        .env("PATH", path)
        .env("HOME", folder)
        .env("TERM", "dumb");
    shell.env("XDG_CONFIG_HOME", folder.join("config"));
    let mut session = at_terminal(shell);
    for line in set_up {
        session.send_line(line).unwrap();
    }
    session.send_line("echo re''ady").unwrap();
    session.exp_string("ready").unwrap();
    session
}

fn assert_completes(session: &mut PtySession, shell: &str) {
    for (typed, completed) in COMPLETED {
        session.send(&format!("padlock {typed}\t")).unwrap();
        session.send_line("").unwrap();
        let expected = format!("<{completed}>");
        let found = session.exp_string(&expected);
        assert!(
            found.is_ok(),
            "{shell}: {typed} is not {expected}: {found:?}"
        );
    }
}

fn is_installed(shell: &str) -> bool {
    output_if_installed(Process::new(shell).args(["-c", "true"])).is_some()
}

#[test]
fn bash_completes_commands_flags_values_profiles_files_and_other_commands() {
    let folder = folder("bash");
    let set_up = [
        "bind 'set enable-bracketed-paste off'",
        "padlock() { echo \"<$*>\"; }",
        "source ./script",
    ];
    let command = ["bash", "--norc", "--noprofile", "-i"];
    let mut session = shell_in(folder.path(), &command, &set_up);
    assert_completes(&mut session, "bash");
    // A value with a space is quoted.
    std::fs::write(folder.path().join("config/padlock/two words.env"), "").unwrap();
    session.send("padlock --profile two\t\n").unwrap();
    session.exp_string("<--profile two words>").unwrap();
}

#[test]
fn zsh_completes_commands_flags_values_profiles_files_and_other_commands() {
    if !is_installed("zsh") {
        return;
    }
    let folder = folder("zsh");
    std::fs::rename(folder.path().join("script"), folder.path().join("_padlock")).unwrap();
    let set_up = [
        "fpath=($PWD $fpath)",
        "autoload -U compinit; compinit -u -D",
        "padlock() { print -r -- \"<$*>\"; }",
    ];
    let mut session = shell_in(folder.path(), &["zsh", "-f", "-i"], &set_up);
    assert_completes(&mut session, "zsh");
}

#[test]
fn fish_completes_commands_flags_values_profiles_files_and_other_commands() {
    if !is_installed("fish") {
        return;
    }
    let folder = folder("fish");
    let set_up = [
        "set -g fish_autosuggestion_enabled 0",
        "function padlock; echo \"<$argv>\"; end",
        "source ./script",
    ];
    let mut session = shell_in(folder.path(), &["fish", "--no-config", "-i"], &set_up);
    assert_completes(&mut session, "fish");
}

#[test]
fn every_command_and_every_flag_of_it_is_offered() {
    let bash = folder("bash");
    let fish = folder("fish");
    let has_fish = is_installed("fish");
    let all = commands();
    for command in std::iter::once("").chain(all.iter().map(String::as_str)) {
        let help = printed(padlock().args(command.split_whitespace()).arg("--help"));
        // The lines of flags are indented by six columns, or by two before a letter.
        let starts = help.lines().filter_map(|line| {
            let flag = line.strip_prefix("      --");
            flag.or_else(|| line.strip_prefix("  -")?.get(1..)?.strip_prefix(", --"))
        });
        let names = starts.filter_map(|start| start.split([' ', '.']).next());
        let flags: BTreeSet<_> = names.map(|name| format!("--{name}")).collect();
        assert!(flags.len() > 3, "{command}: {flags:?}");
        let in_bash = offered_by_bash(bash.path(), &["padlock", command, "--"]);
        let mut offered = vec![("bash", in_bash)];
        if has_fish {
            offered.push((
                "fish",
                offered_by_fish(fish.path(), &format!("padlock {command} --")),
            ));
        }
        for (shell, offered) in offered {
            for flag in &flags {
                assert!(
                    offered.contains(flag),
                    "{shell}: {command} {flag} in {offered:?}"
                );
            }
        }
    }
    let offered = offered_by_bash(bash.path(), &["padlock", "help", ""]);
    for command in all {
        assert!(offered.contains(&command), "{command} in {offered:?}");
    }
}

/// The candidates after these words, the last of which is being typed; empty ones are left out.
fn offered_by_bash(folder: &Path, words: &[&str]) -> BTreeSet<String> {
    let (last, before) = words.split_last().unwrap();
    let before: Vec<_> = before.iter().filter(|word| !word.is_empty()).collect();
    let before: Vec<_> = before.iter().map(|word| format!("'{word}'")).collect();
    let script = format!(
        "source ./script; COMP_WORDS=({} '{last}'); COMP_CWORD={}; _padlock; printf '%s\\n' \
         \"${{COMPREPLY[@]}}\"",
        before.join(" "),
        before.len()
    );
    let output = Process::new("bash")
        .args(["--norc", "--noprofile", "-c", &script])
        .current_dir(folder)
        .output()
        .unwrap();
    lines(&output.stdout)
}

fn offered_by_fish(folder: &Path, line: &str) -> BTreeSet<String> {
    let mut fish = Process::new("fish");
    fish.args([
        "--no-config",
        "-c",
        "source ./script; complete -C $argv[1]",
        line,
    ]);
    let output = fish
        .current_dir(folder)
        .env("HOME", folder)
        .output()
        .unwrap();
    let offered = lines(&output.stdout).into_iter();
    let names = offered.map(|line| line.split('\t').next().unwrap_or_default().to_owned());
    names.collect()
}

fn lines(text: &[u8]) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(text);
    text.lines().map(str::to_owned).collect()
}

#[test]
fn every_value_of_a_flag_is_offered_with_its_meaning() {
    let bash = folder("bash");
    let values = offered_by_bash(bash.path(), &["padlock", "verify", "--kind", ""]);
    let expected = ["access-token", "id-token", "jwt"];
    assert_eq!(values, expected.map(str::to_owned).into());
    let algorithms = offered_by_bash(bash.path(), &["padlock", "--algorithm", ""]);
    assert_eq!(algorithms.len(), 14, "{algorithms:?}");
    if is_installed("fish") {
        let fish = folder("fish");
        let mut process = Process::new("fish");
        process.args([
            "--no-config",
            "-c",
            "source ./script; complete -C 'padlock --factor '",
        ]);
        let output = process.current_dir(fish.path()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("recovery-code\trecovery code\n"), "{text}");
        assert!(text.contains("sms\tcode by text message\n"), "{text}");
    }
}

#[test]
fn a_value_that_has_no_list_offers_nothing() {
    let bash = folder("bash");
    let offered = offered_by_bash(bash.path(), &["padlock", "--email", ""]);
    assert_eq!(offered, [String::new()].into());
}

#[test]
fn elvish_completes_commands_and_flags() {
    let version = output_if_installed(Process::new("elvish").arg("-version"));
    if version.is_none() {
        return;
    }
    let folder = folder("elvish");
    let mut elvish = Process::new("elvish");
    elvish.arg("-norc").current_dir(folder.path()).env_clear();
    elvish
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", folder.path())
        .env("TERM", "xterm");
    let mut session = at_terminal(elvish);
    session.send_line("eval (slurp < script)").unwrap();
    for (line, expected) in [("padlock ''", "token"), ("padlock verify --", "--kind")] {
        let offered = format!(
            "$edit:completion:arg-completer[padlock] {line} | each {{|one| echo '<'$one[stem]'>'}}"
        );
        session.send_line(&offered).unwrap();
        session.exp_string(&format!("<{expected}>")).unwrap();
    }
}

#[test]
fn the_script_for_powershell_names_every_command_and_flag() {
    let script = printed(padlock().args(["completions", "powershell"]));
    for command in commands() {
        assert!(
            script.contains(&format!("'padlock;{command}'")),
            "{command}"
        );
    }
    for flag in ["--email", "--kind", "--min-ttl", "--store"] {
        assert!(script.contains(&format!("'{flag}'")), "{flag}");
    }
}

#[test]
fn fish_offers_no_part_of_the_name_of_a_profile() {
    if !is_installed("fish") {
        return;
    }
    let folder = folder("fish");
    for name in ["stag\nother", "stag\tother", "two words", "#x", "a'b"] {
        let file = format!("config/padlock/{name}.env");
        std::fs::write(folder.path().join(file), "").unwrap();
    }
    let mut fish = Process::new("fish");
    fish.args([
        "--no-config",
        "-c",
        "source ./script; complete -C 'padlock --profile '",
    ]);
    fish.current_dir(folder.path())
        .env("XDG_CONFIG_HOME", folder.path().join("config"));
    let offered = lines(&fish.output().unwrap().stdout);
    let expected = ["#x", "a'b", "production", "staging", "two words"];
    let names = offered.iter().filter_map(|line| line.split('\t').next());
    assert_eq!(names.collect::<Vec<_>>(), expected);
}
