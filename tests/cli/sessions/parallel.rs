//! Many processes at once spend one refresh token.

use std::process::{Command, Stdio};

use super::{Home, assert_current, refreshes, rotating};
use crate::tenant::Tenant;

/// What processes that run at the same time print.
fn at_once(count: usize, home: &Home, tenant: &Tenant, arguments: &[&str]) -> Vec<String> {
    let start = |_| {
        Command::new(env!("CARGO_BIN_EXE_padlock"))
            .env_clear()
            .envs(tenant.settings())
            .env("XDG_STATE_HOME", home.state())
            .env("XDG_CONFIG_HOME", "/dev/null")
            .env("XDG_CACHE_HOME", "/dev/null")
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let started: Vec<_> = (0..count).map(start).collect();
    let printed = started.into_iter().map(|child| {
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && stderr.is_empty(), "{stderr}");
        String::from_utf8(output.stdout).unwrap()
    });
    printed.collect()
}

#[test]
fn a_hundred_processes_spend_one_refresh_token_and_print_the_same_token() {
    let (tenant, home) = (rotating().start(), Home::new());
    home.sign_in(&tenant);
    home.let_tokens_expire();
    let printed = at_once(100, &home, &tenant, &["token", "--timeout", "300"]);
    assert_eq!(refreshes(&tenant).len(), 1);
    assert!(printed.iter().all(|token| *token == printed[0]));
    assert_current(&home, &tenant);
}
