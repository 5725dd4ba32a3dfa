//! Which source a setting comes from.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use tempfile::TempDir;

use crate::program::{login_at, padlock, padlock_at, private, says};
use crate::tenant::{CLIENT_ID, CLIENT_SECRET, EMAIL, Tenant, USER_PASSWORD};

/// A settings file for a tenant.
pub(crate) fn env_file(tenant: &Tenant) -> String {
    format!(
        "# a comment\nAUTH0_DOMAIN={}\nexport AUTH0_CLIENT_ID=\"{CLIENT_ID}\"\n\
         AUTH0_CLIENT_SECRET='{CLIENT_SECRET}'\nPADLOCK_EMAIL={EMAIL}\n\
         PADLOCK_PASSWORD={USER_PASSWORD}\n",
        tenant.url()
    )
}

/// A folder that contains such a file.
pub(crate) fn folder_with(name: &str, text: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, text).unwrap();
    private(&file);
    folder
}

pub(crate) fn padlock_in(folder: &Path) -> Command {
    let mut command = padlock();
    command.current_dir(folder);
    command
}

#[test]
fn settings_come_from_a_dot_env_in_the_working_directory() {
    let tenant = Tenant::start();
    let folder = folder_with(".env", &env_file(&tenant));
    padlock_in(folder.path())
        .assert()
        .code(0)
        .stdout(says("Robin Percy"));
}

#[test]
fn a_dot_env_of_a_parent_folder_is_never_read() {
    let tenant = Tenant::start();
    let folder = folder_with(".env", &env_file(&tenant));
    let below = folder.path().join("below");
    fs::create_dir(&below).unwrap();
    padlock_in(&below)
        .assert()
        .code(2)
        .stderr(says("no tenant is given"));
}

#[test]
fn an_env_file_is_used_and_a_dot_env_of_another_tenant_is_not() {
    let tenant = Tenant::start();
    let folder = folder_with("ci.env", &env_file(&tenant));
    fs::write(folder.path().join(".env"), "AUTH0_DOMAIN=unused.test\n").unwrap();
    padlock_in(folder.path())
        .args(["--env-file", "ci.env"])
        .assert()
        .code(0);
    padlock()
        .args(["--env-file", "/nowhere.env"])
        .assert()
        .code(2)
        .stderr(says("/nowhere.env"));
}

#[test]
fn a_profile_is_read_from_the_configuration_folder() {
    let tenant = Tenant::start();
    let folder = folder_with("padlock/staging.env", &env_file(&tenant));
    padlock()
        .env("XDG_CONFIG_HOME", folder.path())
        .args(["--profile", "staging"])
        .assert()
        .code(0);
}

#[test]
fn a_profile_must_be_a_plain_name() {
    for name in ["../staging", "a/b", "", ".", "/etc/passwd"] {
        padlock()
            .args(["--profile", name])
            .assert()
            .code(2)
            .stderr(says("--profile is not valid"));
    }
}

#[test]
fn the_environment_overrides_the_file_and_a_flag_overrides_both() {
    let tenant = Tenant::start();
    let folder = folder_with(".env", &env_file(&tenant));
    let scope = |command: &mut Command| {
        tenant.clear_requests();
        command.assert().code(0);
        tenant.requests_to("/oauth/token")[0]
            .field("scope")
            .unwrap()
    };
    fs::write(
        folder.path().join(".env"),
        env_file(&tenant) + "AUTH0_SCOPE='openid file'\n",
    )
    .unwrap();
    assert_eq!(scope(&mut padlock_in(folder.path())), "openid file");
    assert_eq!(
        scope(padlock_in(folder.path()).env("AUTH0_SCOPE", "openid env")),
        "openid env"
    );
    let mut with_flag = padlock_in(folder.path());
    assert_eq!(
        scope(
            with_flag
                .env("AUTH0_SCOPE", "openid env")
                .args(["--scope", "openid flag"])
        ),
        "openid flag"
    );
}

#[test]
fn a_dot_env_cannot_replace_a_tenant_that_the_environment_names() {
    let tenant = Tenant::start();
    let attacker = Tenant::start();
    for line in [
        format!("AUTH0_DOMAIN={}\n", attacker.url()),
        format!("AUTH0_ISSUER={}\n", attacker.issuer()),
    ] {
        let folder = folder_with(".env", &line);
        login_at(&tenant)
            .current_dir(folder.path())
            .assert()
            .code(0);
    }
    assert_eq!(
        (tenant.passwords_received(), attacker.requests().len()),
        (2, 0)
    );
}

