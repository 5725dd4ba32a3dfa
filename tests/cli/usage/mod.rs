//! A command line that does not parse.

mod flags;

use std::collections::BTreeSet;

use predicates::prelude::PredicateBooleanExt;

use crate::program::{error_of, padlock, padlock_at, printed, says, verify_at};
use crate::tenant::{AUDIENCE, EMAIL, Tenant, USER_PASSWORD};
use crate::terminal::at_columns;
use flags::{COMMANDS, VALUE};

/// Asserts that this command line is refused with these words, in plain English.
fn assert_refused(command: &[&str], arguments: &[String], message: &str, hint: &str) {
    let help = [&["padlock"], command, &["--help"]].concat().join(" ");
    let output = padlock().args(command).args(arguments).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let shown = format!("{command:?} {arguments:?}: {stderr}");
    assert_eq!(output.status.code(), Some(2), "{shown}");
    assert_eq!(output.stdout, b"", "{shown}");
    assert!(
        stderr.starts_with(&format!("padlock: {message}")),
        "{shown}"
    );
    assert!(
        stderr.ends_with(&format!("\nhint: {hint}see {help}\n")),
        "{shown}"
    );
    for notation in ["<", ">", "[", "..", "Some(", "panicked", VALUE] {
        assert!(!stderr.contains(notation), "{notation} in {shown}");
    }
}

#[test]
fn every_mistake_with_a_flag_is_explained_in_plain_english() {
    for (command, groups) in COMMANDS {
        for flag in groups.iter().copied().flatten() {
            for (arguments, message) in flag.mistakes() {
                assert_refused(command, &arguments, &message, "");
            }
        }
    }
}

#[test]
fn the_mistakes_are_tried_with_every_flag_that_help_lists() {
    for (command, groups) in COMMANDS {
        let tried = groups.iter().copied().flatten().map(|flag| flag.name());
        let tried: BTreeSet<_> = tried.chain(["--help"]).collect();
        let help = printed(padlock().args(command).arg("--help"));
        // The lines of flags are indented by six columns, or by two before a letter.
        let flags = help.lines().filter_map(|line| {
            let flag = line.strip_prefix("      --");
            let flag = flag.or_else(|| line.strip_prefix("  -")?.get(1..)?.strip_prefix(", --"));
            flag?.split([' ', '.']).next()
        });
        let listed: BTreeSet<_> = flags.map(|name| format!("--{name}")).collect();
        let listed: BTreeSet<_> = listed.iter().map(String::as_str).collect();
        let tried = if command.is_empty() {
            &tried | &["--version"].into()
        } else {
            tried
        };
        assert_eq!(listed, tried, "{command:?}");
    }
}

#[test]
fn a_mistyped_flag_is_named_and_a_similar_one_suggested() {
    let unknown = |command: &[&str], argument: &str, hint: &str| {
        let name = argument.split('=').next().unwrap();
        let message = format!("unknown flag {name}\n");
        assert_refused(command, &[argument.to_owned()], &message, hint);
    };
    unknown(&[], "--emial", "did you mean --email? ");
    unknown(&[], "--emial=hunter2", "did you mean --email? ");
    unknown(&["login"], "--emial", "did you mean --email? ");
    unknown(&["verify"], "--emial=hunter2", "");
    unknown(&["verify"], "--isuer=hunter2", "did you mean --issuer? ");
    for (command, _) in COMMANDS {
        unknown(command, "--nothing-like-it=hunter2", "");
    }
}

#[test]
fn a_letter_that_other_programs_use_leads_to_the_long_flag() {
    assert_refused(
        &[],
        &["-uhunter2".into()],
        "unknown flag -u\n",
        "did you mean --email? ",
    );
    assert_refused(&["verify"], &["-u".into()], "unknown flag -u\n", "");
}

#[test]
fn the_flags_used_most_have_letters() {
    let tenant = Tenant::start();
    let login = || {
        let mut login = padlock_at(&tenant);
        login.args(["-e", EMAIL, "--password", USER_PASSWORD]);
        login
    };
    let token = printed(login().args(["-o", "id-token"]));
    let arguments = ["client-credentials", "--audience", AUDIENCE, "-ojson"];
    assert!(printed(padlock_at(&tenant).args(arguments)).starts_with('{'));
    let mut verify = verify_at(&tenant);
    verify.args(["--kind", "id-token", "--audience", "padlock-cli", "-q"]);
    assert_eq!(printed(verify.write_stdin(token)), "");
}

#[test]
fn a_letter_with_a_value_does_not_hide_which_command_is_called() {
    for (line, command) in [
        (&["-e", "verify", "--nope"][..], &[][..]),
        (&["-o", "json", "verify", "--nope"], &["verify"]),
        (&["-v", "verify", "--nope"], &["verify"]),
        (&["-everify", "--nope"], &[]),
    ] {
        let help = [&["padlock"], command, &["--help\n"]].concat().join(" ");
        padlock().args(line).assert().code(2).stderr(says(&help));
    }
}

