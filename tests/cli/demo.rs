//! The demo that the README begins with: what it prints, and what it leaves.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::{env, fs};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::program::output_if_installed;

/// The program that Cargo builds with the tests, unless these are all that it builds.
fn demo() -> Option<PathBuf> {
    let this = env::current_exe().expect("a path");
    let demo = this.ancestors().nth(2)?.join("examples/demo");
    demo.exists().then_some(demo)
}

/// The demo with an empty temporary folder.
fn command(demo: &Path, temporary: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(demo);
    command
        .env_remove("CARGO_MANIFEST_DIR")
        .env("TMPDIR", temporary.path())
        .arg("--serve")
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// What it prints before it waits.
fn printed(child: &mut Child) -> String {
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut text = String::new();
    while !text.contains("Ten wrong passwords") {
        text += &lines.next().expect("a line").expect("UTF-8");
        text += "\n";
    }
    text
}

fn entries(folder: &TempDir) -> usize {
    fs::read_dir(folder.path()).expect("a folder").count()
}

#[test]
fn the_demo_prints_a_block_that_runs_as_it_is_and_leaves_nothing_when_a_signal_ends_it() {
    let (Some(demo), temporary) = (demo(), tempfile::tempdir().unwrap()) else {
        return;
    };
    for (arguments, signal) in [
        (&["--port", "0"][..], Signal::INT),
        (&["--port", "0", "--tls"], Signal::TERM),
        (&["--port", "0", "--second-factor", "654321"], Signal::HUP),
    ] {
        let mut child = command(&demo, &temporary, arguments).spawn().unwrap();
        let text = printed(&mut child);
        assert_eq!(entries(&temporary), 1, "{text}");
        let mut paragraphs = text.split("\n\n");
        let block = paragraphs.nth(1).expect("a block");
        let shell = Command::new("/bin/sh")
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", temporary.path().join("home"))
            .current_dir("/")
            .args(["-e", "-c", block])
            .output()
            .unwrap();
        let stdout = String::from_utf8(shell.stdout).unwrap();
        let stderr = String::from_utf8(shell.stderr).unwrap();
        assert!(stdout.contains(" Robin Percy "), "{stdout}");
        // The last command of the block calls the API with curl.
        if output_if_installed(Command::new("curl").arg("-V")).is_some() {
            assert!(shell.status.success(), "{block}\n{stdout}{stderr}");
            assert!(stdout.ends_with("{\"version\":\"1.4.2\"}\n"), "{stdout}");
        }
        fs::remove_dir_all(temporary.path().join("home")).unwrap();
        kill_process(Pid::from_child(&child), signal).unwrap();
        child.wait().unwrap();
        assert_eq!(entries(&temporary), 0, "after {signal:?}");
    }
}

#[test]
fn the_demo_says_that_its_port_is_in_use() {
    let (Some(demo), temporary) = (demo(), tempfile::tempdir().unwrap()) else {
        return;
    };
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = other.local_addr().unwrap().port().to_string();
    for arguments in [&["--port", &port][..], &["--port", &port, "--tls"]] {
        let output = command(&demo, &temporary, arguments).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert!(
            stderr.starts_with(&format!(
                "demo: cannot listen on port {port} of 127.0.0.1: "
            )),
            "{stderr}"
        );
        assert!(stderr.contains("\nhint: end the other program"), "{stderr}");
        assert_eq!(entries(&temporary), 0);
    }
}
