//! Sessions whose records are encrypted with a key in a real keyring: gnome-keyring on a session bus
//! of its own. `PADLOCK_KEYRING=1` runs these tests, and needs gnome-keyring, secret-tool and D-Bus.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::time::Duration;

use predicates::prelude::PredicateBooleanExt;
use tempfile::TempDir;

use super::{Home, refreshes, rotating};
use crate::program::{error_of, login_at, printed, says};
use crate::tenant::{AUDIENCE, Tenant};

/// The password of the keyring.
const PASSWORD: &str = "keyring password";

/// No token lasts that long, so that each run renews.
const RENEWED: [&str; 3] = ["token", "--min-ttl", "86400"];

/// A session bus with a keyring that is unlocked.
struct Desktop {
    session: Child,
    bus: String,
    home: Rc<TempDir>,
}

impl Desktop {
    /// `None` unless these tests are asked for.
    fn start() -> Option<Self> {
        #[expect(clippy::disallowed_methods, reason = "not a setting of padlock")]
        let is_wanted = std::env::var_os("PADLOCK_KEYRING").is_some();
        if !is_wanted {
            return None;
        }
        Some(Self::start_in(Rc::new(TempDir::new().unwrap())))
    }

    fn start_in(home: Rc<TempDir>) -> Self {
        let daemon = "echo \"$DBUS_SESSION_BUS_ADDRESS\"; \
                      exec gnome-keyring-daemon --foreground --unlock --components=secrets";
        let mut session = Command::new("dbus-run-session")
            .args(["--", "/bin/sh", "-c", daemon])
            .env("HOME", home.path())
            .env("XDG_RUNTIME_DIR", home.path())
            .env_remove("XDG_DATA_HOME")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut stdin = session.stdin.take().unwrap();
        stdin.write_all(PASSWORD.as_bytes()).unwrap();
        drop(stdin);
        let mut bus = String::new();
        let mut lines = BufReader::new(session.stdout.take().unwrap());
        lines.read_line(&mut bus).unwrap();
        let bus = bus.trim_end().to_owned();
        let desktop = Self { session, bus, home };
        desktop.wait_until_unlocked();
        desktop
    }

    /// Calls a method of a service.
    fn call(&self, service: &str, path: &str, method: &str, argument: &str) -> String {
        let output = Command::new("dbus-send")
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus)
            .args(["--session", "--print-reply", &format!("--dest={service}")])
            .args([path, method, argument])
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    /// Calls a method of the keyring, which must be there: the bus would start another one.
    fn keyring(&self, method: &str, argument: &str) -> String {
        let method = format!("org.freedesktop.Secret.Service.{method}");
        let path = "/org/freedesktop/secrets";
        self.call("org.freedesktop.secrets", path, &method, argument)
    }

