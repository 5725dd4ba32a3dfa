//! Responses of a real Auth0 tenant, recorded by Auth0's own SDK, and what comes of them.
//!
//! `PADLOCK_RECORDINGS` names the folder with the recordings, which are not part of padlock. Without
//! that variable, `../shared/auth0-recordings` is used if there is one.

use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::{Map, Value, json};

use crate::program::{error_of, login_at, padlock_at, printed};
use crate::tenant::{
    AUDIENCE, CHALLENGE, Factor, Fault, Response, TOKEN, Tenant, TenantOptions, USERINFO,
    error_responses,
};

/// Recordings of what padlock does not do (yet), by the beginning of the name.
const OTHER: [&str; 7] = [
    "TestLoginWithAuthCode",
    "TestMFAAddAuthenticator",
    "TestMFADeleteAuthenticator",
    "TestPushedAuthorizationRequest",
    "TestRefreshToken",
    "TestRevokeRefreshToken",
    // A code from an app needs no challenge.
    "TestMFAChallenge__Should_make_a_challenge_request_using_OTP",
];

/// One recorded exchange.
struct Recording {
    name: String,
    request_body: String,
    status: u16,
    body: String,
}

impl Recording {
    /// Reads what the tests need of a YAML file: each is one line, and the request comes first.
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let values = |name: &str| {
            let start = format!("        {name}: ");
            let lines = text.lines().filter_map(|line| line.strip_prefix(&start));
            lines.map(unquoted).collect::<Vec<_>>()
        };
        let bodies = values("body");
        assert_eq!(bodies.len(), 2, "{}", path.display());
        Self {
            name: path.file_stem().unwrap().to_string_lossy().into_owned(),
            request_body: bodies[0].clone(),
            status: values("code")[0].parse().unwrap(),
            body: bodies[1].clone(),
        }
    }

    fn response(&self) -> Response {
        Response::new(self.status, self.body.clone()).header("content-type", "application/json")
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

fn unquoted(value: &str) -> String {
    let single = value
        .strip_prefix('\'')
        .and_then(|text| text.strip_suffix('\''));
    let double = value
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    match (single, double) {
        (Some(text), _) => text.replace("''", "'"),
        (None, Some(text)) => text.replace("\\\"", "\""),
        (None, None) => value.to_owned(),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the environment names the folder"
)]
fn recordings() -> Vec<Recording> {
    let named = env::var_os("PADLOCK_RECORDINGS").map(PathBuf::from);
    let folder = named.clone().unwrap_or_else(|| {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/auth0-recordings")
    });
    if named.is_none() && !folder.exists() {
        return Vec::new();
    }
    let files = fs::read_dir(folder).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    let recordings = paths.filter(|path| path.extension().is_some_and(|kind| kind == "yaml"));
    let recordings: Vec<_> = recordings.map(|path| Recording::read(&path)).collect();
    assert!(!recordings.is_empty(), "the folder has no recordings");
    recordings
}

#[test]
fn every_recording_of_a_real_tenant_that_concerns_a_command_is_understood() {
    for recording in recordings() {
        let name = recording.name.as_str();
        if OTHER.iter().any(|other| name.starts_with(other)) {
            continue;
        }
        match name.split("__").next().unwrap() {
            "TestOAuthLoginWithPassword" => replay_login(&recording),
            "TestLoginWithClientCredentials" => replay_client_credentials(&recording),
            "TestMFAListAuthenticators" => replay_list(&recording),
            "TestMFAChallenge" => replay_challenge(&recording),
            "TestMFAVerifyWithOOB" => replay_push(&recording),
            "TestMFAVerifyWithOTP" => drop(replay_code(&recording, Factor::otp("1"), "otp")),
            "TestMFAVerifyWithRecoveryCode" => replay_recovery_code(&recording),
            "TestUserInfo" => replay_userinfo(&recording),
            other => panic!("no command is known for {other}"),
        }
    }
}

/// Tokens as recorded, and an id_token, since the recordings have none.
fn with_tokens(recording: &Recording, options: TenantOptions) -> TenantOptions {
    let members: Map<String, Value> = serde_json::from_str(&recording.body).unwrap();
    members.iter().fold(options, |options, (name, value)| {
        options.member(name, value.clone())
    })
}

fn replay_login(recording: &Recording) {
    let tenant = with_tokens(recording, Tenant::builder()).start();
    let tokens = printed(login_at(&tenant).args(["--output", "tokens"]));
    let tokens: Value = serde_json::from_str(&tokens).unwrap();
    for (name, value) in recording.json().as_object().unwrap() {
        assert_eq!(&tokens[name], value, "{}", recording.name);
    }
    let tenant = Tenant::builder().token_error(recording.response()).start();
    assert_no_id_token(&recording.name, &error_of(&mut login_at(&tenant)));
}

fn assert_no_id_token(name: &str, error: &Value) {
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("has no id_token"), "{name}: {error}");
}

