//! `--totp-secret-file`: codes computed from the secret of an authenticator app, each sent once.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use predicates::prelude::PredicateBooleanExt;
use serde_json::json;
use tempfile::TempDir;

use crate::program::{error_of, login_at, login_at_issuer, private, process_at, says};
use crate::tenant::{EMAIL, Factor, TOKEN, Tenant, USER_PASSWORD};

const SECRET: &[u8] = b"12345678901234567890";
const BASE32: &str = "GEZD GNBV GY3T QOJQ gezd gnbv gy3t qojq";
const ADDRESS: &str = "otpauth://totp/Percy:robin?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=6";

/// A secret file and a folder for state.
struct Home {
    folder: TempDir,
    secret: PathBuf,
}

impl Home {
    fn new(secret: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("totp-secret");
        fs::write(&file, secret).unwrap();
        private(&file);
        Self {
            secret: file,
            folder,
        }
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    fn give(&self, login: &mut assert_cmd::Command) {
        login.env("XDG_STATE_HOME", self.state());
        login.arg("--totp-secret-file").arg(&self.secret);
    }
}

fn tenant() -> Tenant {
    Tenant::builder().factor(Factor::totp(SECRET)).start()
}

#[test]
fn a_code_is_computed_from_base32_or_an_address() {
    for secret in [BASE32, ADDRESS, "gezdgnbvgy3tqojqgezdgnbvgy3tqojq\n"] {
        let (tenant, home) = (tenant(), Home::new(secret));
        let mut login = login_at(&tenant);
        home.give(&mut login);
        login.assert().code(0).stderr("");
    }
}

#[test]
fn a_variable_or_a_credential_of_systemd_gives_the_secret() {
    for name in ["PADLOCK_TOTP_SECRET_FILE", "CREDENTIALS_DIRECTORY"] {
        let (tenant, home) = (tenant(), Home::new(BASE32));
        let path: &Path = match name {
            "CREDENTIALS_DIRECTORY" => home.folder.path(),
            _ => &home.secret,
        };
        let mut login = login_at(&tenant);
        login.env("XDG_STATE_HOME", home.state()).env(name, path);
        login.assert().code(0).stderr("");
    }
}

#[test]
fn keycloak_gets_the_computed_code_beside_the_password() {
    let tenant = Tenant::builder()
        .keycloak()
        .factor(Factor::totp(SECRET))
        .start();
    let home = Home::new(ADDRESS);
    let mut login = login_at_issuer(&tenant);
    home.give(&mut login);
    login.assert().code(0).stderr("");
    let provider = Tenant::builder().plain_provider().start();
    let mut login = login_at_issuer(&provider);
    home.give(&mut login);
    let stderr = says("--totp-secret-file").and(says("takes no second factor"));
    login.assert().code(2).stderr(stderr);
    assert_eq!(provider.passwords_received(), 0);
}

/// A secret whose codes live for two seconds; the tenant takes every one of them for wrong.
fn short_lived() -> Home {
    Home::new("otpauth://totp/x?secret=MFRGGZDFMZTWQ2LK&period=2&digits=8&algorithm=SHA256")
}

#[test]
fn processes_of_a_user_never_send_a_code_twice() {
    let (tenant, home) = (tenant(), short_lived());
    let logins: Vec<_> = (0..5)
        .map(|_| {
            let arguments = [
                "--email",
                EMAIL,
                "--password",
                USER_PASSWORD,
                "--timeout",
                "60",
            ];
            let mut login = process_at(&tenant, &arguments);
            login.env("XDG_STATE_HOME", home.state());
            login.arg("--totp-secret-file").arg(&home.secret);
            login.stderr(std::process::Stdio::piped());
            login.spawn().unwrap()
        })
        .collect();
    let mut notes = 0;
    for login in logins {
        let output = login.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{stderr}");
        notes += usize::from(stderr.contains("waiting 1 s") || stderr.contains("waiting 2 s"));
    }
    let requests = tenant.requests_to(TOKEN);
    let codes: Vec<_> = requests.iter().filter_map(|one| one.field("otp")).collect();
    let different: BTreeSet<_> = codes.iter().collect();
    assert_eq!((codes.len(), different.len()), (5, 5), "{codes:?}");
    assert!(notes >= 3, "who waits says so");
}

#[test]
fn the_wait_for_the_next_code_does_not_count_as_time_of_the_run() {
    let tenant = Tenant::builder().factor(Factor::otp("123456")).start();
    let home = Home::new("otpauth://totp/x?secret=MFRGGZDFMZTWQ2LK&period=3");
    for _ in 0..3 {
        let mut login = login_at(&tenant);
        home.give(&mut login);
        login.args(["--timeout", "0.9"]).assert().code(3);
    }
}

#[test]
fn nothing_is_sent_where_the_use_of_a_code_cannot_be_recorded() {
    let (tenant, home) = (tenant(), Home::new(BASE32));
    let login = || {
        let mut login = login_at(&tenant);
        home.give(&mut login);
        login
    };
    let error = error_of(login().env("XDG_STATE_HOME", "/dev/null"));
    assert_eq!(
        (&error["exit"], &error["class"]),
        (&json!(1), &json!("internal"))
    );
    fs::create_dir_all(home.state().join("padlock")).unwrap();
    let open = fs::Permissions::from_mode(0o755);
    fs::set_permissions(home.state().join("padlock"), open).unwrap();
    let stderr = says("cannot be recorded as used, so that none is sent").and(says("chmod 700"));
    login().assert().code(1).stdout("").stderr(stderr);
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn a_damaged_record_is_an_error_and_named() {
    let (tenant, home) = (tenant(), Home::new(BASE32));
    let mut login = login_at(&tenant);
    home.give(&mut login);
    login.assert().code(0);
    tenant.clear_requests();
    let record = |suffix: &str| {
        let files = fs::read_dir(home.state().join("padlock")).unwrap();
        let paths = files.map(|file| file.unwrap().path());
        let mut paths = paths.filter(|path| path.to_string_lossy().ends_with(suffix));
        paths
            .find(|path| path.to_string_lossy().contains("totp-"))
            .unwrap()
    };
    fs::write(record(".json"), "{").unwrap();
    let mut login = login_at(&tenant);
    home.give(&mut login);
    login
        .assert()
        .code(1)
        .stderr(says("is damaged").and(says("hint: remove ")));
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn the_record_is_private_and_holds_neither_the_secret_nor_a_code() {
    let (tenant, home) = (tenant(), Home::new(BASE32));
    let mut login = login_at(&tenant);
    home.give(&mut login);
    login.assert().code(0);
    let requests = tenant.requests_to(TOKEN);
    let code = requests.iter().find_map(|one| one.field("otp")).unwrap();
    for file in fs::read_dir(home.state().join("padlock")).unwrap() {
        let path = file.unwrap().path();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{path:?}");
        let content = fs::read(&path).unwrap();
        let content = [path.to_string_lossy().as_bytes(), &content].concat();
        for secret in [SECRET, b"GEZDGNBV", code.as_bytes()] {
            let found = content.windows(secret.len()).any(|part| part == secret);
            assert!(!found, "{path:?}");
        }
    }
}

#[test]
fn a_secret_goes_with_no_other_source_of_codes_and_no_other_factor() {
    let (tenant, home) = (tenant(), Home::new(BASE32));
    for other in [
        "--otp=1",
        "--otp-stdin",
        "--otp-command=x",
        "--factor=sms",
        "--factor=push",
    ] {
        let mut login = login_at(&tenant);
        home.give(&mut login);
        login.arg(other).assert().code(2).stdout("");
    }
    let mut login = login_at(&tenant);
    login
        .env("PADLOCK_TOTP_SECRET_FILE", &home.secret)
        .env("PADLOCK_OTP", "1");
    login
        .assert()
        .code(2)
        .stderr(says("are both set in the environment"));
    assert_eq!(tenant.requests().len(), 0);
    let sms = Tenant::builder().factor(Factor::sms("X", "654321")).start();
    let mut login = login_at(&sms);
    home.give(&mut login);
    login.assert().code(4).stderr(says("sms"));
}

#[test]
fn an_unusable_secret_is_reported_before_anything_is_sent_and_not_repeated() {
    let tenant = tenant();
    for (secret, problem) in [
        ("hunter2-0189", "expected base32"),
        ("", "it is empty"),
        ("GEZD\nGNBV\n", "line ending"),
        ("otpauth://hotp/x?secret=GEZDGNBV", "counter"),
        (
            "otpauth://totp/x?secret=GEZDGNBV&algorithm=MD5",
            "invalid algorithm",
        ),
        ("otpauth://totp/x?secret=hunter2-0189", "expected base32"),
    ] {
        let home = Home::new(secret);
        let mut login = login_at(&tenant);
        home.give(&mut login);
        let stderr = says("the TOTP secret in")
            .and(says(problem))
            .and(says("hunter2").not());
        login.assert().code(2).stdout("").stderr(stderr);
    }
    let mut login = login_at(&tenant);
    login.args(["--totp-secret-file", "/nowhere/totp"]);
    login.assert().code(2).stderr(says("/nowhere/totp"));
    assert_eq!(tenant.requests().len(), 0);
}
