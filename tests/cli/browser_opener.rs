//! The command that opens the browser: when it runs, and what it gets.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use crate::browsing::{ANY_PORT, start, tenant};
use crate::program::process_at;
use crate::tenant::{CLIENT_SECRET, Tenant};

/// A command that writes its arguments and its environment into files, then ends with this code.
struct Opener {
    folder: tempfile::TempDir,
}

impl Opener {
    fn new(code: i32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script = format!(
            "#!/bin/sh\nprintf '%s\\n' \"$@\" > {0}/arguments.new\n\
             cat /proc/$$/environ > {0}/environment\nmv {0}/arguments.new {0}/arguments\nexit {code}\n",
            folder.path().display()
        );
        let opener = Self { folder };
        fs::write(opener.path("opener"), script).unwrap();
        fs::set_permissions(opener.path("opener"), fs::Permissions::from_mode(0o755)).unwrap();
        opener
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self) -> String {
        self.path("opener").display().to_string()
    }

    /// What it wrote, once it ran.
    fn wrote(&self, name: &str) -> String {
        for _ in 0..500 {
            if self.path("arguments").exists() {
                return fs::read_to_string(self.path(name)).unwrap();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the opener did not run");
    }
}

fn login(tenant: &Tenant, variables: &[(&str, &str)]) -> std::process::Command {
    let mut process = process_at(tenant, &["login", "--browser", "--redirect-uri", ANY_PORT]);
    process.envs(variables.iter().copied());
    process
}

#[test]
fn the_browser_is_opened_at_the_address_and_gets_no_secret() {
    let tenant = tenant().start();
    let opener = Opener::new(0);
    let command = opener.command();
    let login = start(login(
        &tenant,
        &[
            ("BROWSER", &command),
            ("PADLOCK_PASSWORD", "hunter2"),
            ("PADLOCK_OTP", "hunter3"),
        ],
    ));
    assert_eq!(opener.wrote("arguments"), format!("{}\n", login.address));
    assert!(
        login.announced.contains("opening the browser"),
        "{}",
        login.announced
    );
    let environment = opener.wrote("environment");
    for secret in [CLIENT_SECRET, "hunter2", "hunter3"] {
        assert!(!environment.contains(secret), "{environment}");
    }
    assert!(environment.contains("AUTH0_CLIENT_ID"), "{environment}");
    let ended = login.finish();
    assert_eq!((ended.code, &*ended.stderr), (Some(0), ""), "{ended:?}");
}

#[test]
fn the_address_goes_where_browser_names_a_place_for_it_and_no_shell_reads_it() {
    let tenant = tenant().start();
    let opener = Opener::new(0);
    let command = format!("/nonexistent:{} --new %s;id", opener.command());
    let login = start(login(&tenant, &[("BROWSER", &command)]));
    assert_eq!(
        opener.wrote("arguments"),
        format!("--new\n{};id\n", login.address)
    );
    assert_eq!(login.finish().code, Some(0));
}

#[test]
fn a_browser_that_cannot_be_opened_is_reported_and_the_address_still_works() {
    let tenant = tenant().start();
    let opener = Opener::new(3);
    let login = start(login(&tenant, &[("BROWSER", &opener.command())]));
    opener.wrote("arguments");
    std::thread::sleep(Duration::from_millis(300));
    let ended = login.finish();
    assert_eq!(ended.code, Some(0));
    assert!(
        ended.stderr.contains("no browser could be opened"),
        "{ended:?}"
    );
}

#[test]
fn no_browser_is_opened_where_the_person_would_not_see_it() {
    let tenant = tenant().start();
    let opener = Opener::new(0);
    fs::rename(opener.path("opener"), opener.path("xdg-open")).unwrap();
    let path = opener.folder.path().display().to_string();
    for variables in [
        &[("PATH", &*path)][..],
        &[
            ("PATH", &path),
            ("DISPLAY", ":0"),
            ("SSH_CONNECTION", "1 2 3 4"),
        ],
    ] {
        let login = start(login(&tenant, variables));
        assert!(
            login.announced.contains("open this address"),
            "{}",
            login.announced
        );
        assert_eq!(login.finish().code, Some(0));
        assert!(!opener.path("arguments").exists());
    }
    let paths = format!("{path}:/usr/bin:/bin");
    let login = start(login(&tenant, &[("PATH", &paths), ("DISPLAY", ":0")]));
    assert_eq!(opener.wrote("arguments"), format!("{}\n", login.address));
}