#[test]
fn an_issuer_flag_overrides_a_domain_in_the_environment() {
    let tenant = Tenant::start();
    let mut login = login_at(&tenant);
    login
        .env("AUTH0_DOMAIN", "unused.test")
        .args(["--issuer", &tenant.issuer()])
        .assert()
        .code(0);
}

#[test]
fn a_domain_and_an_issuer_from_the_same_source_are_refused() {
    let tenant = Tenant::start();
    let mut login = login_at(&tenant);
    login
        .env("AUTH0_ISSUER", "https://idp.test")
        .assert()
        .code(2)
        .stderr(says("AUTH0_ISSUER"));
}

#[test]
fn a_dot_env_adds_no_trusted_ca_for_a_tenant_that_it_does_not_name() {
    let tenant = Tenant::builder().tls().start();
    let folder = folder_with(
        ".env",
        &format!("PADLOCK_CA_FILE={}\n", tenant.ca_file().display()),
    );
    let mut login = login_at(&tenant);
    login
        .current_dir(folder.path())
        .env_remove("PADLOCK_CA_FILE");
    let note = "PADLOCK_CA_FILE in .env is ignored, since .env does not name the tenant";
    login.assert().code(7).stderr(says(note));
    assert_eq!(tenant.passwords_received(), 0);
}

#[test]
fn only_the_listed_names_are_read_from_a_file() {
    let tenant = Tenant::start();
    let lines =
        "HTTP_PROXY=http://127.0.0.1:9\nALL_PROXY=http://127.0.0.1:9\nNO_COLOR=1\nPATH=/nowhere\n";
    let folder = folder_with(".env", &(env_file(&tenant) + lines));
    padlock_in(folder.path()).assert().code(0);
}

#[test]
fn variables_in_a_settings_file_are_never_expanded() {
    let tenant = Tenant::start();
    let attacker = Tenant::start();
    let lines = [
        "AUTH0_CLIENT_ID='x'$MYSECRET".to_owned(),
        "AUTH0_CLIENT_ID=a\\\\$MYSECRET".to_owned(),
        "AUTH0_CLIENT_ID=\"a/\n${MYSECRET}\"".to_owned(),
        "AUTH0_CLIENT_ID=$MYSECRET".to_owned(),
        "AUTH0_CLIENT_ID=\"${MYSECRET}\"".to_owned(),
        format!("export\tAUTH0_DOMAIN=\"{}${{MYSECRET}}\"", attacker.url()),
    ];
    for line in lines {
        let folder = folder_with(".env", &format!("{line}\n{}", env_file(&tenant)));
        let refused = padlock_in(folder.path())
            .env("MYSECRET", "hunter2")
            .assert()
            .code(2);
        refused.stderr(
            says(" in .env (line 1) is not valid: ")
                .and(says("hunter2").not())
                .and(says("SECRET").not()),
        );
    }
    assert_eq!((tenant.requests().len(), attacker.requests().len()), (0, 0));
}

#[test]
fn a_password_in_single_quotes_is_sent_literally() {
    let password = r#"p$HOME \n#"x\"#;
    let tenant = Tenant::builder()
        .first_user(|user| password.clone_into(&mut user.password))
        .start();
    let text = env_file(&tenant).replace(USER_PASSWORD, &format!("'{password}'"));
    padlock_in(folder_with(".env", &text).path())
        .env("HOME", "/root")
        .assert()
        .code(0);
    assert_eq!(
        tenant.requests_to("/oauth/token")[0].field("password"),
        Some(password.into())
    );
}

#[test]
fn a_dot_env_that_is_not_a_plain_file_is_ignored_at_once() {
    let endless = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/dev/zero", endless.path().join(".env")).unwrap();
    let silent = tempfile::tempdir().unwrap();
    pipe(&silent.path().join(".env"));
    for folder in [endless, silent] {
        padlock_in(folder.path())
            .assert()
            .code(2)
            .stderr(says("./.env is ignored, since it is not a plain file").and(says("no tenant")));
    }
}

