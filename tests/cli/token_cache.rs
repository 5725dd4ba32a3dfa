//! The cache of `padlock client-credentials`: a token is used until it is stale.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{error_of, padlock, padlock_at, printed, process_at, says};
use crate::tenant::{AUDIENCE, CLIENT_SECRET, TOKEN, Tenant};

/// A folder for state, and a tenant that issues another token each time.
struct Cached {
    tenant: Tenant,
    home: TempDir,
}

impl Cached {
    fn at(tenant: Tenant) -> Self {
        let home = TempDir::new().unwrap();
        Self { tenant, home }
    }

    fn new() -> Self {
        Self::at(Tenant::start())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = padlock_at(&self.tenant);
        command.args(["client-credentials", "--audience", AUDIENCE]);
        command
            .args(arguments)
            .env("XDG_STATE_HOME", self.home.path());
        command
    }

    fn token(&self, arguments: &[&str]) -> String {
        printed(&mut self.command(arguments))
    }

    /// The number of tokens that the tenant was asked for.
    fn requests(&self) -> usize {
        self.tenant.requests_to(TOKEN).len()
    }

    fn folder(&self) -> PathBuf {
        self.home.path().join("padlock")
    }

    /// The files with tokens.
    fn files(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(self.folder()).unwrap();
        let paths = files.map(|file| file.unwrap().path());
        let is_token = |path: &PathBuf| {
            let name = path.file_name().unwrap().to_string_lossy();
            name.starts_with("client-credentials-") && path.extension() == Some("json".as_ref())
        };
        paths.filter(is_token).collect()
    }
}

#[test]
fn a_token_is_used_again_with_its_remaining_lifetime_and_no_request() {
    let cached = Cached::new();
    let first = cached.token(&[]);
    assert_eq!(cached.token(&[]), first);
    let described: Value = serde_json::from_str(&cached.token(&["--output", "json"])).unwrap();
    assert_eq!(described["access_token"], first.trim_end());
    let whole: Value = serde_json::from_str(&cached.token(&["--output", "tokens"])).unwrap();
    for response in [described, whole] {
        let lifetime = response["expires_in"].as_i64().unwrap();
        assert!((86_300..=86_400).contains(&lifetime), "{lifetime}");
        assert_eq!(response["token_type"], "Bearer");
    }
    assert_eq!((cached.requests(), cached.tenant.requests().len()), (1, 1));
}

#[test]
fn verbose_says_that_a_token_is_cached_and_until_when_and_never_shows_it() {
    let cached = Cached::new();
    let token = cached.token(&[]);
    let stderr = says("the token is a cached one, valid until 2").and(says(token.trim_end()).not());
    cached.command(&["-v"]).assert().code(0).stderr(stderr);
}

#[test]
fn status_lists_the_cached_tokens_without_showing_them_and_logout_all_deletes_them() {
    let cached = Cached::new();
    let tokens = [
        cached.token(&[]),
        cached.token(&["--scope", "read:messages"]),
    ];
    let run = |arguments: &[&str]| {
        let mut command = padlock();
        command
            .args(arguments)
            .env("XDG_STATE_HOME", cached.home.path());
        command
    };
    let text = printed(&mut run(&["status", "--all", "--output", "json"]));
    let status: Value = serde_json::from_str(&text).unwrap();
    let listed = status["applications"].as_array().unwrap();
    assert_eq!(
        (listed.len(), &listed[0]["client_id"]),
        (2, &json!("padlock-cli"))
    );
    assert!(listed.iter().any(|token| token["scope"] == "read:messages"));
    let table = printed(&mut run(&["status", "--all"]));
    assert!(
        table.contains("Application") && table.contains(AUDIENCE),
        "{table}"
    );
    for token in &tokens {
        assert!(!text.contains(token.trim_end()) && !table.contains(token.trim_end()));
    }
    run(&["status"]).assert().code(10).stdout("");
    let note = says("deleted the cached tokens of applications (2)");
    run(&["logout", "--all"]).assert().code(0).stderr(note);
    assert_eq!(cached.files().len(), 0);
    run(&["logout", "--all"]).assert().code(10);
    run(&["status", "--all"]).assert().code(10);
}