#[test]
fn help_and_version_are_commands_too() {
    for (words, flag) in [
        (&["help"][..], &["--help"][..]),
        (&["help", "login"], &["login", "--help"]),
        (&["help", "verify"], &["verify", "--help"]),
    ] {
        assert_eq!(
            printed(padlock().args(words)),
            printed(padlock().args(flag)),
            "{words:?}"
        );
    }
}

#[test]
fn a_command_that_run_gets_without_dashes_is_explained() {
    let command = ["./hunter2".to_owned()];
    let hint = "put -- before the command to run; ";
    assert_refused(&["run"], &command, "unexpected argument\n", hint);
    assert_refused(&["token"], &command, "unexpected argument\n", "");
}

#[test]
fn an_unknown_command_is_never_taken_for_its_opposite() {
    for command in ["logoff", "log-out", "signin", "revoke"] {
        padlock()
            .arg(command)
            .assert()
            .code(2)
            .stderr(says("unknown command").and(says("did you mean login").not()));
    }
    let mistyped = padlock().arg("logn").output().unwrap().stderr;
    assert!(String::from_utf8_lossy(&mistyped).contains("did you mean login?"));
    let help = padlock().args(["help", "nope"]).output().unwrap().stderr;
    assert!(String::from_utf8_lossy(&help).ends_with("hint: see padlock help\n"));
}

#[test]
fn flags_that_exclude_each_other_are_named() {
    let refused = |command: &[&str], arguments: &str, message: &str| {
        let arguments: Vec<_> = arguments.split(' ').map(str::to_owned).collect();
        assert_refused(command, &arguments, message, "");
    };
    let issuer = "--domain hunter2 --issuer hunter2";
    refused(&[], issuer, "--domain and --issuer cannot be combined\n");
    refused(
        &["verify"],
        "--issuer hunter2 --jwks hunter2 --secret-file hunter2",
        "--issuer, --jwks and --secret-file cannot be combined\n",
    );
    refused(
        &["login"],
        "--roles-claim hunter2",
        "--require-role is missing\n",
    );
}

#[test]
fn a_usage_error_never_repeats_what_could_be_a_password() {
    let lines: [&[&str]; 6] = [
        &["--email", "a", "hunter2"],
        &["--email", "a", "--passwrod", "hunter2"],
        &["--email", "a", "--passwrod=hunter2"],
        &["-phunter2"],
        &["--hunter2"],
        &["--password", "hunter2", "client-credentials"],
    ];
    for line in lines {
        padlock()
            .args(line)
            .assert()
            .code(2)
            .stdout("")
            .stderr(says("hunter2").not().and(says("hint:")));
    }
}

#[test]
fn a_usage_error_is_json_if_requested() {
    for line in [
        ["--error-format=json", "--emial"],
        ["--emial", "--error-format=json"],
    ] {
        padlock()
            .args(line)
            .assert()
            .code(2)
            .stderr(says("\"class\":\"usage\""));
    }
    assert_eq!(
        error_of(padlock().args(["--output", "xml"]))["class"],
        "usage"
    );
}

#[test]
fn common_flags_are_accepted_before_and_after_a_command() {
    for line in [
        ["--error-format", "json", "login"],
        ["login", "--error-format", "json"],
    ] {
        padlock()
            .args(line)
            .assert()
            .code(2)
            .stderr(says("\"class\":\"usage\""));
    }
}

#[test]
fn a_login_flag_before_another_command_is_an_error() {
    let refused = |line: [&str; 3], message: &str| {
        let error = format!("padlock: {message}\nhint: see padlock {} --help\n", line[2]);
        padlock().args(line).assert().code(2).stderr(error);
    };
    refused(
        ["--email", "a", "client-credentials"],
        "unknown flag --email",
    );
    refused(
        ["--client-id", "a", "client-credentials"],
        "--client-id belongs after the command, not before it",
    );
}

#[test]
fn version_names_the_commit_and_the_target_that_padlock_was_built_from_and_for() {
    let text = printed(padlock().arg("version"));
    let lines: Vec<_> = text.lines().collect();
    let [version, commit, target] = lines[..] else {
        panic!("three lines, as with the settings of this repository: {text}");
    };
    assert_eq!(format!("{version}\n"), printed(padlock().arg("--version")));
    let commit = commit.strip_prefix("commit ").unwrap();
    let is_hash = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    assert!(is_hash || commit == "unknown", "{commit}");
    assert!(
        target.starts_with("target ") && target.matches('-').count() >= 2,
        "{target}"
    );
    assert_eq!(text, printed(padlock().args(["--no-input", "version"])));
}

