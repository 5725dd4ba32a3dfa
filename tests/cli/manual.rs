//! `padlock man`: the manual pages.

use std::process::Command as Process;

use predicates::str::starts_with;
use tempfile::TempDir;

use crate::program::{output_if_installed, padlock, printed, says};

/// The names of all commands, from the list in the help.
pub(crate) fn commands() -> Vec<String> {
    let help = printed(padlock().arg("--help"));
    let lines = help.lines().skip_while(|line| *line != "Commands:");
    let lines = lines.skip(1).take_while(|line| line.starts_with("  "));
    let rows = lines.filter_map(|line| line.strip_prefix("  ").filter(|row| !row.starts_with(' ')));
    let names = rows.filter_map(|row| row.split_whitespace().next());
    names
        .map(str::to_owned)
        .filter(|name| name != "help")
        .collect()
}

fn pages() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("new/man1");
    assert_eq!(printed(padlock().arg("man").arg(&pages)), "");
    folder
}

#[test]
fn man_writes_a_page_for_every_command() {
    let folder = pages();
    let commands = commands();
    assert!(commands.len() > 8, "{commands:?}");
    let pages = folder.path().join("new/man1");
    let count = std::fs::read_dir(&pages).unwrap().count();
    assert_eq!(count, commands.len() + 1);
    for command in commands {
        let page = std::fs::read_to_string(pages.join(format!("padlock-{command}.1"))).unwrap();
        let title = format!("padlock\\-{} \\- ", command.replace('-', "\\-"));
        assert!(page.lines().any(|line| line.starts_with(&title)), "{page}");
        assert!(
            page.contains(&format!("padlock {}", command.replace('-', "\\-"))),
            "{page}"
        );
    }
}

#[test]
fn man_without_a_folder_prints_the_page_of_padlock_itself() {
    let page = printed(padlock().arg("man"));
    assert!(page.starts_with(".TH PADLOCK 1 "), "{page}");
    for part in [
        ".BR padlock\\-token (1)",
        "\\fB\\-\\-output\\fR",
        "EXIT CODES",
        "AUTH0_DOMAIN",
    ] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn no_page_has_a_fault_that_mandoc_or_groff_can_find() {
    let folder = pages();
    let pages = std::fs::read_dir(folder.path().join("new/man1")).unwrap();
    let pages: Vec<_> = pages.map(|page| page.unwrap().path()).collect();
    for checker in [
        &["mandoc", "-T", "lint"][..],
        &["groff", "-man", "-Tutf8", "-ww", "-z"],
    ] {
        let mut process = Process::new(checker[0]);
        let Some(output) = output_if_installed(process.args(&checker[1..]).args(&pages)) else {
            continue;
        };
        let text = [output.stdout, output.stderr].concat();
        assert_eq!(String::from_utf8_lossy(&text), "", "{}", checker[0]);
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let mut man = padlock();
    man.args(["man", "/dev/null/man1"]);
    man.assert()
        .code(1)
        .stdout("")
        .stderr(starts_with(
            "padlock: /dev/null/man1 could not be written: ",
        ))
        .stderr(says("hint: name a folder that you may write to"));
}

#[test]
fn a_page_replaces_a_link_and_not_what_it_links_to() {
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other");
    std::fs::write(&other, "mine").unwrap();
    let pages = folder.path().join("man1");
    std::fs::create_dir(&pages).unwrap();
    for name in ["padlock.1", "padlock-token.1", "padlock-run.1.new"] {
        std::os::unix::fs::symlink(&other, pages.join(name)).unwrap();
    }
    assert_eq!(printed(padlock().arg("man").arg(&pages)), "");
    assert_eq!(std::fs::read_to_string(&other).unwrap(), "mine");
    assert!(!pages.join("padlock.1").is_symlink());
    assert_eq!(
        std::fs::read_dir(&pages).unwrap().count(),
        commands().len() + 1
    );
}