#[test]
fn an_env_file_may_be_a_pipe_and_is_limited_in_time_and_size() {
    let tenant = Tenant::start();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe");
    pipe(&path);
    let started = Instant::now();
    padlock()
        .args(["--timeout", "0.3", "--env-file"])
        .arg(&path)
        .assert()
        .code(2)
        .stderr(says("in time"));
    assert!(started.elapsed() < Duration::from_secs(5));
    let text = env_file(&tenant);
    let writer = std::thread::spawn({
        let path = path.clone();
        move || fs::write(path, text)
    });
    padlock()
        .arg("--env-file")
        .arg(&path)
        .assert()
        .code(0)
        .stdout(says("Robin Percy"));
    writer.join().unwrap().unwrap();
    padlock()
        .args(["--env-file", "/dev/zero"])
        .assert()
        .code(2)
        .stderr(says("longer than 1 MiB"));
}

pub(crate) fn pipe(path: &Path) {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("the pipe is created");
}

#[test]
fn an_invalid_line_is_reported_by_its_setting_without_the_value() {
    let folder = folder_with(".env", "AUTH0_CLIENT_SECRET=hunter2 and more\n");
    let refused = padlock_in(folder.path()).assert().code(2);
    refused.stderr(says("AUTH0_CLIENT_SECRET in .env").and(says("hunter2").not()));
}

#[test]
fn the_client_secret_can_come_from_a_file() {
    let tenant = Tenant::start();
    let folder = folder_with("secret", &format!("{CLIENT_SECRET}\n"));
    let mut login = login_at(&tenant);
    login
        .env_remove("AUTH0_CLIENT_SECRET")
        .arg("--client-secret-file")
        .arg(folder.path().join("secret"));
    login.assert().code(0);
    assert_eq!(
        tenant.requests_to("/oauth/token")[0].field("client_secret"),
        Some(CLIENT_SECRET.into())
    );
}

#[test]
fn a_missing_setting_is_named_with_its_flag_and_its_variable() {
    let mut login = padlock();
    login.args(["--email", EMAIL, "--password", USER_PASSWORD]);
    login
        .assert()
        .code(2)
        .stderr(says("--domain").and(says("AUTH0_DOMAIN")));
    login.env("AUTH0_DOMAIN", "acme.test");
    login
        .assert()
        .code(2)
        .stderr(says("--client-id").and(says("AUTH0_CLIENT_ID")));
    login
        .env("AUTH0_CLIENT_ID", "x")
        .env("AUTH0_ALGORITHM", "HS256");
    login
        .assert()
        .code(2)
        .stderr(says("--client-secret-file").and(says("AUTH0_CLIENT_SECRET")));
}

#[test]
fn a_client_secret_too_short_for_hs256_is_refused_before_the_password_is_sent() {
    let tenant = Tenant::builder().hs256().start();
    let mut login = login_at(&tenant);
    login
        .env("AUTH0_CLIENT_SECRET", "x".repeat(31))
        .assert()
        .code(2)
        .stderr(says("31 bytes"));
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn an_unknown_algorithm_is_refused_with_a_list_of_the_known_ones() {
    let tenant = Tenant::start();
    let mut login = login_at(&tenant);
    login
        .env("AUTH0_ALGORITHM", "none")
        .assert()
        .code(2)
        .stderr(says("AUTH0_ALGORITHM").and(says("RS256")));
}

#[test]
fn control_characters_in_a_file_name_are_escaped() {
    let tenant = Tenant::start();
    for flag in [
        "--env-file",
        "--ca-file",
        "--password-file",
        "--client-secret-file",
    ] {
        let mut login = padlock_at(&tenant);
        login.env("PADLOCK_PASSWORD", USER_PASSWORD).args([
            "--email",
            EMAIL,
            flag,
            "/nowhere/\u{1b}[31m\u{202e}x",
        ]);
        login.assert().code(2).stderr(
            says("\u{1b}")
                .not()
                .and(says("\u{202e}").not())
                .and(says("/nowhere/")),
        );
    }
}

#[test]
fn an_issuer_without_a_scheme_is_refused_with_an_example() {
    let mut login = padlock_at(&Tenant::start());
    login.args([
        "--issuer",
        "acme.eu.auth0.com",
        "--email",
        EMAIL,
        "--password",
        USER_PASSWORD,
    ]);
    login
        .assert()
        .code(2)
        .stderr(says("\"acme.eu.auth0.com\"").and(says("starting with https://")));
}

#[test]
fn a_folder_called_dot_env_is_ignored() {
    let tenant = Tenant::start();
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(".env")).unwrap();
    login_at(&tenant)
        .current_dir(folder.path())
        .assert()
        .code(0)
        .stderr("");
}
