//! Bugs in padlock: no value in a message, the terminal restored.

use std::io::Write;
use std::panic::{self, Location};

use padlock::{Class, ErrorFormat, Failure, failure_text, restore_terminal};

/// From here on a panic ends the program like any other internal error. Its own message is not
/// shown: it may contain a value.
pub(crate) fn install_hook(format: ErrorFormat) {
    panic::set_hook(Box::new(move |panic| {
        restore_terminal();
        drop(write!(
            anstream::stderr(),
            "{}",
            failure_text(&failure(panic.location()), format, None)
        ));
        #[expect(
            clippy::exit,
            reason = "with the profile that ships, a panic would abort"
        )]
        std::process::exit(Class::Internal.exit().into());
    }));
}

fn failure(place: Option<&Location<'_>>) -> Failure {
    let place = place
        .map(|place| format!(" at {}, line {}", short(place.file()), place.line()))
        .unwrap_or_default();
    Failure::new(Class::Internal, format!("internal error{place}"))
        .hint("report this bug in padlock, with the line above")
}

/// A dependency's file without the folders of the machine that built the program.
fn short(file: &str) -> &str {
    let dependency = file
        .rsplit_once("/src/")
        .and_then(|(folders, _)| folders.rsplit_once('/'));
    dependency.map_or(file, |(folders, _)| &file[folders.len() + 1..])
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    #[ignore = "ends the process; the tests below run it in a process of its own"]
    fn panics_as_text() {
        install_hook(ErrorFormat::Text);
        panic!("hunter2");
    }

    #[test]
    #[ignore = "likewise"]
    fn panics_in_a_thread_as_json() {
        install_hook(ErrorFormat::Json);
        drop(std::thread::spawn(|| panic!("hunter2")).join());
    }

    #[test]
    fn a_dependency_is_named_without_the_machine_that_built_it() {
        assert_eq!(
            short("/home/a/registry/src/index/h2-0.4.1/src/frame/mod.rs"),
            "h2-0.4.1/src/frame/mod.rs"
        );
        assert_eq!(short("src/main.rs"), "src/main.rs");
    }

    /// What the process of a test that panics writes to stderr.
    fn stderr_of(test: &str) -> String {
        let mut process = Command::new(std::env::current_exe().expect("this program"));
        process.args([
            "--ignored",
            "--exact",
            "--nocapture",
            &format!("process::panics::tests::{test}"),
        ]);
        let output = process
            .env("RUST_BACKTRACE", "1")
            .output()
            .expect("it runs");
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).expect("UTF-8")
    }

    #[test]
    fn a_panic_is_reported_by_its_place_alone() {
        let shown = stderr_of("panics_as_text");
        let mut lines = shown.lines();
        let first = lines.next().unwrap_or_default();
        assert!(
            first.starts_with("padlock: internal error at src/process/panics.rs, line "),
            "{shown}"
        );
        assert!(
            lines.next().is_some_and(|line| line.starts_with("hint: ")) && lines.next().is_none(),
            "{shown}"
        );
    }

    #[test]
    fn a_panic_in_any_thread_is_one_line_of_json_if_requested() {
        let shown = stderr_of("panics_in_a_thread_as_json");
        let start = r#"{"error":{"class":"internal","message":"internal error at src/process/panics.rs, line "#;
        assert!(
            shown.starts_with(start) && shown.lines().count() == 1 && !shown.contains("hunter2"),
            "{shown}"
        );
    }
}