#[test]
fn a_cached_token_needs_neither_discovery_nor_a_tenant_that_can_be_reached() {
    let cached = Cached::at(Tenant::builder().plain_provider().start());
    let issuer = cached.tenant.issuer();
    let command = || {
        let mut command = cached.command(&[]);
        command
            .env_remove("AUTH0_DOMAIN")
            .env("AUTH0_ISSUER", &issuer);
        command
    };
    let first = printed(&mut command());
    cached.tenant.clear_requests();
    let mut offline = command();
    offline
        .env("HTTP_PROXY", "http://127.0.0.1:9")
        .env("PADLOCK_CA_FILE", "/nowhere/ca");
    assert_eq!(printed(&mut offline), first);
    assert_eq!(cached.tenant.requests().len(), 0);
}

#[test]
fn another_secret_never_gets_a_cached_token() {
    let cached = Cached::new();
    cached.token(&[]);
    for secret in ["x".repeat(40), format!("{CLIENT_SECRET}x"), String::new()] {
        let mut command = cached.command(&[]);
        command.env("AUTH0_CLIENT_SECRET", secret);
        command.assert().code(5).stdout("");
    }
    assert_eq!(cached.requests(), 4);
    cached.token(&[]);
    assert_eq!(cached.requests(), 4);
}

#[test]
fn another_request_gets_another_token() {
    let cached = Cached::new();
    let mut tokens = vec![cached.token(&[])];
    for arguments in [
        &["--scope", "read:messages"][..],
        &["--organization", "org_1"],
        &["--organization", "org_2"],
        &["--parameter", "a=b"],
        &["--parameter", "a=c"],
        &["--client-auth", "client_secret_basic"],
    ] {
        let asked = cached.requests();
        tokens.push(cached.token(arguments));
        assert_eq!(cached.requests(), asked + 1, "{arguments:?}");
        assert_eq!(tokens.last(), Some(&cached.token(arguments)));
        assert_eq!(cached.requests(), asked + 1, "{arguments:?}");
    }
}

#[test]
fn a_token_with_less_than_min_ttl_left_is_stale() {
    let lifetime = |seconds: i64| {
        Tenant::builder()
            .member("expires_in", json!(seconds))
            .start()
    };
    let cached = Cached::at(lifetime(59));
    cached.token(&[]);
    cached.token(&[]);
    assert_eq!(cached.requests(), 2);
    cached.token(&["--min-ttl", "30"]);
    cached.token(&["--min-ttl", "0"]);
    assert_eq!(cached.requests(), 2);
    let cached = Cached::at(lifetime(3600));
    cached.token(&[]);
    cached.token(&["--min-ttl", "3601"]);
    cached.token(&["--min-ttl", "3000"]);
    assert_eq!(cached.requests(), 2);
}

#[test]
fn a_token_without_a_known_lifetime_is_not_cached() {
    for lifetime in [json!(null), json!("soon"), json!(0), json!(-5)] {
        let cached = Cached::at(Tenant::builder().member("expires_in", lifetime).start());
        cached.token(&["--min-ttl", "0"]);
        cached.token(&["--min-ttl", "0"]);
        assert_eq!((cached.requests(), cached.files().len()), (2, 0));
    }
}

#[test]
fn fresh_replaces_the_cached_token_and_no_cache_leaves_it_alone() {
    let cached = Cached::new();
    cached.token(&["--no-cache"]);
    assert!(!cached.folder().exists());
    let first = cached.token(&[]);
    cached.token(&["--no-cache"]);
    assert_eq!((cached.token(&[]), cached.requests()), (first, 3));
    let fresh = cached.token(&["--fresh"]);
    assert_eq!((cached.token(&[]), cached.requests()), (fresh, 4));
    let mut both = cached.command(&["--fresh", "--no-cache"]);
    both.assert().code(2).stderr(says("cannot be combined"));
}

