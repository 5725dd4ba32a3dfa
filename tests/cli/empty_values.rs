//! What an empty value means, for every setting in the README's table, which a unit test compares
//! with the registry of settings.

use std::fs;

use assert_cmd::Command;

use crate::program::{login_at, padlock, padlock_at, printed, private, says};
use crate::settings::folder_with;
use crate::tenant::{AUDIENCE, CLIENT_ID, CLIENT_SECRET, EMAIL, TOKEN, Tenant, USER_PASSWORD};

/// The flags that take an empty value, which switches off what the sources below say.
const SWITCHES_OFF: [&str; 3] = ["--scope", "--realm", "--ca-file"];

/// Each setting's variable and flags.
fn settings() -> Vec<(&'static str, Vec<&'static str>)> {
    let lines = include_str!("../../README.md").lines();
    let table = lines.skip_while(|line| !line.starts_with("| environment "));
    let rows = table.skip(2).take_while(|line| line.starts_with('|'));
    let settings: Vec<_> = rows
        .map(|row| {
            let cells: Vec<_> = row.split('|').map(str::trim).collect();
            let flags = cells[2].split(", ").map(|flag| flag.trim_matches('`'));
            (cells[1].trim_matches('`'), flags.collect())
        })
        .collect();
    assert!(settings.len() > 20, "the table was not found");
    settings
}

/// A valid value for a setting.
fn value(variable: &str) -> &'static str {
    match variable {
        "AUTH0_DOMAIN" => "other.test",
        "AUTH0_ISSUER" => "https://other.test/",
        "AUTH0_CLIENT_AUTH" => "client_secret_basic",
        "AUTH0_ALGORITHM" => "RS256",
        "AUTH0_FORWARDED_FOR" => "203.0.113.7",
        variable if variable.ends_with("_FILE") => "/nowhere",
        _ => "low",
    }
}

/// A login that gets by a flag whatever it needs, but the setting of this variable.
fn login_without(variable: &str, tenant: &Tenant) -> Command {
    let mut login = padlock();
    login.env("AUTH0_CLIENT_SECRET", CLIENT_SECRET);
    for (setting, flag, value) in [
        ("AUTH0_DOMAIN", "--domain", tenant.url()),
        ("AUTH0_CLIENT_ID", "--client-id", CLIENT_ID),
        ("PADLOCK_EMAIL", "--email", EMAIL),
        ("PADLOCK_PASSWORD", "--password", USER_PASSWORD),
    ] {
        if variable.strip_suffix("_FILE").unwrap_or(variable) != setting {
            login.args([flag, value]);
        }
    }
    login
}

#[test]
fn an_empty_variable_is_an_unset_one_but_for_the_client_secret() {
    let tenant = Tenant::start();
    for (variable, _) in settings() {
        tenant.clear_requests();
        let login = || login_without(variable, &tenant);
        let empty = login().env(variable, "").output().unwrap();
        if variable == "AUTH0_CLIENT_SECRET" {
            let sent = tenant.requests_to(TOKEN)[0].field("client_secret");
            assert_eq!(sent, Some(String::new()), "an empty secret is a secret");
            continue;
        }
        let stderr = String::from_utf8(empty.stderr).unwrap();
        let unset = login().env_remove(variable).output().unwrap();
        // Where something is missing then, a note says which source left it empty.
        let stderr = stderr
            .lines()
            .filter(|line| !line.contains(" is empty in "));
        let stderr: Vec<_> = stderr.collect();
        let unset_stderr = String::from_utf8(unset.stderr).unwrap();
        assert_eq!(
            empty.status.code(),
            unset.status.code(),
            "{variable}: {stderr:?}"
        );
        assert_eq!(
            stderr,
            unset_stderr.lines().collect::<Vec<_>>(),
            "{variable}"
        );
    }
}

#[test]
fn an_empty_variable_hides_what_the_sources_below_say() {
    // Nothing below the environment names it, or it is used along with another one only.
    let other = [
        "PADLOCK_PROFILE",
        "PADLOCK_STORE",
        "AUTH0_MANAGEMENT_AUDIENCE",
        "AUTH0_CLIENT_KEY_ID",
    ];
    let tenant = Tenant::start();
    for (variable, _) in settings() {
        if other.contains(&variable) {
            continue;
        }
        let line = format!("{variable}={}\n", value(variable));
        let folder = folder_with("padlock/low.env", &line);
        let log = |is_set: bool| {
            let mut login = login_without(variable, &tenant);
            login.env("XDG_CONFIG_HOME", folder.path());
            login.env("PADLOCK_PROFILE", "low").arg("-v");
            if variable.starts_with("AUTH0_CLIENT_") {
                login.env_remove("AUTH0_CLIENT_SECRET");
            }
            if is_set {
                login.env(variable, "");
            }
            String::from_utf8(login.output().unwrap().stderr).unwrap()
        };
        let origin = format!("{variable} from profile low\n");
        let found = log(false);
        let is_tenant = matches!(variable, "AUTH0_DOMAIN" | "AUTH0_ISSUER");
        assert!(found.contains(&origin) || is_tenant, "{variable}: {found}");
        assert!(!log(true).contains(&origin), "{variable}");
    }
}