#[test]
fn help_and_version_go_to_stdout_and_exit_with_0() {
    padlock()
        .arg("--version")
        .assert()
        .code(0)
        .stdout(says("padlock "))
        .stderr("");
    padlock()
        .arg("--help")
        .assert()
        .code(0)
        .stdout(
            says("Exit codes")
                .and(says("AUTH0_DOMAIN"))
                .and(says("  127  run: ")),
        )
        .stderr("");
}

#[test]
fn help_never_shows_the_value_of_a_variable() {
    let mut help = padlock();
    help.env("PADLOCK_PASSWORD", "hunter2")
        .env("AUTH0_CLIENT_SECRET", "hunter3")
        .env("AUTH0_DOMAIN", "hunter4");
    help.arg("--help")
        .assert()
        .code(0)
        .stdout(says("hunter").not());
}

#[test]
fn help_fits_a_terminal_of_80_columns() {
    for (command, _) in COMMANDS {
        for flag in ["-h", "--help"] {
            let help = printed(padlock().args(command).arg(flag).env("COLUMNS", "80"));
            for line in help.lines() {
                assert!(line.chars().count() <= 80, "{command:?}: {line}");
            }
        }
    }
}

#[test]
fn the_short_help_fits_one_screen_of_80_by_40_and_leads_to_the_rest() {
    let help = printed(padlock().arg("-h"));
    assert!(help.lines().count() < 40, "{help}");
    assert!(
        help.lines().all(|line| line.chars().count() <= 80),
        "{help}"
    );
    let groups = [
        "Usage:",
        "Examples:",
        "Commands:",
        "Who",
        "Password",
        "Second factor",
        "Tenant",
        "Application",
        "Output",
        "Requirements",
        "Network",
        "padlock --help",
    ];
    for group in groups {
        assert!(help.contains(group), "no {group} in {help}");
    }
    for line in [&["-v", "-h"][..], &["login", "-h"], &["--email", "a", "-h"]] {
        assert_eq!(printed(padlock().args(line)), help, "{line:?}");
    }
}

#[test]
fn the_long_help_is_grouped_and_ends_with_examples() {
    let help = printed(padlock().arg("--help"));
    let headings = [
        "Who:",
        "Without a password:",
        "Password:",
        "Second factor:",
        "Tenant:",
        "Application:",
        "Output:",
        "Requirements",
        "Network:",
        "General:",
        "Exit codes:",
        "Examples:",
    ];
    let lines: Vec<_> = help.lines().collect();
    for heading in headings {
        let is_it = |line: &&&str| line.starts_with(heading);
        assert_eq!(lines.iter().filter(is_it).count(), 1, "{heading} in {help}");
    }
    let (_, examples) = help.split_once("\nExamples:\n").unwrap();
    assert!(
        examples.lines().all(|line| line.starts_with("  ")),
        "{help}"
    );
}

#[test]
fn the_help_of_a_command_shows_its_own_examples() {
    for command in [
        "client-credentials",
        "token",
        "run",
        "status",
        "logout",
        "verify",
        "guard",
    ] {
        for flag in ["-h", "--help"] {
            let help = printed(padlock().args([command, flag]));
            let (_, examples) = help.split_once("\nExamples:\n").unwrap();
            assert!(examples.contains(&format!("padlock {command}")), "{help}");
        }
    }
    let verify = printed(padlock().args(["verify", "--help"]));
    assert!(!verify.contains("Settings come from"), "{verify}");
    let token = printed(padlock().args(["token", "--help"]));
    assert!(!token.contains("password-stdin"), "{token}");
}

#[test]
fn no_flag_takes_the_client_secret_itself() {
    padlock()
        .args(["--client-secret", "hunter2"])
        .assert()
        .code(2)
        .stderr(says("hunter2").not());
}

#[test]
fn the_short_help_is_wrapped_on_a_narrow_terminal() {
    let tenant = Tenant::start();
    for arguments in [&["-h"][..], &["login", "-h"], &["setup", "-h"]] {
        let mut session = at_columns(40, &tenant, arguments);
        let shown = session.exp_eof().unwrap().replace('\r', "");
        // Without the codes for bold and underlined text.
        let parts = shown.split("\u{1b}[").enumerate();
        let plain = parts.map(|(index, part)| match (index, part.split_once('m')) {
            (1.., Some((_, text))) => text,
            _ => part,
        });
        let shown: String = plain.collect();
        for line in shown.lines() {
            let words = line.split_whitespace().count();
            assert!(
                line.chars().count() <= 40 || words == 1,
                "{arguments:?}: {line}"
            );
        }
        assert!(shown.contains("padlock setup"), "{shown}");
    }
}