fn replay_client_credentials(recording: &Recording) {
    let tenant = Tenant::builder().token_error(recording.response()).start();
    let mut command = padlock_at(&tenant);
    command.args(["client-credentials", "--audience", AUDIENCE]);
    let token = recording.json()["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        printed(&mut command).trim_end(),
        token,
        "{}",
        recording.name
    );
    if recording.name.ends_with("Should_return_tokens") {
        let sent = tenant.requests_to(TOKEN)[0].fields();
        let mut sent: Vec<_> = sent.keys().map(String::as_str).collect();
        sent.sort_unstable();
        let pairs = recording.request_body.split('&');
        let expected: Vec<_> = pairs.filter_map(|pair| pair.split('=').next()).collect();
        assert_eq!(sent, expected, "what the SDK sends");
    }
}

fn replay_list(recording: &Recording) {
    let tenant = Tenant::builder()
        .factor(Factor::otp("1"))
        .responds("/mfa/authenticators", recording.response())
        .start();
    let error = error_of(&mut login_at(&tenant));
    assert_eq!(
        error["factors"],
        json!(["email"]),
        "the others are inactive: {error}"
    );
}

fn replay_challenge(recording: &Recording) {
    let tenant = Tenant::builder()
        .factor(Factor::push_accepted_after(0))
        .responds(CHALLENGE, recording.response())
        .start();
    let error = error_of(login_at(&tenant).args(["--factor", "push"]));
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("took too long"),
        "the tenant does not know the code: {error}"
    );
    let poll = &tenant.requests_to(TOKEN)[1];
    let code = recording.json()["oob_code"].as_str().unwrap().to_owned();
    assert_eq!(poll.field("oob_code"), Some(code));
    let sent = tenant.requests_to(CHALLENGE)[0].fields();
    let expected: Map<String, Value> = serde_json::from_str(&recording.request_body).unwrap();
    let names = |fields: &Map<String, Value>| {
        let mut names: Vec<_> = fields.keys().cloned().collect();
        names.sort_unstable();
        names
    };
    assert_eq!(names(&sent), names(&expected), "what the SDK sends");
}

fn replay_push(recording: &Recording) {
    // The first request is the password.
    let tenant = Tenant::builder()
        .factor(Factor::push_accepted_after(0))
        .push_interval(std::time::Duration::ZERO)
        .advertises_interval(1)
        .fault_after(1, TOKEN, Fault::Responds(recording.response()))
        .start();
    let mut login = login_at(&tenant);
    login.args(["--factor", "push"]);
    let json = recording.json();
    match json["error"].as_str() {
        Some("authorization_pending") => {
            printed(&mut login);
            assert_eq!(tenant.requests_to(TOKEN).len(), 3);
            assert_same(&error_responses::authorization_pending(), recording);
        }
        Some(_) => {
            assert_eq!(error_of(&mut login)["exit"], 3, "{}", recording.name);
            assert_same(&error_responses::push_access_denied(), recording);
        }
        None => assert_no_id_token(&recording.name, &error_of(&mut login)),
    }
}

/// Whether the tests' own tenant sends the same.
fn assert_same(response: &Response, recording: &Recording) {
    let body: Value = serde_json::from_slice(&response.body).unwrap();
    assert_eq!(
        (response.status, body),
        (recording.status, recording.json())
    );
}

fn replay_code(recording: &Recording, factor: Factor, name: &str) -> String {
    let tenant = Tenant::builder()
        .factor(factor)
        .fault_after(1, TOKEN, Fault::Responds(recording.response()))
        .start();
    let mut login = login_at(&tenant);
    let output = login
        .args(["--factor", name, "--otp", "1"])
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.contains("has no id_token"),
        "{}: {stderr}",
        recording.name
    );
    stderr
}

fn replay_recovery_code(recording: &Recording) {
    let stderr = replay_code(recording, Factor::recovery_code("1"), "recovery-code");
    let json = recording.json();
    assert!(
        stderr.contains(json["recovery_code"].as_str().unwrap()),
        "{stderr}"
    );
}

fn replay_userinfo(recording: &Recording) {
    let tenant = Tenant::builder()
        .claim("sub", recording.json()["sub"].clone())
        .responds(USERINFO, recording.response())
        .start();
    let shown = printed(login_at(&tenant).args(["--userinfo", "--output", "json"]));
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["userinfo"], recording.json());
}
