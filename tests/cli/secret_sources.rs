//! Secrets from commands, and from systemd's credentials.

use std::path::Path;

use predicates::prelude::PredicateBooleanExt;
use tempfile::TempDir;

use crate::program::{padlock_at, private, says};
use crate::settings::{folder_with, padlock_in};
use crate::tenant::{AUDIENCE, CLIENT_ID, CLIENT_SECRET, EMAIL, Tenant, USER_PASSWORD};

/// A login without a password.
fn login(tenant: &Tenant) -> assert_cmd::Command {
    let mut login = padlock_at(tenant);
    login.args(["--email", EMAIL]);
    login
}

fn with_command(tenant: &Tenant, command: &str) -> assert_cmd::Command {
    let mut login = login(tenant);
    login.args(["--password-command", command]);
    login
}

#[test]
fn the_first_line_that_a_command_prints_is_the_password() {
    for (printed, password) in [
        ("printf pa55word", "pa55word"),
        ("printf 'pa55word\\r\\n'", "pa55word"),
        ("printf 'pa55word\\nurl: https://acme.test\\n'", "pa55word"),
        ("printf ' pa55 word\\t \\n'", " pa55 word\t "),
        ("printf '\\357\\273\\277pa55word\\n'", "pa55word"),
    ] {
        let tenant = Tenant::builder().first_user(|user| password.clone_into(&mut user.password));
        let tenant = tenant.start();
        with_command(&tenant, printed).assert().code(0).stderr("");
    }
}

#[test]
fn a_command_without_a_password_is_reported_before_anything_is_sent() {
    let tenant = Tenant::start();
    for (command, problem) in [
        ("exit 3", "the command given with --password-command failed"),
        ("echo pa55word; false", "failed"),
        ("true", "printed no password"),
        ("echo; echo pa55word", "printed no password"),
        ("printf '\\377\\n'", "it is not UTF-8"),
        ("printf 'a\\033b\\n'", "control character"),
        ("printf '%5000s\\n' x", "longer than 4095 bytes"),
        ("/nowhere/pass", "failed"),
        ("/bin/sleep 60", "did not end in time"),
    ] {
        let mut login = with_command(&tenant, command);
        login.args(["--timeout", "1"]);
        login.assert().code(2).stdout("").stderr(says(problem));
    }
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn a_password_command_sees_no_secret_and_goes_with_no_other_source() {
    let folder = TempDir::new().unwrap();
    let trace = folder.path().join("trace");
    let tenant = Tenant::start();
    let command = format!(
        "(env; tr '\\0' ' ' </proc/$PPID/cmdline) >{}; echo {USER_PASSWORD}",
        trace.display()
    );
    let mut login = with_command(&tenant, &command);
    login
        .env("PADLOCK_PASSWORD", "hunter2")
        .env("PATH", "/usr/bin:/bin");
    login.assert().code(0);
    let seen = std::fs::read_to_string(trace).unwrap();
    assert!(
        seen.contains("PATH=") && !seen.contains("hunter2"),
        "{seen}"
    );
    assert!(!seen.contains(CLIENT_SECRET), "{seen}");
    for other in ["--password=x", "--password-stdin", "--password-file=x"] {
        let mut login = with_command(&tenant, "echo x");
        let stderr = says("cannot be combined");
        login.arg(other).assert().code(2).stderr(stderr);
    }
}

/// A folder as systemd makes it for a service.
fn credentials(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, content) in files {
        let file = folder.path().join(name);
        std::fs::write(&file, content).unwrap();
        private(&file);
    }
    folder
}

#[test]
fn a_service_gets_its_password_and_client_secret_from_systemd() {
    let tenant = Tenant::start();
    let folder = credentials(&[("password", "pa55word\n"), ("client-secret", CLIENT_SECRET)]);
    let mut login = login(&tenant);
    login.env_remove("AUTH0_CLIENT_SECRET");
    login.env("CREDENTIALS_DIRECTORY", folder.path());
    login.assert().code(0).stderr("");
    let mut application = padlock_at(&tenant);
    application.args(["client-credentials", "--audience", AUDIENCE]);
    application.env_remove("AUTH0_CLIENT_SECRET");
    application.env("CREDENTIALS_DIRECTORY", folder.path());
    application.assert().code(0).stderr("");
}

