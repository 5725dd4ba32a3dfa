//! A session that is kept, renewed and ended.

use std::path::Path;

use assert_cmd::Command;
use predicates::str::contains;
use serde_json::Value;

use crate::server::Server;

/// Keeps a session, renews it twice, and ends it.
pub(crate) fn assert_keeps_a_session(server: &Server, login: impl Fn() -> Command, issuer: &str) {
    let state = server.scratch.join("padlock-state");
    let _ = std::fs::remove_dir_all(&state);
    let mut sign_in = login();
    sign_in
        .args(["--issuer", issuer])
        .env_remove("AUTH0_DOMAIN");
    sign_in.env("XDG_STATE_HOME", &state).arg("--save");
    sign_in
        .assert()
        .code(0)
        .stdout(contains("robin@percy.test"));
    let run = |arguments: &[&str]| {
        let mut run = server.padlock();
        run.env_remove("AUTH0_DOMAIN")
            .env("AUTH0_ISSUER", issuer)
            .env("XDG_STATE_HOME", &state)
            .args(arguments);
        run
    };
    let token = || {
        let output = run(&["token"]).assert().code(0).stderr("");
        output.get_output().stdout.clone()
    };
    let mut before = token();
    assert_eq!(token(), before);
    for _ in 0..2 {
        // One server's tokens are the same if they are issued within the same second.
        std::thread::sleep(std::time::Duration::from_millis(1100));
        let_tokens_expire(&state.join("padlock"));
        let renewed = token();
        assert_ne!(renewed, before);
        before = renewed;
    }
    run(&["status"])
        .assert()
        .code(0)
        .stdout(contains("Renewed"));
    run(&["logout"]).assert().code(0);
    run(&["token"]).assert().code(10);
}

fn let_tokens_expire(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        if !text.contains("access_tokens") {
            continue;
        }
        let mut session: Value = serde_json::from_str(&text).unwrap();
        for stored in session["access_tokens"].as_array_mut().unwrap() {
            stored["expires_at"] = 1.into();
        }
        std::fs::write(&path, session.to_string()).unwrap();
    }
}
