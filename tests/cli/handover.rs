//! `--output env` and `--output exec-credential`: tokens for shells, GitHub Actions and kubectl.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{error_of, login_at, padlock_at, printed, program, says, verify_at};
use crate::tenant::{AUDIENCE, EMAIL, Response, Tenant, USER_PASSWORD, now};

/// Every character that a token may hold: printable ASCII but quotes and backslashes.
fn oddest_token() -> String {
    let allowed = ('!'..='~').filter(|one| !matches!(one, '"' | '\\'));
    allowed.flat_map(|one| ['\'', one]).chain(['\'']).collect()
}

fn login(tenant: &Tenant, shell: &str) -> assert_cmd::Command {
    let mut login = login_at(tenant);
    login.args(["--audience", AUDIENCE, "--output", "env", "--shell", shell]);
    login
}

fn client_credentials(tenant: &Tenant, output: &str) -> assert_cmd::Command {
    let mut command = padlock_at(tenant);
    command.args([
        "client-credentials",
        "--audience",
        AUDIENCE,
        "--output",
        output,
    ]);
    command
}

/// Runs a script in which LOGIN is a login that prints variables; `None` where the shell is not installed, which CI
/// does not accept.
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "CI requires the shells"
)]
fn run_in(shell: &[&str], script: &str, tenant: &Tenant) -> Option<Output> {
    let padlock = format!(
        "{} --email {EMAIL} --password {USER_PASSWORD} --audience {AUDIENCE} --output env",
        program()
    );
    let output = Command::new(shell[0])
        .args(&shell[1..])
        .args(["-c", &script.replace("LOGIN", &padlock)])
        .env("XDG_CONFIG_HOME", "/dev/null")
        .env("PADLOCK_EXPIRES_AT", "older")
        .envs(tenant.settings())
        .output();
    match output {
        Ok(output) => Some(output),
        Err(_) if std::env::var_os("CI").is_none() => {
            eprintln!("skipped: {} is not installed", shell[0]);
            None
        }
        Err(error) => panic!("{}: {error}", shell[0]),
    }
}

#[test]
fn a_shell_gets_the_token_and_its_expiry_as_variables_whatever_the_token_holds() {
    let token = oddest_token();
    let tenant = Tenant::builder().access_token(&token).start();
    let printed = "env | sed -n 's/^PADLOCK_[AE][A-Z_]*=//p' | sort -r";
    for (shell, read) in [
        (&["bash"][..], "eval \"$(LOGIN --shell bash)\""),
        (&["bash"], "source <(LOGIN)"),
        (&["sh"], "eval \"$(LOGIN --shell bash)\""),
        (&["zsh", "-f"], "eval \"$(LOGIN --shell zsh)\""),
        (&["fish", "--no-config"], "LOGIN --shell fish | source"),
        (&["fish", "--no-config"], "eval (LOGIN --shell fish)"),
    ] {
        let before = now();
        let Some(output) = run_in(shell, &format!("{read}; {printed}"), &tenant) else {
            continue;
        };
        let text = String::from_utf8(output.stdout.clone()).unwrap();
        let values: Vec<_> = text.lines().collect();
        let expires_at = values.iter().find_map(|value| value.parse::<i64>().ok());
        let lifetime = expires_at.expect("a time") - before;
        assert!(values.contains(&token.as_str()), "{shell:?}: {output:?}");
        assert!((86_400..86_500).contains(&lifetime), "{lifetime}");
    }
}

#[test]
fn an_expiry_that_is_not_known_is_empty_so_that_no_older_one_remains() {
    for lifetime in [Value::Null, json!("soon"), json!([])] {
        let tenant = Tenant::builder()
            .access_token("at")
            .member("expires_in", lifetime)
            .start();
        let expected = "export PADLOCK_ACCESS_TOKEN='at';\nexport PADLOCK_EXPIRES_AT='';\n";
        assert_eq!(printed(&mut login(&tenant, "zsh")), expected);
        assert_eq!(printed(&mut client_credentials(&tenant, "env")), expected);
    }
}

#[test]
fn shell_is_refused_with_any_other_output() {
    let tenant = Tenant::start();
    for arguments in [
        &["--shell", "fish"][..],
        &["--shell", "zsh", "--claim", "sub"],
    ] {
        login_at(&tenant)
            .args(arguments)
            .assert()
            .code(2)
            .stderr(says("--shell can only be combined with --output env"));
    }
    client_credentials(&tenant, "header")
        .args(["--shell", "bash"])
        .assert()
        .code(2);
    assert_eq!(tenant.requests().len(), 0);
}