    fn wait_until_unlocked(&self) {
        let service = "org.freedesktop.DBus";
        let is_there = || {
            let method = format!("{service}.NameHasOwner");
            let name = "string:org.freedesktop.secrets";
            let reply = self.call(service, "/", &method, name);
            reply.contains("boolean true")
        };
        let is_unlocked = || {
            self.keyring("ReadAlias", "string:default")
                .contains("/login")
        };
        while !is_there() || !is_unlocked() {
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Whether the keyring has ended, or does within a second: gnome-keyring may abort when many
    /// programs ask it at once, whatever they ask.
    fn ends(&mut self) -> bool {
        for _ in 0..50 {
            if self.session.try_wait().unwrap().is_some() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }

    fn lock(&self) {
        let login = "array:objpath:/org/freedesktop/secrets/collection/login";
        assert!(self.keyring("Lock", login).contains("/login"));
    }

    /// As at the next sign-in to the desktop.
    fn restarted(self) -> Self {
        let home = Rc::clone(&self.home);
        drop(self);
        Self::start_in(home)
    }

    /// What the keyring has of padlock's.
    fn items(&self) -> String {
        let output = self.secret_tool(&["search", "--all"]);
        let output = String::from_utf8(output.stdout).unwrap();
        output
            .lines()
            .filter(|line| line.starts_with("label"))
            .collect()
    }

    fn secret_tool(&self, arguments: &[&str]) -> std::process::Output {
        Command::new("secret-tool")
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus)
            .args(arguments)
            .args(["application", "padlock"])
            .output()
            .unwrap()
    }

    fn home(&self) -> Home {
        Home::with_bus(&self.bus)
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        use rustix::process::{Pid, Signal, kill_process_group};
        let _ = kill_process_group(Pid::from_child(&self.session), Signal::TERM);
        let _ = self.session.wait();
    }
}

fn end_of(home: &Home) -> String {
    let ends = home.session_files().into_iter();
    let ends = ends.map(|file| file.extension().unwrap().to_string_lossy().into_owned());
    ends.collect()
}

#[test]
fn a_session_is_kept_under_a_key_in_the_keyring_until_the_logout() {
    let Some(desktop) = Desktop::start() else {
        return;
    };
    let (tenant, home) = (rotating().start(), desktop.home());
    let mut login = home.with(login_at(&tenant));
    let run = login
        .args(["--save", "--audience", AUDIENCE])
        .assert()
        .code(0);
    run.stderr(says("encrypted with a key in the keyring"));
    let content = fs::read_to_string(home.session_file()).unwrap();
    let refresh_token = tenant.valid_refresh_tokens().into_iter().next().unwrap();
    let token = home.token(&tenant);
    for secret in [&refresh_token, &token] {
        assert!(!content.contains(secret.as_str()), "{content}");
    }
    assert!(desktop.items().contains(crate::tenant::EMAIL));
    let status = printed(&mut home.run_alone(&["status", "--output", "json"]));
    assert!(status.contains("\"store\":\"keyring\""), "{status}");
    let renewed = printed(&mut home.run(&tenant, &RENEWED));
    assert_eq!(refreshes(&tenant).len(), 1);
    assert_eq!(home.token(&tenant), renewed.trim_end());
    home.sign_in(&tenant);
    assert_eq!(desktop.items().matches("label").count(), 1);
    home.run(&tenant, &["logout"]).assert().code(0);
    assert_eq!(
        (home.session_files().len(), desktop.items()),
        (0, String::new())
    );
}

#[test]
fn a_locked_keyring_is_never_unlocked_and_loses_nothing() {
    let Some(desktop) = Desktop::start() else {
        return;
    };
    let (tenant, home) = (rotating().start(), desktop.home());
    home.sign_in(&tenant);
    let token = home.token(&tenant);
    let content = fs::read(home.session_file()).unwrap();
    desktop.lock();
    for arguments in [&["token"][..], &RENEWED, &["status"], &["logout"]] {
        let mut run = home.run(&tenant, arguments);
        let run = run.assert().code(1);
        run.stderr(says("the keyring is locked").and(says("unlock")));
    }
    let mut login = home.with(login_at(&tenant));
    login.args(["--save", "--store", "keyring"]);
    let error = error_of(&mut login);
    assert_eq!(error["message"], "the keyring is locked");
    assert_eq!(tenant.requests().len(), 0);
    assert_eq!(fs::read(home.session_file()).unwrap(), content);
    let desktop = desktop.restarted();
    let home = home.at_bus(&desktop.bus);
    assert_eq!(home.token(&tenant), token);
}

#[test]
fn a_change_of_store_removes_the_other_copy() {
    let Some(desktop) = Desktop::start() else {
        return;
    };
    let (tenant, home) = (rotating().start(), desktop.home());
    for (store, end, keys) in [
        ("keyring", "sealed", 1),
        ("file", "json", 0),
        ("keyring", "sealed", 1),
    ] {
        home.sign_in_with(&tenant, &["--store", store]);
        assert_eq!(end_of(&home), end);
        assert_eq!(desktop.items().matches("label").count(), keys, "{store}");
        home.token(&tenant);
        printed(&mut home.run(&tenant, &["token", "--store", store]));
    }
    desktop.lock();
    home.sign_in_with(&tenant, &[]);
    assert_eq!(end_of(&home), "json");
    home.token(&tenant);
}

#[test]
fn a_key_that_is_gone_is_reported_and_the_record_is_kept() {
    let Some(desktop) = Desktop::start() else {
        return;
    };
    let (tenant, home) = (rotating().start(), desktop.home());
    home.sign_in(&tenant);
    let content = fs::read(home.session_file()).unwrap();
    assert!(desktop.secret_tool(&["clear"]).status.success());
    for arguments in [&["token"][..], &["status"], &["logout"]] {
        let run = home.run(&tenant, arguments).assert().code(10);
        run.stderr(says("no longer in the keyring").and(says("--save")));
    }
    assert_eq!(fs::read(home.session_file()).unwrap(), content);
    home.run(&tenant, &["logout", "--local"]).assert().code(0);
    assert_eq!(home.session_files().len(), 0);
    home.sign_in(&tenant);
    home.token(&tenant);
}

#[test]
fn a_sealed_record_that_was_changed_or_moved_is_refused() {
    let Some(desktop) = Desktop::start() else {
        return;
    };
    let (tenant, home) = (rotating().start(), desktop.home());
    home.sign_in(&tenant);
    let (file, content) = (home.session_file(), fs::read(home.session_file()).unwrap());
    let mut changed = content.clone();
    let middle = changed.len() / 2;
    changed[middle] = if changed[middle] == b'A' { b'B' } else { b'A' };
    for bad in [&changed[..], &content[..middle], b"{}", b""] {
        fs::write(&file, bad).unwrap();
        let run = home.run(&tenant, &["token"]).assert().code(1);
        run.stderr(says("is damaged").and(says("session-")));
    }
    fs::write(&file, &content).unwrap();
    home.token(&tenant);
}

#[test]
fn a_sealed_record_whose_text_is_none_is_refused() {
    let Some(desktop) = Desktop::start() else {
        return;
    };
    let (tenant, home) = (rotating().start(), desktop.home());
    home.sign_in(&tenant);
    let file = home.session_file();
    let sealed: serde_json::Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    for text in ["!", "AAAA", ""] {
        let mut damaged = sealed.clone();
        damaged["sealed"] = text.into();
        fs::write(&file, damaged.to_string()).unwrap();
        let mut run = home.run(&tenant, &["token"]);
        run.assert().code(1).stdout("").stderr(says("is damaged"));
    }
}

#[test]
fn many_processes_with_a_sealed_session_make_one_request() {
    for _ in 0..5 {
        let Some(mut desktop) = Desktop::start() else {
            return;
        };
        let (tenant, home) = (rotating().start(), desktop.home());
        tenant.change(|options| options.member("expires_in", 1.into()));
        home.sign_in(&tenant);
        tenant.change(|options| options.member("expires_in", 86_400.into()));
        let run = || home.run(&tenant, &["token"]).output().unwrap();
        let outputs: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..20).map(|_| scope.spawn(run)).collect();
            threads.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let are_served = outputs.iter().all(|output| output.status.success());
        if !are_served && desktop.ends() {
            continue;
        }
        for output in &outputs {
            assert!(output.status.success(), "{output:?}");
            assert_eq!(output.stdout, outputs[0].stdout);
        }
        assert_eq!(refreshes(&tenant).len(), 1);
        return;
    }
    panic!("the keyring has ended in each of five runs");
}

#[test]
fn a_renewal_of_a_sealed_session_that_is_killed_leaves_one_that_works() {
    let Some(desktop) = Desktop::start() else {
        return;
    };
    let overlap = Duration::from_secs(60);
    let tenant = Tenant::builder().refresh_token_overlap(overlap).start();
    let home = desktop.home();
    home.sign_in(&tenant);
    for step in 1.. {
        let mut run = home.run(&tenant, &RENEWED);
        let killed = run
            .env("PADLOCK_KILL_AT", step.to_string())
            .output()
            .unwrap();
        printed(&mut home.run(&tenant, &RENEWED));
        assert_eq!(end_of(&home), "sealed");
        if killed.status.success() {
            assert!(step > 12, "{step}");
            return;
        }
    }
}
