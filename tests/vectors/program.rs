//! The cases on the command line: the program must report exactly what the library does.

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::cases::{Case, Verdict, is_unsafe_for_terminals};

/// The program in an empty folder, with a proxy that it must never use.
pub(crate) struct Program {
    folder: TempDir,
    proxy: TcpListener,
}

impl Program {
    pub(crate) fn new() -> Self {
        let proxy = TcpListener::bind("127.0.0.1:0").expect("a free port");
        proxy
            .set_nonblocking(true)
            .expect("a listener that does not block");
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            proxy,
        }
    }

    /// The number of connections to the proxy.
    pub(crate) fn connections(&self) -> usize {
        self.proxy.incoming().take_while(Result::is_ok).count()
    }

    /// The program's verdict on a case, which must match the library's for every reason.
    pub(crate) fn verdict(&self, case: &Case) -> Verdict {
        let started = Instant::now();
        let output = self.run(case);
        assert!(
            started.elapsed() < Duration::from_secs(2),
            "{} took {:?}",
            case.id,
            started.elapsed()
        );
        let verdict = case.verdict();
        match &verdict {
            Ok(()) => {
                assert_eq!(output.status.code(), Some(0), "{}: {output:?}", case.id);
                let claims: Value =
                    serde_json::from_slice(&output.stdout).expect("claims are JSON");
                assert!(
                    claims.is_object() && output.stderr.is_empty(),
                    "{}: {output:?}",
                    case.id
                );
            }
            Err(violations) => {
                assert!(
                    matches!(output.status.code(), Some(8 | 9)),
                    "{}: {output:?}, not {violations:?}",
                    case.id
                );
                assert!(output.stdout.is_empty(), "{}: {output:?}", case.id);
                // One token has the secret itself as a claim.
                let secret = case.key["secret"]
                    .as_str()
                    .filter(|secret| !secret.is_empty());
                let quoted = format!("\"{}\"", secret.unwrap_or("no secret"));
                let messages: Vec<String> = violations
                    .iter()
                    .map(|violation| violation.message.replace(&quoted, "\"[hidden]\""))
                    .collect();
                assert_eq!(reasons(&output), messages, "{}: {output:?}", case.id);
            }
        }
        verdict
    }

    fn run(&self, case: &Case) -> Output {
        let proxy = format!("http://{}", self.proxy.local_addr().expect("a bound port"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_padlock"));
        command
            .env_clear()
            .current_dir(&self.folder)
            .env("HTTP_PROXY", &proxy)
            .env("HTTPS_PROXY", &proxy);
        command
            .args(["verify", "--any-audience", "--error-format", "json"])
            .args(self.arguments(case));
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // Arguments cannot contain NUL.
        let as_argument = !case.token.contains('\0');
        if as_argument {
            command.arg("--").arg(&case.token);
        }
        let mut child = command.spawn().expect("padlock starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        if !as_argument {
            stdin
                .write_all(case.token.as_bytes())
                .expect("padlock reads its standard input");
        }
        drop(stdin);
        child.wait_with_output().expect("padlock ends")
    }

    fn arguments(&self, case: &Case) -> Vec<String> {
        let kind = match case.profile.as_str() {
            "id_token" => "id-token",
            "access_token" if !case.requires_exp_off => "access-token",
            _ => "jwt",
        };
        let mut arguments = vec![
            format!("--kind={kind}"),
            format!("--at={}", case.at()),
            format!("--leeway={}", case.leeway),
            format!("--algorithm={}", case.alg_allowed.join(",")),
            self.keys(case),
        ];
        arguments.extend(
            case.allows_short_secrets()
                .then(|| "--allow-short-secret".to_owned()),
        );
        let values = [
            ("expect-issuer", &case.issuer),
            ("audience", &case.audience),
            ("nonce", &case.nonce),
            ("organization", &case.org),
            ("max-age", &case.max_age.map(|seconds| seconds.to_string())),
            (
                "access-token-file",
                &case
                    .access_token
                    .as_ref()
                    .map(|token| self.file("access_token", token)),
            ),
        ];
        arguments.extend(
            values
                .iter()
                .filter_map(|(name, value)| Some(format!("--{name}={}", value.as_ref()?))),
        );
        arguments.extend(
            case.required_scopes
                .iter()
                .map(|scope| format!("--require-scope={scope}")),
        );
        arguments.extend(
            case.required_permissions
                .iter()
                .map(|permission| format!("--require-permission={permission}")),
        );
        arguments.extend(
            case.required_claims
                .iter()
                .map(|(name, value)| format!("--require-claim={name}={value}")),
        );
        arguments
    }

    /// A textual secret goes into a file; any other becomes the only key of a key set.
    fn keys(&self, case: &Case) -> String {
        if let Some(secret) = case.key["secret"]
            .as_str()
            .filter(|secret| !secret.is_empty())
        {
            return format!("--secret-file={}", self.file("secret", secret));
        }
        let set = match case.key["secret_b64url"]
            .as_str()
            .or(case.key["secret"].as_str())
        {
            Some(secret) => {
                json!({ "keys": [{ "kty": "oct", "kid": kid(&case.token), "k": secret }] })
            }
            None => case.key["jwks"].clone(),
        };
        format!("--jwks={}", self.file("jwks", &set.to_string()))
    }

    fn file(&self, name: &str, content: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, content).expect("a writable file");
        path.display().to_string()
    }
}

fn kid(token: &str) -> String {
    let header = token
        .split('.')
        .next()
        .and_then(|header| URL_SAFE_NO_PAD.decode(header).ok());
    let header: Value = header
        .and_then(|header| serde_json::from_slice(&header).ok())
        .unwrap_or_default();
    header["kid"].as_str().unwrap_or_default().to_owned()
}

/// The reasons on stderr, without control or formatting characters.
fn reasons(output: &Output) -> Vec<String> {
    let text = std::str::from_utf8(&output.stderr).expect("UTF-8 on stderr");
    let line = text.strip_suffix('\n').expect("a whole line on stderr");
    assert!(!line.contains(is_unsafe_for_terminals), "{line:?}");
    let mut error: Value = serde_json::from_str(line).expect("one JSON object on stderr");
    serde_json::from_value(error["error"]["reasons"].take()).expect("a list of strings")
}
