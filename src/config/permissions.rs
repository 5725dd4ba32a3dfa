//! Who else can read or change a file.

use std::fs::{self, Metadata};
use std::path::Path;

use super::report::Report;
use crate::escape;

/// Warns if other users can read the secrets in a file.
pub(super) fn warn_if_others_can_read(path: &Path, what: &str, report: &Report) {
    let metadata = fs::metadata(path).ok();
    if metadata.is_some_and(|metadata| metadata.is_file() && mode(&metadata) & 0o004 != 0) {
        let (shown, typed) = (escape::path(path), escape::shell_word(path));
        report.note(format!(
            "warning: every user of this machine can read the {what} {shown}; to keep it private: \
             chmod 600 {typed}"
        ));
    }
}

/// Why a file may hold what another user wrote, each with the command that ends it.
pub(super) fn changeable_by_others(metadata: &Metadata, path: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if let Some(user) = foreign_owner(metadata) {
        problems.push(format!("it belongs to another user (chown {user} {path})"));
    }
    if mode(metadata) & 0o002 != 0 {
        problems.push(format!("every user can change it (chmod o-w {path})"));
    }
    problems
}

/// Whether the members of its group can change the file.
pub(super) fn is_group_writable(metadata: &Metadata) -> bool {
    mode(metadata) & 0o020 != 0
}

/// This user's number, where the file belongs neither to the user nor to root.
#[cfg(unix)]
fn foreign_owner(metadata: &Metadata) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    let user = rustix::process::geteuid().as_raw();
    let owner = metadata.uid();
    (owner != user && owner != 0).then_some(user)
}

#[cfg(unix)]
fn mode(metadata: &Metadata) -> u32 {
    use std::os::unix::fs::MetadataExt;
    metadata.mode()
}

/// Elsewhere folders decide who has access, not files.
#[cfg(not(unix))]
fn foreign_owner(_: &Metadata) -> Option<u32> {
    None
}

#[cfg(not(unix))]
fn mode(_: &Metadata) -> u32 {
    0
}
