//! A bug in padlock: a panic in a process that is in the middle of its work. `src/process/panics.rs`
//! tests what is written; this tests the program as it is installed, whatever its profile.
//!
//! The panic is provoked from outside: the system's clock fails, which Rust's standard library takes
//! for impossible.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::program::padlock_at;
use crate::prompts::in_shell;
use crate::tenant::{CLIENT_SECRET, EMAIL, Fault, JWKS, Tenant, USER_PASSWORD};

/// A library for `LD_PRELOAD`: the clock fails once, as soon as the file that `BROKEN` names exists.
const LIBRARY: &str = r#"
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *time) {
    static int has_failed;
    const char *broken = getenv("BROKEN");
    if (broken && access(broken, F_OK) == 0 && !__sync_lock_test_and_set(&has_failed, 1)) {
        errno = EINVAL;
        return -1;
    }
    return (int)syscall(SYS_clock_gettime, clock, time);
}
"#;

/// A clock that can be broken.
struct Clock(TempDir);

impl Clock {
    fn new() -> Self {
        let clock = Self(tempfile::tempdir().unwrap());
        let source = clock.0.path().join("clock.c");
        fs::write(&source, LIBRARY).unwrap();
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-o"]);
        let status = compiler.arg(clock.library()).arg(source).status();
        assert!(
            status.unwrap().success(),
            "the C compiler, which Rust needs too"
        );
        clock
    }

    fn library(&self) -> PathBuf {
        self.0.path().join("clock.so")
    }

    fn broken(&self) -> PathBuf {
        self.0.path().join("broken")
    }

    fn fail(&self) {
        fs::write(self.broken(), "").unwrap();
    }

    /// Settings for a shell that starts padlock with this clock.
    fn assignments(&self) -> String {
        let (library, broken) = (self.library(), self.broken());
        format!(
            "LD_PRELOAD={} BROKEN={}",
            library.display(),
            broken.display()
        )
    }
}

/// Asserts that a panic is reported by its place in the source, and by nothing that padlock knows.
fn assert_reported(shown: &str) {
    let line = shown.lines().find(|line| line.contains("internal error"));
    let line = line.unwrap_or_else(|| panic!("no internal error in {shown}"));
    assert!(
        line.contains("padlock: internal error at std/src/"),
        "{shown}"
    );
    assert!(
        shown.contains("hint: report this bug in padlock"),
        "{shown}"
    );
    for hidden in [
        USER_PASSWORD,
        CLIENT_SECRET,
        "unwrap()",
        "os error",
        "RUST_BACKTRACE",
    ] {
        assert!(!shown.contains(hidden), "{hidden} in {shown}");
    }
    assert_eq!(shown.matches("internal error").count(), 1, "{shown}");
}

fn is_file(path: &Path) -> bool {
    path.is_file()
}

#[test]
fn a_panic_exits_with_1_and_names_its_place_and_no_secret() {
    let (clock, tenant) = (Clock::new(), Tenant::start());
    clock.fail();
    let mut login = padlock_at(&tenant);
    login
        .args(["--email", EMAIL, "--password", USER_PASSWORD])
        .env("LD_PRELOAD", clock.library())
        .env("BROKEN", clock.broken())
        .env("RUST_BACKTRACE", "1");
    let output = login.assert().code(1).stdout("").get_output().clone();
    assert_reported(&String::from_utf8(output.stderr).unwrap());
}

#[test]
fn a_panic_at_a_prompt_restores_the_terminal_and_leaves_no_core_dump() {
    // The network thread looks at the clock with each byte of the keys.
    let tenant = Tenant::builder().fault(JWKS, Fault::drips()).start();
    let clock = Clock::new();
    let script = format!(
        "cd {}; ulimit -c unlimited; {} \"$0\" \"$@\"; echo \"exit $?\"; stty -a; ls; echo end",
        clock.0.path().display(),
        clock.assignments()
    );
    let mut session = in_shell(&tenant, &script, &["--email", EMAIL]);
    session.exp_string("Password for").unwrap();
    session.exp_string(": ").unwrap();
    session.send(USER_PASSWORD).unwrap();
    session.flush().unwrap();
    clock.fail();
    let shown = session.exp_string("end\r\n").unwrap();
    assert_reported(&shown);
    let words: Vec<_> = shown.split_whitespace().collect();
    assert!(shown.contains("exit 1\r\n"), "{shown}");
    for word in ["echo", "icanon", "isig", "iexten"] {
        assert!(words.contains(&word), "{word} in {shown}");
    }
    let files = fs::read_dir(clock.0.path()).unwrap().count();
    assert_eq!(
        files, 3,
        "the library, its source and what breaks it: {shown}"
    );
    assert!(is_file(&clock.broken()));
}
