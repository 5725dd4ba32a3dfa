//! The files of the store: private, whole, and found unusable before anything is sent.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use super::{Home, assert_current, refreshes, rotating};
use crate::program::{login_at, says};
use crate::tenant::Tenant;

fn signed_in() -> (Tenant, Home) {
    let (tenant, home) = (rotating().start(), Home::new());
    home.sign_in(&tenant);
    (tenant, home)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn every_file_is_for_the_user_alone() {
    let (tenant, home) = signed_in();
    home.let_tokens_expire();
    home.token(&tenant);
    assert_eq!(mode(&home.folder()), 0o700);
    for entry in fs::read_dir(home.folder()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn a_store_that_others_can_read_is_refused_with_the_command_that_ends_it() {
    let (tenant, home) = signed_in();
    let (folder, file) = (home.folder(), home.session_file());
    for (path, wide, command) in [
        (&folder, 0o755, "chmod 700"),
        (&file, 0o640, "chmod 600"),
        (&file, 0o622, "chmod 600"),
    ] {
        let before = mode(path);
        set_mode(path, wide);
        for arguments in [&["token"][..], &["status"], &["logout"]] {
            let mut run = home.run(&tenant, arguments);
            let expected = format!("{command} {}", path.display());
            let output = run.output().unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr).replace("\n  ", " ");
            assert_eq!(output.status.code(), Some(1), "{stderr}");
            assert!(stderr.contains(&expected), "{stderr}");
        }
        set_mode(path, before);
    }
    assert_eq!(tenant.requests().len(), 0);
    home.token(&tenant);
}

#[test]
fn a_link_in_place_of_the_session_is_refused() {
    let (tenant, home) = signed_in();
    let (file, elsewhere) = (home.session_file(), home.state().join("elsewhere"));
    fs::rename(&file, &elsewhere).unwrap();
    symlink(&elsewhere, &file).unwrap();
    home.run(&tenant, &["token"])
        .assert()
        .code(1)
        .stderr(says("plain file"));
}

#[test]
fn what_a_newer_padlock_wrote_is_left_as_it_is() {
    let (tenant, home) = signed_in();
    let index = home.folder().join("sessions.json");
    let old = fs::read_to_string(&index).unwrap();
    for newer in [
        old.replace("\"version\":1", "\"version\":2,\"more\":3"),
        r#"{"version":2,"kept":{}}"#.to_owned(),
    ] {
        fs::write(&index, &newer).unwrap();
        let mut login = home.with(login_at(&tenant));
        login.arg("--save");
        for run in [&mut home.run(&tenant, &["token"]), &mut login] {
            run.assert().code(1).stderr(says("newer padlock"));
        }
        assert_eq!(fs::read_to_string(&index).unwrap(), newer);
    }
    fs::write(&index, &old).unwrap();
    fs::write(home.session_file(), r#"{"version":2,"kept":{}}"#).unwrap();
    let mut run = home.run(&tenant, &["token"]);
    run.assert().code(1).stderr(says("newer padlock"));
}

/// A folder in which nothing can be created, also for root.
fn seal(folder: &Path, name: &str) {
    fs::create_dir(folder.join(name)).unwrap();
}

#[test]
fn what_cannot_be_written_is_found_before_the_refresh_token_is_sent() {
    let (tenant, home) = signed_in();
    home.let_tokens_expire();
    let name = home
        .session_file()
        .file_name()
        .unwrap()
        .to_string_lossy()
        .into_owned();
    let before = home.session();
    let blocked = [format!("{name}.new"), name.replace(".json", ".renewing")];
    for name in &blocked {
        seal(&home.folder(), name);
        let mut run = home.run(&tenant, &["token"]);
        run.assert().code(1).stdout("");
        assert_eq!(tenant.requests_to("/oauth/token").len(), 0, "{name}");
        assert_eq!(home.session(), before);
        fs::remove_dir(home.folder().join(name)).unwrap();
    }
    home.token(&tenant);
    assert_current(&home, &tenant);
}

#[test]
fn a_limit_on_the_size_of_files_is_found_before_the_refresh_token_is_sent() {
    let (tenant, home) = signed_in();
    home.let_tokens_expire();
    let padlock = env!("CARGO_BIN_EXE_padlock");
    let mut run = home.run(&tenant, &[]);
    // In blocks of 512 bytes; the signal would end the process instead of the write.
    let script = format!("trap '' XFSZ; ulimit -f 100; exec {padlock} token");
    let settings = tenant.settings();
    drop(run.output());
    let output = std::process::Command::new("/bin/sh")
        .env_clear()
        .envs(settings)
        .env("XDG_STATE_HOME", home.state())
        .args(["-c", &script])
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert_eq!(refreshes(&tenant).len(), 0);
    home.token(&tenant);
    assert_current(&home, &tenant);
}

#[test]
fn a_session_is_not_saved_where_others_could_read_it() {
    let (tenant, home) = signed_in();
    set_mode(&home.folder(), 0o777);
    let mut login = home.with(login_at(&tenant));
    login
        .arg("--save")
        .assert()
        .code(1)
        .stderr(says("chmod 700"));
    assert_eq!(tenant.requests().len(), 0);
}
