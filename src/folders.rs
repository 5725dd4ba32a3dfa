//! The user's folders for padlock.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;

/// For public documents that can be fetched again: `$XDG_CACHE_HOME/padlock`, else
/// `~/.cache/padlock`; elsewhere than on Linux the system's folder for that, as below.
pub(crate) fn cache() -> Option<PathBuf> {
    find("XDG_CACHE_HOME", ProjectDirs::cache_dir)
}

/// For settings: `$XDG_CONFIG_HOME/padlock`, else `~/.config/padlock`.
pub(crate) fn config() -> Option<PathBuf> {
    find("XDG_CONFIG_HOME", ProjectDirs::config_dir)
}

/// For sessions: `$XDG_STATE_HOME/padlock`, else `~/.local/state/padlock`; elsewhere than on Linux
/// the user's folder for local data.
pub(crate) fn state() -> Option<PathBuf> {
    find("XDG_STATE_HOME", |folders| {
        folders
            .state_dir()
            .unwrap_or_else(|| folders.data_local_dir())
    })
}

fn find(variable: &str, of: fn(&ProjectDirs) -> &Path) -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "as the library of folders does")]
    let value = std::env::var_os(variable);
    choose(ProjectDirs::from("", "", "padlock"), of, value)
}

/// A user without a home folder, such as a service's or a container's, has what the variable names.
fn choose(
    folders: Option<ProjectDirs>,
    of: fn(&ProjectDirs) -> &Path,
    variable: Option<OsString>,
) -> Option<PathBuf> {
    match folders {
        Some(folders) => Some(of(&folders).to_owned()),
        None => variable
            .map(PathBuf::from)
            .filter(|folder| folder.is_absolute())
            .map(|folder| folder.join("padlock")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_without_a_home_folder_has_the_folder_that_the_variable_names() {
        let absolute = std::env::temp_dir();
        let chosen = |variable: Option<&Path>| {
            let variable = variable.map(|folder| folder.as_os_str().to_owned());
            choose(None, ProjectDirs::cache_dir, variable)
        };
        assert_eq!(chosen(Some(&absolute)), Some(absolute.join("padlock")));
        assert_eq!(chosen(Some(Path::new("relative"))), None);
        assert_eq!(chosen(Some(Path::new(""))), None);
        assert_eq!(chosen(None), None);
    }
}
