//! The README is true: every command that it shows prints what it shows, at the demo's tenant.

mod blocks;
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
