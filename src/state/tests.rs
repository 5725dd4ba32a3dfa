use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::time::Duration;

use super::*;
use crate::deadline::Deadline;
use crate::failure::{Class, Diagnose};

fn folder(parent: &Path) -> StateFolder {
    StateFolder::create_at(parent.join("a/padlock")).unwrap()
}

fn soon() -> Deadline {
    Deadline::after(Duration::from_millis(30))
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn files_and_folders_are_private_from_the_start() {
    let parent = tempfile::tempdir().unwrap();
    assert!(
        StateFolder::open_at(parent.path().join("a"))
            .unwrap()
            .is_none()
    );
    let folder = folder(parent.path());
    let replacement = folder.prepare("x", 1 << 20).unwrap();
    assert_eq!(mode(&folder.path_of("x.new")), 0o600);
    replacement.commit(b"text").unwrap();
    let _lock = folder.lock("x", soon(), SILENTLY).unwrap();
    assert_eq!(&**folder.read("x").unwrap().unwrap(), b"text");
    for (name, expected) in [("x", 0o600), ("x.lock", 0o600), ("", 0o700), ("..", 0o700)] {
        assert_eq!(mode(&folder.path_of(name)), expected, "{name}");
    }
    assert_eq!(folder.names().unwrap(), ["x", "x.lock"]);
}

#[test]
fn a_replacement_that_is_given_up_leaves_the_old_file() {
    let parent = tempfile::tempdir().unwrap();
    let folder = folder(parent.path());
    folder.write("x", b"old").unwrap();
    drop(folder.prepare("x", 10).unwrap());
    assert_eq!(&**folder.read("x").unwrap().unwrap(), b"old");
    assert_eq!(folder.names().unwrap(), ["x"]);
    folder.remove("x").unwrap();
    folder.remove("x").unwrap();
    assert!(folder.read("x").unwrap().is_none());
}

#[test]
fn what_others_can_read_is_refused_with_the_command_that_ends_it() {
    let parent = tempfile::tempdir().unwrap();
    let folder = folder(parent.path());
    folder.write("x", b"text").unwrap();
    for (name, wide, command) in [
        ("x", 0o640, "chmod 600 "),
        ("x", 0o606, "chmod 600 "),
        ("", 0o750, "chmod 700 "),
        ("", 0o701, "chmod 700 "),
    ] {
        let path = folder.path_of(name);
        let before = mode(&path);
        set_mode(&path, wide);
        let opened = StateFolder::open_at(folder.path_of(""));
        let read = opened.and_then(|folder| folder.map_or(Ok(None), |folder| folder.read("x")));
        let error = read.unwrap_err();
        assert_eq!(error.class(), Class::Internal);
        let hint = error.hint().unwrap();
        assert!(hint.contains(command), "{name} {wide:o}: {hint}");
        set_mode(&path, before);
    }
    assert!(folder.read("x").unwrap().is_some());
}

#[test]
fn only_plain_files_are_read() {
    let parent = tempfile::tempdir().unwrap();
    let folder = folder(parent.path());
    folder.write("x", b"text").unwrap();
    symlink(folder.path_of("x"), folder.path_of("link")).unwrap();
    fs::create_dir(folder.path_of("folder")).unwrap();
    for name in ["link", "folder"] {
        let error = folder.read(name).unwrap_err();
        assert!(matches!(error, StateError::NotPlain { .. }), "{error}");
    }
    assert!(folder.lock("x", soon(), SILENTLY).is_ok());
    symlink(folder.path_of("x"), folder.path_of("y.lock")).unwrap();
    assert!(folder.lock("y", soon(), SILENTLY).is_err());
}

#[test]
fn a_lock_is_exclusive_and_ends_with_its_holder() {
    let parent = tempfile::tempdir().unwrap();
    let folder = folder(parent.path());
    let held = folder.lock("x", soon(), SILENTLY).unwrap();
    let error = folder.lock("x", soon(), SILENTLY).unwrap_err();
    assert!(matches!(error, StateError::Locked { .. }), "{error}");
    assert!(folder.lock("y", soon(), SILENTLY).is_ok());
    drop(held);
    assert!(folder.lock("x", soon(), SILENTLY).is_ok());
}

#[test]
fn fingerprints_depend_on_the_user_s_key_and_on_every_part() {
    let parent = tempfile::tempdir().unwrap();
    let (one, other) = (
        folder(&parent.path().join("1")),
        folder(&parent.path().join("2")),
    );
    assert!(Fingerprints::read(&one).unwrap().is_none());
    let fingerprint = |folder: &StateFolder, parts: &[&[u8]]| {
        Fingerprints::open(folder, soon()).unwrap().of(parts)
    };
    let first = fingerprint(&one, &[b"a", b"b"]);
    assert_eq!(first, fingerprint(&one, &[b"a", b"b"]));
    assert_eq!(mode(&one.path_of("key")), 0o600);
    let others: [&[&[u8]]; 3] = [&[b"ab"], &[b"a", b"b", b""], &[b"b", b"a"]];
    for parts in others {
        assert_ne!(first, fingerprint(&one, parts));
    }
    assert_ne!(first, fingerprint(&other, &[b"a", b"b"]));
    one.write("key", b"short").unwrap();
    assert!(Fingerprints::read(&one).is_err());
}