#[test]
fn an_empty_value_of_a_flag_is_refused_or_switches_off_what_the_sources_below_say() {
    let tenant = Tenant::start();
    let mut switched_off = 0;
    for (variable, flags) in settings() {
        let with_value = flags.into_iter().filter(|flag| !flag.ends_with("-stdin"));
        for flag in with_value {
            tenant.clear_requests();
            let mut login = match flag {
                "--password" | "--password-file" => login_without("PADLOCK_PASSWORD", &tenant),
                "--domain" | "--issuer" => login_without("AUTH0_DOMAIN", &tenant),
                "--client-id" => login_without("AUTH0_CLIENT_ID", &tenant),
                "--email" => login_without("PADLOCK_EMAIL", &tenant),
                _ => login_without("", &tenant),
            };
            if flag == "--management-audience" {
                login.args(["--require-role", "a", "--roles-from-tenant"]);
            }
            login.env(variable, value(variable)).args([flag, ""]);
            if SWITCHES_OFF.contains(&flag) {
                login.assert().code(0).stderr("");
                let request = &tenant.requests_to(TOKEN)[0];
                assert_eq!(request.field("realm"), None, "{flag}");
                let scope = request.field("scope");
                assert_eq!(scope, Some("openid profile email".into()), "{flag}");
                switched_off += 1;
            } else {
                login.assert().code(2).stderr(says(flag));
                assert_eq!(tenant.requests().len(), 0, "{flag}");
            }
        }
    }
    assert_eq!(switched_off, SWITCHES_OFF.len());
}

#[test]
fn a_note_says_where_what_is_missing_was_left_empty() {
    let tenant = Tenant::start();
    for variable in ["AUTH0_CLIENT_ID", "PADLOCK_EMAIL", "PADLOCK_PASSWORD"] {
        let mut login = login_without(variable, &tenant);
        let note = format!("{variable} is empty in the environment, which counts as not given");
        login.env(variable, "").assert().code(2).stderr(says(&note));
    }
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn an_empty_value_of_a_flag_without_a_variable_is_refused() {
    let tenant = Tenant::start();
    for flag in ["--claim", "--env-file", "--otp-command", "--factor"] {
        let mut login = padlock();
        login.args([flag, ""]).assert().code(2).stderr(says(flag));
    }
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn an_empty_ca_file_switches_off_that_of_the_environment_for_verify_too() {
    let tenant = Tenant::start();
    let token = crate::program::access_token_of(&tenant);
    let verify = |arguments: &[&str]| {
        let mut verify = crate::program::verify_at(&tenant);
        verify
            .env("PADLOCK_CA_FILE", "/nowhere.pem")
            .args(arguments);
        verify.write_stdin(token.clone());
        verify
    };
    verify(&[]).assert().code(2).stderr(says("/nowhere.pem"));
    assert!(printed(&mut verify(&["--ca-file", ""])).starts_with('{'));
}

#[test]
fn an_empty_scope_of_client_credentials_sends_no_field() {
    let tenant = Tenant::start();
    let mut command = padlock_at(&tenant);
    command.args(["client-credentials", "--audience", AUDIENCE, "--scope", ""]);
    command.assert().code(0).stderr("");
    assert_eq!(tenant.requests_to(TOKEN)[0].field("scope"), None);
}

#[test]
fn an_empty_realm_switches_off_that_of_a_file_that_is_above_the_environment() {
    let tenant = Tenant::start();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ci.env");
    fs::write(&file, "AUTH0_REALM=users\n").unwrap();
    private(&file);
    let login = |arguments: &[&str]| {
        tenant.clear_requests();
        let mut login = login_at(&tenant);
        login.arg("--env-file").arg(&file).args(arguments);
        login.output().unwrap();
        tenant.requests_to(TOKEN)[0].field("realm")
    };
    assert_eq!(login(&[]), Some("users".into()));
    assert_eq!(login(&["--realm", ""]), None);
}