/// A login in a job of GitHub Actions whose variables are in this file.
fn in_github(tenant: &Tenant, file: &Path) -> assert_cmd::Command {
    let mut login = login(tenant, "github");
    login.env("GITHUB_ACTIONS", "true").env("GITHUB_ENV", file);
    login
}

#[test]
fn github_gets_the_mask_on_stdout_and_the_values_in_its_file() {
    let token = oddest_token();
    let tenant = Tenant::builder().access_token(&token).start();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("env");
    std::fs::write(&file, "BEFORE=1").unwrap();
    let mask = format!("::add-mask::{}\n", token.replace('%', "%25"));
    let mut ends = Vec::new();
    for _ in 0..2 {
        assert_eq!(printed(&mut in_github(&tenant, &file)), mask);
        let text = std::fs::read_to_string(&file).unwrap();
        let lines: Vec<_> = text.lines().collect();
        let [name, value, end, expiry, time, end_of_expiry] = lines[lines.len() - 6..] else {
            panic!("{text}");
        };
        assert_eq!((lines[0], value), ("BEFORE=1", token.as_str()));
        assert_eq!(name, format!("PADLOCK_ACCESS_TOKEN<<{end}"));
        assert_eq!(expiry, format!("PADLOCK_EXPIRES_AT<<{end_of_expiry}"));
        assert!(time.parse::<i64>().unwrap() > now());
        ends.extend([end.to_owned(), end_of_expiry.to_owned()]);
    }
    ends.sort_unstable();
    ends.dedup();
    assert_eq!(ends.len(), 4, "each delimiter is random: {ends:?}");
}

#[test]
fn github_is_refused_outside_of_its_jobs_before_anything_is_sent() {
    let tenant = Tenant::start();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("env");
    for actions in [None, Some("false"), Some("")] {
        let mut login = in_github(&tenant, &file);
        login.env_remove("GITHUB_ACTIONS");
        if let Some(actions) = actions {
            login.env("GITHUB_ACTIONS", actions);
        }
        let stderr = says("GITHUB_ACTIONS is not true");
        login.assert().code(2).stdout("").stderr(stderr);
    }
    for (file, problem) in [
        (Path::new(""), "names no file"),
        (folder.path(), "could not be written to"),
        (Path::new("/proc/none/env"), "could not be written to"),
    ] {
        let login = in_github(&tenant, file).assert();
        login.code(2).stdout("").stderr(says(problem));
    }
    assert_eq!((tenant.requests().len(), file.exists()), (0, false));
}

#[test]
fn a_token_that_github_did_not_get_is_a_failure() {
    let tenant = Tenant::start();
    let mut login = in_github(&tenant, Path::new("/dev/full"));
    let error = error_of(&mut login);
    assert_eq!(
        (&error["exit"], &error["class"]),
        (&json!(1), &json!("internal"))
    );
}

/// The credential that a login prints for a Kubernetes client.
fn credential(tenant: &Tenant, exec_info: Option<&str>) -> Value {
    let mut login = login_at(tenant);
    login.args(["--output", "exec-credential"]);
    login.envs(exec_info.map(|info| ("KUBERNETES_EXEC_INFO", info)));
    serde_json::from_str(&printed(&mut login)).unwrap()
}

#[test]
fn a_kubernetes_client_gets_the_id_token_with_its_expiry() {
    let expires = 4_102_444_800_i64;
    let tenant = Tenant::builder().claim("exp", json!(expires)).start();
    let found = credential(&tenant, None);
    let token = found["status"]["token"].as_str().unwrap();
    assert_eq!(token.split('.').count(), 3);
    let expected = json!({
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "status": { "expirationTimestamp": "2100-01-01T00:00:00Z", "token": token },
    });
    assert_eq!(found, expected);
}

