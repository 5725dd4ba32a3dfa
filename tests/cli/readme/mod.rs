//! The README is true: every command that it shows prints what it shows, at the demo's tenant.

mod blocks;
mod picture;
mod session;

use std::path::Path;
use std::process::Command;
use std::time::Duration;
use std::{env, fs};

use blocks::{Shown, fits};

use crate::tenant::Tenant;

/// Of the demo, which the README's examples name.
const DEMO_PORT: &str = "28484";

/// The demo's tenant, where the person's browser is signed in, and no poll has to wait.
fn tenant() -> Tenant {
    let options = Tenant::builder().for_demo().advertises_interval(1);
    options.device_interval(Duration::ZERO).start()
}

fn port(tenant: &Tenant) -> String {
    let port = tenant.url().rsplit(':').next().unwrap_or_default();
    port.trim_matches('/').to_owned()
}

/// Whether the programs that the examples need are there; on CI they have to be.
fn has_programs() -> bool {
    #[expect(clippy::disallowed_methods, reason = "CI is not a setting of padlock")]
    let is_ci = env::var_os("CI").is_some();
    is_ci
        || ["curl", "jq"].iter().all(|name| {
            let found = Command::new(name).arg("--version").output();
            found.is_ok()
        })
}

#[test]
fn every_command_in_the_readme_prints_what_it_shows() {
    if !has_programs() {
        return;
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let tenant = tenant();
    let port = port(&tenant);
    let text = fs::read_to_string(path).unwrap().replace(DEMO_PORT, &port);
    let commands = blocks::commands(&text);
    assert!(commands.len() > 20, "the commands were not found");
    let printed = session::run(&tenant, &commands);
    assert_eq!(printed.len(), commands.len(), "the shell ended early");
    let wrong: Vec<_> = commands
        .iter()
        .zip(&printed)
        .filter(|(shown, printed)| !is_true(shown, printed))
        .map(|(shown, printed)| report(shown, printed).replace(&port, DEMO_PORT))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// `PADLOCK_DRAW=1 cargo test --test cli readme` draws it again.
#[test]
fn the_picture_in_the_readme_is_what_the_program_prints() {
    if !has_programs() {
        return;
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/session.svg");
    let tenant = tenant();
    let port = port(&tenant);
    let commands = blocks::commands(&picture::COMMANDS.replace(DEMO_PORT, &port));
    let printed = session::run(&tenant, &commands);
    assert_eq!(printed.len(), commands.len(), "the shell ended early");
    let drawn = picture::draw(&commands, &printed).replace(&port, DEMO_PORT);
    #[expect(
        clippy::disallowed_methods,
        reason = "PADLOCK_DRAW is not a setting of padlock"
    )]
    if env::var_os("PADLOCK_DRAW").is_some() {
        fs::write(&path, &drawn).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(kept, drawn, "{} is not current", path.display());
}

/// Every line of the program's source, in one text without the ends of lines in literals.
fn source(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text += &source(&path);
        } else {
            let lines = fs::read_to_string(path).unwrap();
            let parts = lines.split("\\\n").map(str::trim_start);
            text += &parts.collect::<Vec<_>>().join("");
        }
    }
    text
}

#[test]
fn every_message_in_the_table_of_the_readme_is_one_of_the_program() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (readme, source) = (
        fs::read_to_string(root.join("README.md")).unwrap(),
        source(&root.join("src")),
    );
    let table = readme
        .lines()
        .skip_while(|line| !line.starts_with("| message "));
    let rows = table.skip(2).take_while(|line| line.starts_with('|'));
    let messages: Vec<_> = rows.map(|row| row.split('|').nth(1).unwrap()).collect();
    assert!(messages.len() > 10, "the table was not found");
    for message in messages {
        let message = message
            .trim()
            .replace("tenant", "{server}")
            .replace("HOST", "…");
        let is_part = |part: &str| {
            source.contains(part) || source.contains(&part.replace("{server}", "tenant"))
        };
        assert!(message.split('…').all(is_part), "no message is: {message}");
    }
}

fn is_true(shown: &Shown, printed: &session::Printed) -> bool {
    match &shown.output {
        Some(output) => fits(output, &printed.text.lines().collect::<Vec<_>>()),
        None => printed.code == 0,
    }
}

fn report(shown: &Shown, printed: &session::Printed) -> String {
    format!(
        "README.md:{}: exit code {} of\n$ {}\n{}",
        shown.line, printed.code, shown.command, printed.text
    )
}