#[test]
fn the_file_is_private_and_holds_no_credential() {
    let cached = Cached::new();
    cached.token(&[]);
    let files = cached.files();
    assert_eq!(files.len(), 1);
    let mode = |path: &PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&files[0]), mode(&cached.folder())), (0o600, 0o700));
    let content = fs::read_to_string(&files[0]).unwrap();
    assert!(!content.contains(CLIENT_SECRET) && content.contains("expires_at"));
}

#[test]
fn a_state_folder_that_cannot_be_had_costs_the_cache_alone() {
    let cached = Cached::new();
    for folder in ["/dev/null", "/proc"] {
        let mut command = cached.command(&[]);
        command.env("XDG_STATE_HOME", folder);
        command.assert().code(0).stderr("");
    }
    assert_eq!(cached.requests(), 2);
}

#[test]
fn a_state_folder_of_everyone_is_refused_and_a_damaged_file_replaced() {
    let cached = Cached::new();
    cached.token(&[]);
    for damage in ["", "{", "{\"version\":1}", "[]"] {
        fs::write(&cached.files()[0], damage).unwrap();
        let asked = cached.requests();
        let token = cached.token(&[]);
        assert_eq!((cached.token(&[]), cached.requests()), (token, asked + 1));
    }
    let open = fs::Permissions::from_mode(0o755);
    fs::set_permissions(cached.folder(), open).unwrap();
    let stderr = says("is not private").and(says("chmod 700"));
    cached
        .command(&[])
        .assert()
        .code(1)
        .stdout("")
        .stderr(stderr);
    cached.command(&["--no-cache"]).assert().code(0);
}

#[test]
fn a_hundred_processes_with_a_cold_cache_make_one_request() {
    let slow = Tenant::builder()
        .delay(TOKEN, Duration::from_millis(300))
        .start();
    let cached = Cached::at(slow);
    let processes: Vec<_> = (0..100)
        .map(|_| {
            let arguments = [
                "client-credentials",
                "--audience",
                AUDIENCE,
                "--timeout",
                "300",
            ];
            let mut process = process_at(&cached.tenant, &arguments);
            process.env("XDG_STATE_HOME", cached.home.path());
            process
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    let outputs = processes
        .into_iter()
        .map(|one| one.wait_with_output().unwrap());
    let mut tokens = Vec::new();
    for output in outputs {
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        tokens.push(output.stdout);
    }
    tokens.dedup();
    assert_eq!((tokens.len(), cached.requests()), (1, 1));
}

#[test]
fn a_cached_token_of_everyone_hides_nothing_else_and_is_named() {
    let cached = Cached::new();
    cached.token(&[]);
    let open = cached.files().remove(0);
    fs::set_permissions(&open, fs::Permissions::from_mode(0o644)).unwrap();
    cached.token(&["--scope", "read:messages"]);
    let mut status = padlock();
    status.env("XDG_STATE_HOME", cached.home.path());
    let run = status.args(["status", "--all"]).assert().code(0);
    let run = run.stdout(says("read:messages"));
    run.stderr(says("chmod 600").and(says(&open.display().to_string())));
}

#[test]
fn the_next_step_for_an_unusable_key_or_lock_is_no_sign_in_and_helps() {
    let cached = Cached::new();
    cached.token(&[]);
    let key = cached.folder().join("key");
    let lock = cached.files()[0].with_extension("json.lock");
    fs::remove_file(&lock).unwrap();
    fs::create_dir(&lock).unwrap();
    let error = error_of(&mut cached.command(&["--fresh"]));
    let step = format!("move {} away, and run the command again", lock.display());
    assert_eq!((&error["hint"], &error["exit"]), (&step.into(), &1.into()));
    fs::remove_dir(&lock).unwrap();
    cached.token(&["--fresh"]);
    fs::write(&key, "short").unwrap();
    let error = error_of(&mut cached.command(&[]));
    let step = format!("remove {}, and run the command again", key.display());
    assert_eq!((&error["hint"], &error["exit"]), (&step.into(), &1.into()));
    fs::remove_file(&key).unwrap();
    cached.token(&[]);
}
