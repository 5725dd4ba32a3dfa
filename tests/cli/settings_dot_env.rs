//! `.env` in the working directory, which may come with a cloned repository.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;

use crate::program::{login_at, padlock_at, process_at, says};
use crate::settings::{env_file, folder_with, padlock_in, pipe};
use crate::tenant::{
    AUDIENCE, CLIENT_ID, CLIENT_SECRET, EMAIL, Tenant, USER_PASSWORD, client_key_file,
};
use crate::terminal::at_terminal;

/// A `.env` of someone who wants secrets: it names the tenant and the application.
fn foreign(tenant: &Tenant) -> String {
    format!(
        "AUTH0_DOMAIN={}\nAUTH0_CLIENT_ID={CLIENT_ID}\nPADLOCK_EMAIL={EMAIL}\n",
        tenant.url()
    )
}

fn set_mode(file: &Path, mode: u32) {
    fs::set_permissions(file, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn no_exported_secret_goes_to_the_tenant_of_a_dot_env() {
    let tenant = Tenant::start();
    let folder = folder_with(".env", &foreign(&tenant));
    let secrets = folder_with("secret", USER_PASSWORD);
    let file = secrets.path().join("secret").display().to_string();
    let key = client_key_file(jsonwebtoken::Algorithm::RS256)
        .display()
        .to_string();
    for (variable, value) in [
        ("PADLOCK_PASSWORD", USER_PASSWORD),
        ("PADLOCK_PASSWORD_FILE", &file),
        ("PADLOCK_OTP", "123456"),
        ("AUTH0_CLIENT_SECRET", CLIENT_SECRET),
        ("AUTH0_CLIENT_SECRET_FILE", &file),
        ("AUTH0_CLIENT_KEY_FILE", &key),
    ] {
        let mut login = padlock_in(folder.path());
        login.env(variable, value);
        if !variable.starts_with("PADLOCK_PASSWORD") {
            login.args(["--password", USER_PASSWORD]);
        }
        login.assert().code(2).stderr(
            says(&format!(
                "{variable} in the environment is not sent to the tenant that ./.env"
            ))
            .and(says("--env-file .env")),
        );
    }
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn an_exported_secret_goes_to_the_tenant_of_a_dot_env_that_is_named_or_that_the_environment_names()
{
    let tenant = Tenant::start();
    let folder = folder_with(".env", &foreign(&tenant));
    let login = || {
        let mut login = padlock_in(folder.path());
        login
            .env("PADLOCK_PASSWORD", USER_PASSWORD)
            .env("AUTH0_CLIENT_SECRET", CLIENT_SECRET);
        login
    };
    login()
        .args(["--env-file", ".env"])
        .assert()
        .code(0)
        .stderr("");
    login()
        .env("AUTH0_DOMAIN", tenant.url())
        .assert()
        .code(0)
        .stderr("");
    login()
        .env("AUTH0_ISSUER", tenant.issuer())
        .assert()
        .code(0)
        .stderr("");
}

#[test]
fn no_secret_of_a_profile_without_a_tenant_goes_to_the_tenant_of_a_dot_env() {
    let tenant = Tenant::start();
    let folder = folder_with(".env", &foreign(&tenant));
    let secrets = folder_with("padlock/work.env", "PADLOCK_PASSWORD=hunter2\n");
    let refused = |command: &mut Command, name: &str| {
        let message = format!("PADLOCK_PASSWORD in {name} is not sent to the tenant");
        command.assert().code(2).stderr(says(&message));
    };
    let login = || {
        let mut login = padlock_in(folder.path());
        login.env("XDG_CONFIG_HOME", secrets.path());
        login
    };
    refused(login().env("PADLOCK_PROFILE", "work"), "profile work");
    refused(login().args(["--profile", "work"]), "profile work");
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn a_dot_env_without_a_tenant_changes_nothing_at_the_tenant_of_another_source() {
    let tenant = Tenant::start();
    let folder = folder_with(
        ".env",
        "AUTH0_CLIENT_ID=other\nAUTH0_CLIENT_SECRET=other\nAUTH0_REALM=other\n\
         AUTH0_AUDIENCE=https://other.test/\nAUTH0_ALGORITHM=HS256\nPADLOCK_PASSWORD=other\n\
         AUTH0_SCOPE='openid email'\n",
    );
    let mut login = login_at(&tenant);
    login.current_dir(folder.path());
    login.assert().code(0).stderr(says(
        "AUTH0_ALGORITHM, AUTH0_AUDIENCE, AUTH0_REALM in .env are ignored, since .env does not name \
         the tenant",
    ));
    let request = &tenant.requests_to("/oauth/token")[0];
    assert_eq!(request.field("client_id"), Some(CLIENT_ID.into()));
    assert_eq!(request.field("client_secret"), Some(CLIENT_SECRET.into()));
    assert_eq!(
        (request.field("realm"), request.field("audience")),
        (None, None)
    );
    assert_eq!(request.field("scope"), Some("openid email".into()));
}

#[test]
fn a_dot_env_that_others_can_change_is_ignored_with_the_command_that_ends_it() {
    let tenant = Tenant::start();
    let folder = folder_with(".env", &env_file(&tenant));
    let file = folder.path().join(".env");
    set_mode(&file, 0o602);
    let ignored = "./.env is ignored, since every user can change it (chmod o-w .env)";
    padlock_in(folder.path())
        .assert()
        .code(2)
        .stderr(says(ignored).and(says("no tenant is given")));
    assert_eq!(tenant.requests().len(), 0);
    login_at(&tenant)
        .current_dir(folder.path())
        .assert()
        .code(0)
        .stderr(says(ignored));
    padlock_in(folder.path())
        .args(["--env-file", ".env"])
        .assert()
        .code(0)
        .stderr("");
    set_mode(&file, 0o660);
    padlock_in(folder.path()).assert().code(0).stderr(
        "padlock: warning: the members of its group can change ./.env; to prevent that: chmod g-w \
         .env\n",
    );
}

#[test]
fn a_dot_env_of_another_user_is_ignored_with_the_command_that_ends_it() {
    // Only root can give a file away.
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let tenant = Tenant::start();
    let folder = folder_with(".env", &env_file(&tenant));
    chown(folder.path().join(".env"), Some(1), None).unwrap();
    padlock_in(folder.path()).assert().code(2).stderr(
        says("./.env is ignored, since it belongs to another user (chown 0 .env)")
            .and(says("no tenant is given")),
    );
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn a_dot_env_may_be_a_link_below_its_folder_and_not_to_elsewhere() {
    let tenant = Tenant::start();
    let folder = folder_with("ci/local.env", &env_file(&tenant));
    symlink("ci/local.env", folder.path().join(".env")).unwrap();
    padlock_in(folder.path()).assert().code(0).stderr("");
    let other = tempfile::tempdir().unwrap();
    symlink(
        folder.path().join("ci/local.env"),
        other.path().join(".env"),
    )
    .unwrap();
    padlock_in(other.path()).assert().code(2).stderr(says(
        "./.env is ignored, since it is a link to a file outside of its folder",
    ));
    padlock_in(other.path())
        .args(["--env-file", ".env"])
        .assert()
        .code(0);
}

#[test]
fn a_dot_env_that_links_to_itself_is_ignored() {
    let tenant = Tenant::start();
    let folder = tempfile::tempdir().unwrap();
    symlink(".env", folder.path().join(".env")).unwrap();
    let mut login = login_at(&tenant);
    login.current_dir(folder.path());
    login.assert().code(0).stderr(says(
        "./.env is ignored, since it is a link that leads nowhere",
    ));
}

#[test]
fn an_empty_tenant_in_a_dot_env_unsets_no_other() {
    let tenant = Tenant::start();
    let folder = folder_with(".env", "AUTH0_DOMAIN=\nAUTH0_CLIENT_ID=\n");
    let profiles = folder_with("padlock/default.env", &env_file(&tenant));
    padlock_in(folder.path())
        .env("XDG_CONFIG_HOME", profiles.path())
        .assert()
        .code(0);
}

#[test]
fn files_that_a_dot_env_names_must_be_plain_files_below_its_folder() {
    let tenant = Tenant::start();
    let outside = folder_with("secret", USER_PASSWORD);
    let outside = outside.path().join("secret");
    let folder = folder_with("below/secret", USER_PASSWORD);
    let path = |name: &str| folder.path().join(name);
    symlink(&outside, path("link")).unwrap();
    symlink("below/secret", path("inner-link")).unwrap();
    pipe(&path("pipe"));
    let login = |variable: &str, file: &str| {
        let text = foreign(&tenant) + &format!("{variable}='{file}'\n");
        fs::write(path(".env"), text).unwrap();
        set_mode(&path(".env"), 0o600);
        padlock_in(folder.path())
    };
    for variable in [
        "PADLOCK_PASSWORD_FILE",
        "AUTH0_CLIENT_SECRET_FILE",
        "AUTH0_CLIENT_KEY_FILE",
        "PADLOCK_CA_FILE",
    ] {
        let outside = outside.display().to_string();
        for file in [&outside, "link", "below/../../../../../../etc/passwd"] {
            let mut login = login(variable, file);
            if variable != "PADLOCK_PASSWORD_FILE" {
                login.args(["--password", USER_PASSWORD]);
            }
            login.assert().code(2).stderr(
                says(&format!("{variable} in ./.env is not valid"))
                    .and(says("must be below its folder")),
            );
        }
        for file in ["pipe", "below"] {
            let mut login = login(variable, file);
            if variable != "PADLOCK_PASSWORD_FILE" {
                login.args(["--password", USER_PASSWORD]);
            }
            login
                .assert()
                .code(2)
                .stderr(says("it is not a plain file"));
        }
    }
    assert_eq!(tenant.requests().len(), 0);
    for file in ["below/secret", "inner-link"] {
        let secret = folder_with("secret", CLIENT_SECRET);
        let mut login = login("PADLOCK_PASSWORD_FILE", file);
        login
            .arg("--client-secret-file")
            .arg(secret.path().join("secret"));
        login.assert().code(0);
    }
}

#[test]
fn the_ca_of_a_dot_env_serves_a_login_at_its_own_tenant_alone() {
    let (tenant, other) = (
        Tenant::builder().tls().start(),
        Tenant::builder().tls().start(),
    );
    let folder = folder_with(".env", &(env_file(&tenant) + "PADLOCK_CA_FILE=root.pem\n"));
    let ca = folder.path().join("root.pem");
    fs::copy(tenant.ca_file(), &ca).unwrap();
    padlock_in(folder.path()).assert().code(0).stderr("");
    padlock_in(folder.path())
        .env("AUTH0_DOMAIN", tenant.url())
        .assert()
        .code(0);
    let elsewhere = |tenant: &Tenant| {
        let mut login = login_at(tenant);
        login
            .env_remove("PADLOCK_CA_FILE")
            .current_dir(folder.path());
        login
    };
    fs::copy(other.ca_file(), &ca).unwrap();
    elsewhere(&other).assert().code(7);
    assert_eq!(other.passwords_received(), 0);
    fs::copy(tenant.ca_file(), &ca).unwrap();
    padlock_in(folder.path())
        .args(["client-credentials", "--audience", AUDIENCE])
        .assert()
        .code(7)
        .stderr(says("PADLOCK_CA_FILE in ./.env is ignored").and(says("give --ca-file")));
    padlock_in(folder.path())
        .args([
            "client-credentials",
            "--audience",
            AUDIENCE,
            "--env-file",
            ".env",
        ])
        .assert()
        .code(0);
}

#[test]
fn the_prompt_says_that_the_tenant_comes_from_a_dot_env() {
    let tenant = Tenant::builder().public_client().start();
    let folder = folder_with(".env", &foreign(&tenant));
    let mut login = process_at(&tenant, &[]);
    for (variable, _) in tenant.settings() {
        login.env_remove(variable);
    }
    login.current_dir(folder.path());
    let mut terminal = at_terminal(login);
    terminal
        .exp_string(" (from ./.env): ")
        .expect("the prompt names the file");
    terminal.send_line(USER_PASSWORD).unwrap();
    terminal
        .exp_string("Robin Percy")
        .expect("the login succeeds");
}

#[test]
fn a_key_outside_of_the_folder_of_a_dot_env_never_signs() {
    let algorithm = jsonwebtoken::Algorithm::RS256;
    let tenant = Tenant::builder().private_key_jwt(algorithm).start();
    let key = client_key_file(algorithm);
    let line = format!("AUTH0_CLIENT_KEY_FILE={}\n", key.display());
    let folder = folder_with(".env", &(foreign(&tenant) + &line));
    padlock_in(folder.path())
        .args(["--password", USER_PASSWORD])
        .assert()
        .code(2)
        .stderr(says("AUTH0_CLIENT_KEY_FILE in ./.env is not valid"));
    assert_eq!(tenant.requests().len(), 0);
    let mut by_environment = padlock_at(&tenant);
    by_environment
        .env("AUTH0_CLIENT_KEY_FILE", key)
        .args(["--email", EMAIL, "--password", USER_PASSWORD])
        .current_dir(folder.path());
    by_environment.assert().code(0);
}
