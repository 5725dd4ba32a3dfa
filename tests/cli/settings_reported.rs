//! What padlock says about settings: what is missing, what is unknown, what others can read.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use predicates::prelude::PredicateBooleanExt;

use crate::program::{error_of, login_at, padlock, padlock_at, says};
use crate::settings::{env_file, folder_with, padlock_in};
use crate::tenant::{EMAIL, Tenant, USER_PASSWORD};

fn let_others_read(file: &Path) {
    fs::set_permissions(file, fs::Permissions::from_mode(0o644)).unwrap();
}

#[test]
fn everything_that_is_missing_is_named_in_one_run_with_the_next_step() {
    let error = error_of(&mut padlock());
    assert_eq!(
        error["message"],
        "no tenant is given; also missing: client ID, e-mail address, password"
    );
    assert_eq!(
        error["reasons"],
        serde_json::json!([
            "tenant: --domain, or AUTH0_DOMAIN",
            "client ID: --client-id, or AUTH0_CLIENT_ID",
            "e-mail address: --email, or PADLOCK_EMAIL",
            "password: --password-stdin, --password-file or --password-command, or PADLOCK_PASSWORD",
        ])
    );
    let hint = error["hint"].as_str().unwrap();
    assert!(
        hint.contains(".env") && hint.contains("Applications → your application → Settings"),
        "{hint}"
    );
}

#[test]
fn what_a_setting_requires_is_named_along_with_what_is_missing_anyway() {
    let mut login = padlock();
    let error = error_of(login.args(["--email", EMAIL, "--algorithm", "HS256"]));
    assert_eq!(
        error["message"],
        "no tenant is given; also missing: client ID, client secret, password"
    );
    let mut login = padlock();
    let error = error_of(login.args(["client-credentials", "--client-auth", "private_key_jwt"]));
    assert_eq!(
        error["message"],
        "no tenant is given; also missing: client ID, private key, audience"
    );
    let tenant = Tenant::start();
    let mut login = padlock_at(&tenant);
    assert_eq!(
        error_of(&mut login)["message"],
        "no e-mail address is given; also missing: password"
    );
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn a_verification_names_every_flag_that_it_lacks_in_one_run() {
    let mut verify = padlock();
    let error = error_of(verify.args(["verify", "e30.e30.AA"]));
    let hint = error["hint"].as_str().unwrap();
    assert!(
        hint.contains("--issuer") && hint.contains("--audience"),
        "{hint}"
    );
}

#[test]
fn an_unknown_name_in_a_file_is_reported_with_the_nearest_setting() {
    let tenant = Tenant::start();
    let lines = "AUTH0_CLIENTID=x\nAUTH0_DOMIAN=x\nPADLOCK_PASSWD=hunter2\nPADLOCK_PROFILE=x\n";
    let folder = folder_with(".env", &(env_file(&tenant) + lines));
    let note = "padlock: .env has names that padlock does not read: AUTH0_CLIENTID (did you mean \
                AUTH0_CLIENT_ID?), AUTH0_DOMIAN (did you mean AUTH0_DOMAIN?), PADLOCK_PASSWD (did you \
                mean PADLOCK_PASSWORD?), PADLOCK_PROFILE (only the environment can set it)\n";
    padlock_in(folder.path()).assert().code(0).stderr(note);
    padlock()
        .arg("--env-file")
        .arg(folder.path().join(".env"))
        .assert()
        .code(0)
        .stderr(says("AUTH0_CLIENTID (did you mean AUTH0_CLIENT_ID?)").and(says("hunter2").not()));
}

#[test]
fn a_settings_file_that_others_can_read_gets_a_warning() {
    let tenant = Tenant::start();
    let folder = folder_with("padlock/work.env", &env_file(&tenant));
    let profile = folder.path().join("padlock/work.env");
    let dot_env = folder_with(".env", &env_file(&tenant));
    let runs = || {
        let mut by_flag = padlock();
        by_flag.arg("--env-file").arg(&profile);
        let mut by_profile = padlock();
        by_profile
            .env("XDG_CONFIG_HOME", folder.path())
            .args(["--profile", "work"]);
        let mut by_variable = padlock();
        by_variable
            .env("XDG_CONFIG_HOME", folder.path())
            .env("PADLOCK_PROFILE", "work");
        [by_flag, by_profile, by_variable, padlock_in(dot_env.path())]
    };
    for mut run in runs() {
        run.assert().code(0).stderr("");
    }
    let_others_read(&profile);
    let_others_read(&dot_env.path().join(".env"));
    for mut run in runs() {
        run.assert().code(0).stderr(
            says("every user of this machine can read the settings file").and(says("chmod 600 ")),
        );
    }
}

#[test]
fn a_secret_file_that_others_can_read_gets_a_warning() {
    let tenant = Tenant::start();
    let folder = folder_with("pw", USER_PASSWORD);
    let file = folder.path().join("pw");
    let runs = || {
        let mut by_flag = padlock_at(&tenant);
        by_flag
            .args(["--email", EMAIL, "--password-file"])
            .arg(&file);
        let mut by_variable = padlock_at(&tenant);
        by_variable
            .args(["--email", EMAIL])
            .env("PADLOCK_PASSWORD_FILE", &file);
        [by_flag, by_variable]
    };
    for mut run in runs() {
        run.assert().code(0).stderr("");
    }
    let_others_read(&file);
    let warning = format!(
        "padlock: warning: every user of this machine can read the password file {0}; to keep it \
         private: chmod 600 {0}\n",
        file.display()
    );
    for mut run in runs() {
        run.assert().code(0).stderr(warning.clone());
    }
    for flag in ["--client-secret-file", "--client-key-file"] {
        let output = login_at(&tenant).arg(flag).arg(&file).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(
            stderr.contains("every user of this machine can read"),
            "{flag}: {stderr}"
        );
    }
    for flag in ["--secret-file", "--access-token-file"] {
        let mut verify = padlock();
        verify.args(["verify", "--any-audience", "e30.e30.AA"]);
        if flag == "--access-token-file" {
            verify.args(["--jwks", "http://127.0.0.1:9/"]);
        }
        let output = verify.arg(flag).arg(&file).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(
            stderr.contains("every user of this machine can read"),
            "{flag}: {stderr}"
        );
    }
}

#[test]
fn a_missing_profile_lists_those_that_exist() {
    let folder = folder_with("padlock/staging.env", "");
    for name in ["work.env", "default.env", ".hidden.env", "notes.txt"] {
        fs::write(folder.path().join("padlock").join(name), "").unwrap();
    }
    for by_flag in [true, false] {
        let mut login = padlock();
        login.env("XDG_CONFIG_HOME", folder.path());
        if by_flag {
            login.args(["--profile", "stagign"]);
        } else {
            login.env("PADLOCK_PROFILE", "stagign");
        }
        login.assert().code(2).stderr(
            says("there is no profile in")
                .and(says("padlock/stagign.env"))
                .and(says(
                    "give one of the profiles that exist: default, staging, work\n",
                )),
        );
    }
    padlock()
        .args(["--profile", "work"])
        .assert()
        .code(2)
        .stderr(says("there are no profiles yet"));
}
