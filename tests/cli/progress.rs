//! The progress of a long stream of tokens, for a person who watches stderr.

use std::fs;
use std::process::Command;
use std::time::Duration;

use rexpect::session::PtySession;
use tempfile::TempDir;

use crate::program::access_token_of;
use crate::tenant::{JWKS, Tenant};
use crate::terminal::{assert_exit, at_terminal};

/// A shell that runs a script at a terminal; `$0` is the program and `$1` the rest.
fn script(text: &str, arguments: &[&str]) -> PtySession {
    let mut shell = Command::new("/bin/sh");
    shell
        .env_clear()
        .env("XDG_CACHE_HOME", "/dev/null")
        .env("PATH", "/usr/bin:/bin")
        .env("TERM", "xterm")
        .args(["-c", text, &crate::program::program(), "verify"])
        .args(["--any-audience"])
        .args(arguments);
    at_terminal(shell)
}

/// A pipe with three tokens, the third after the bar may appear.
fn pipe(token: &str, rest: &str) -> String {
    format!("{{ printf '{token}\\n{token}\\n'; sleep 2.3; echo {token}; sleep 1; }} | {rest}")
}

#[test]
fn a_stream_from_a_pipe_shows_after_two_seconds_how_many_tokens_are_done() {
    let tenant = Tenant::start();
    let token = access_token_of(&tenant);
    let issuer = ["--issuer", &tenant.issuer()];
    let text = pipe(&token, "\"$0\" \"$@\" >/dev/null");
    let mut session = script(&text, &issuer);
    let before = session.exp_string("3 tokens").unwrap();
    assert!(!before.contains("2 tokens"), "{before:?}");
    session.exp_eof().unwrap();
    assert_exit(&session, 0);
}

#[test]
fn no_progress_is_shown_with_quiet_or_beside_verdicts_on_a_terminal() {
    let tenant = Tenant::start();
    let token = access_token_of(&tenant);
    for (flag, redirect, has_verdicts) in [("--quiet", ">/dev/null", false), ("--stream", "", true)]
    {
        let text = pipe(&token, &format!("\"$0\" \"$@\" {redirect}"));
        let mut session = script(&text, &["--issuer", &tenant.issuer(), flag]);
        let shown = session.exp_eof().unwrap();
        assert!(!shown.contains("3 tokens"), "{shown:?}");
        assert_eq!(shown.contains("\"line\":3"), has_verdicts, "{shown:?}");
    }
}

#[test]
fn a_stream_from_a_file_shows_how_much_of_it_is_done() {
    let (fast, slow) = (Tenant::start(), Tenant::start());
    let (first, last) = (access_token_of(&fast), access_token_of(&slow));
    slow.change(|options| options.delay(JWKS, Duration::from_millis(2300)));
    // Some chunks of lines, the last of which waits for keys.
    let text = format!("{first}\n").repeat((300 << 10) / first.len()) + &last + "\n";
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("tokens");
    fs::write(&file, text).unwrap();
    let script_text = format!("\"$0\" \"$@\" <{} >/dev/null", file.display());
    let issuers = ["--issuer", &fast.issuer(), "--issuer", &slow.issuer()];
    let mut session = script(&script_text, &issuers);
    session
        .exp_regex("[0-9]+ tokens, [0-9]+%, .* left")
        .unwrap();
    session.exp_eof().unwrap();
    assert_exit(&session, 0);
}
