//! Whether the environment has a browser that a person would see.

use std::ffi::OsString;

use crate::config::Variables;

/// What the environment says about a browser.
pub(crate) struct Environment {
    /// The commands in `BROWSER`, without arguments: the first that works is used.
    pub(super) commands: Vec<String>,
    has_display: bool,
    is_remote: bool,
}

impl Environment {
    pub(crate) fn read(variable: Variables<'_>) -> Self {
        let is_set = |name: &&str| variable(name).is_some_and(|value| !value.is_empty());
        let browsers = variable("BROWSER").map(OsString::into_string);
        let browsers = browsers.and_then(Result::ok).unwrap_or_default();
        let commands = browsers.split(':').map(str::trim);
        Self {
            commands: commands
                .filter(|command| !command.is_empty())
                .map(str::to_owned)
                .collect(),
            has_display: !needs_display() || ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(is_set),
            is_remote: ["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"]
                .iter()
                .any(is_set),
        }
    }

    /// Whether a browser that is opened here is one that the person sees. `BROWSER` says so: some
    /// remote sessions name a command that opens a browser at the near end.
    pub(crate) fn has_browser(&self) -> bool {
        !self.commands.is_empty() || (self.has_display && !self.is_remote)
    }
}

/// Whether windows need a display that a variable names.
fn needs_display() -> bool {
    cfg!(all(unix, not(target_os = "macos"))) && !is_wsl()
}

#[cfg(target_os = "linux")]
fn is_wsl() -> bool {
    std::fs::read_to_string("/proc/sys/kernel/osrelease")
        .is_ok_and(|release| release.to_ascii_lowercase().contains("microsoft"))
}

#[cfg(not(target_os = "linux"))]
fn is_wsl() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has_browser(variables: &[(&str, &str)]) -> bool {
        let variable = |name: &str| {
            let found = variables.iter().find(|(found, _)| *found == name);
            found.map(|(_, value)| OsString::from(value))
        };
        Environment::read(&variable).has_browser()
    }

    #[test]
    fn a_browser_is_opened_where_the_person_sees_it() {
        let display = ("DISPLAY", ":0");
        assert!(has_browser(&[display]));
        assert!(has_browser(&[("WAYLAND_DISPLAY", "wayland-0")]));
        assert!(has_browser(&[
            ("BROWSER", "helper"),
            ("SSH_TTY", "/dev/pts/1")
        ]));
        assert!(!has_browser(&[display, ("SSH_CONNECTION", "1 2 3 4")]));
        if needs_display() {
            assert!(!has_browser(&[]));
            assert!(!has_browser(&[("DISPLAY", ""), ("BROWSER", ":")]));
        }
    }
}