#[test]
fn a_flag_and_a_variable_come_before_a_credential_of_systemd() {
    let tenant = Tenant::start();
    let folder = credentials(&[("password", "wrong"), ("client-secret", "wrong")]);
    let mut by_variable = login(&tenant);
    by_variable.env("PADLOCK_PASSWORD", USER_PASSWORD);
    let mut by_flag = login(&tenant);
    by_flag.args(["--password", USER_PASSWORD]);
    for mut login in [by_variable, by_flag] {
        login.env("CREDENTIALS_DIRECTORY", folder.path());
        login.assert().code(0);
    }
    // A credential comes before a settings file below the environment.
    let mut login = login(&tenant);
    login.env("CREDENTIALS_DIRECTORY", folder.path());
    login.assert().code(3);
}

#[test]
fn a_credentials_folder_without_the_file_is_as_none() {
    let tenant = Tenant::start();
    let empty = credentials(&[]);
    for folder in [
        empty.path(),
        Path::new("/nowhere"),
        Path::new(""),
        Path::new("relative"),
    ] {
        let mut login = login(&tenant);
        login.env("CREDENTIALS_DIRECTORY", folder);
        login.assert().code(2).stderr(says("no password is given"));
    }
    let unreadable = credentials(&[]);
    std::fs::create_dir(unreadable.path().join("password")).unwrap();
    let mut login = login(&tenant);
    login.env("CREDENTIALS_DIRECTORY", unreadable.path());
    let stderr = says("could not be read").and(says("password"));
    login.assert().code(2).stderr(stderr);
}

#[test]
fn a_credential_of_systemd_goes_to_the_tenant_of_a_dot_env_only_if_the_environment_names_it() {
    let tenant = Tenant::start();
    let text = format!(
        "AUTH0_DOMAIN={}\nAUTH0_CLIENT_ID={CLIENT_ID}\nPADLOCK_EMAIL={EMAIL}\n",
        tenant.url()
    );
    let folder = folder_with(".env", &text);
    for (name, secret) in [
        ("password", USER_PASSWORD),
        ("client-secret", CLIENT_SECRET),
    ] {
        let credentials = credentials(&[(name, secret)]);
        let login = || {
            let mut login = padlock_in(folder.path());
            login.env("CREDENTIALS_DIRECTORY", credentials.path());
            if name == "password" {
                login
                    .args(["--client-secret-file", "/dev/stdin"])
                    .write_stdin(CLIENT_SECRET);
            } else {
                login.args(["--password", USER_PASSWORD]);
            }
            login
        };
        let refused =
            format!("$CREDENTIALS_DIRECTORY/{name} is not sent to the tenant that ./.env");
        login().assert().code(2).stderr(says(&refused));
        assert_eq!(tenant.requests().len(), 0);
        login().env("AUTH0_DOMAIN", tenant.url()).assert().code(0);
        login().args(["--env-file", ".env"]).assert().code(0);
        tenant.clear_requests();
    }
}

#[test]
fn a_credential_of_systemd_goes_to_no_tenant_of_a_file_that_is_another_than_the_environments() {
    let tenant = Tenant::start();
    let text = format!(
        "AUTH0_DOMAIN={}\nAUTH0_CLIENT_ID={CLIENT_ID}\nAUTH0_CLIENT_SECRET={CLIENT_SECRET}\n",
        tenant.url()
    );
    let folder = folder_with("named.env", &text);
    let credentials = credentials(&[("password", USER_PASSWORD)]);
    let mut login = padlock_in(folder.path());
    login.args(["--email", EMAIL, "--env-file", "named.env"]);
    login.env("CREDENTIALS_DIRECTORY", credentials.path());
    login.env("AUTH0_DOMAIN", "other.test");
    login.assert().code(2).stderr(says("no password is given"));
    login.env_remove("AUTH0_DOMAIN").assert().code(0);
}