#[test]
fn an_application_gets_its_access_token_as_a_credential() {
    let tenant = Tenant::builder().access_token("at.at.at").start();
    let text = printed(&mut client_credentials(&tenant, "exec-credential"));
    let credential: Value = serde_json::from_str(&text).unwrap();
    let status = &credential["status"];
    assert_eq!(status["token"], "at.at.at");
    let expires = status["expirationTimestamp"].as_str().unwrap();
    assert!(expires.ends_with('Z') && expires.len() == 20, "{expires}");
    let tenant = Tenant::builder()
        .access_token("at")
        .member("expires_in", json!(null))
        .start();
    let text = printed(&mut client_credentials(&tenant, "exec-credential"));
    assert!(!text.contains("expirationTimestamp"), "{text}");
}

#[test]
fn the_credential_has_the_version_that_the_client_asks_for() {
    let tenant = Tenant::start();
    for version in ["v1", "v1beta1"] {
        let version = format!("client.authentication.k8s.io/{version}");
        let info = json!({ "apiVersion": version, "kind": "ExecCredential", "spec": {} });
        let found = credential(&tenant, Some(&info.to_string()));
        assert_eq!(found["apiVersion"], version);
    }
    assert!(credential(&tenant, Some("")).is_object());
    tenant.clear_requests();
    for (info, problem) in [
        (
            r#"{"apiVersion":"client.authentication.k8s.io/v1alpha1"}"#,
            "v1alpha1",
        ),
        (r#"{"apiVersion":"v1"}"#, "its apiVersion is"),
        (
            r#"{"apiVersion":5}"#,
            "expected a JSON object with an apiVersion",
        ),
        ("{}", "expected a JSON object with an apiVersion"),
        ("hunter2", "expected a JSON object with an apiVersion"),
    ] {
        let mut login = login_at(&tenant);
        login.args(["--output", "exec-credential"]);
        login.env("KUBERNETES_EXEC_INFO", info);
        login.assert().code(2).stdout("").stderr(says(problem));
        // It matters to this output alone.
        login_at(&tenant)
            .env("KUBERNETES_EXEC_INFO", info)
            .assert()
            .code(0);
    }
}

/// A configuration of kubectl for this API server, which gets its credential from padlock.
fn kubeconfig(api: &Tenant, tenant: &Tenant, version: &str) -> Value {
    let variables = tenant.settings().into_iter();
    let variables: Vec<_> = variables
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "percy",
        "clusters": [{ "name": "percy", "cluster": {
            "server": api.url().trim_end_matches('/'), "certificate-authority": api.ca_file(),
        }}],
        "contexts": [{ "name": "percy", "context": { "cluster": "percy", "user": "robin" } }],
        "users": [{ "name": "robin", "user": { "exec": {
            "apiVersion": format!("client.authentication.k8s.io/{version}"),
            "command": program(),
            "args": [
                "--email", EMAIL, "--password", USER_PASSWORD, "--output", "exec-credential",
            ],
            "env": variables,
            "interactiveMode": "Never",
            "provideClusterInfo": true,
        }}}],
    })
}

#[test]
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "CI requires kubectl"
)]
fn kubectl_sends_the_id_token_of_the_credential() {
    let tenant = Tenant::start();
    let version = r#"{"major":"1","minor":"32","gitVersion":"v1.32.0"}"#;
    let version = Response::new(200, version).header("content-type", "application/json");
    let api = Tenant::builder()
        .tls()
        .responds("/version", version)
        .start();
    let folder = TempDir::new().unwrap();
    let config = folder.path().join("config");
    for version in ["v1", "v1beta1"] {
        std::fs::write(&config, kubeconfig(&api, &tenant, version).to_string()).unwrap();
        let mut kubectl = Command::new("kubectl");
        kubectl
            .env("KUBECONFIG", &config)
            .env("HOME", folder.path());
        let output = kubectl.args(["get", "--raw", "/version"]).output();
        if output.is_err() && std::env::var_os("CI").is_none() {
            eprintln!("skipped: kubectl is not installed");
            return;
        }
        let output = output.expect("CI requires kubectl");
        assert!(output.status.success(), "{output:?}");
    }
    let requests = api.requests_to("/version");
    let sent = requests
        .iter()
        .filter_map(|request| request.header("authorization"));
    let sent: Vec<_> = sent.collect();
    assert!(sent.len() >= 2, "one from each version: {sent:?}");
    for sent in sent {
        let token = sent.strip_prefix("Bearer ").expect("a bearer token");
        let mut verify = verify_at(&tenant);
        verify
            .args(["--kind", "id-token"])
            .write_stdin(token)
            .assert()
            .code(0);
    }
}
