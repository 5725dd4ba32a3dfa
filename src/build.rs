//! The build script: hands the program its commit and its target, for `padlock version`. Works
//! without git too.

use std::process::Command;
use std::{env, fs};

#[expect(clippy::disallowed_methods, reason = "cargo hands the target over so")]
fn main() {
    let target = env::var("TARGET").unwrap_or_default();
    let commit = of_checkout().or_else(of_package);
    let commit = commit.unwrap_or_else(|| "unknown".to_owned());
    println!("cargo::rerun-if-changed=src/build.rs");
    println!("cargo::rerun-if-env-changed=AWS_LC_SYS_NO_JITTER_ENTROPY");
    println!("cargo::rustc-env=PADLOCK_TARGET={target}");
    println!("cargo::rustc-env=PADLOCK_COMMIT={commit}");
}

/// The commit that is checked out, if this folder is the top of a checkout.
fn of_checkout() -> Option<String> {
    let is_top = git(&["rev-parse", "--show-prefix"])?.is_empty();
    let commit = is_top.then(|| git(&["rev-parse", "HEAD"])).flatten()?;
    for file in ["HEAD", "logs/HEAD"] {
        let path = git(&["rev-parse", "--git-path", file])?;
        if fs::exists(&path).unwrap_or(false) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    Some(commit)
}

/// The commit that the package was made of, as cargo notes in it.
fn of_package() -> Option<String> {
    let note = fs::read_to_string(".cargo_vcs_info.json").ok()?;
    let (_, rest) = note.split_once("\"sha1\": \"")?;
    let commit = rest.split('"').next()?;
    Some(commit.to_owned())
}

/// What git prints; cargo runs this in the package's folder.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim_end().to_owned())
}
