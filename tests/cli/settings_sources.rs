//! Which source a setting comes from, and to which tenant it may go.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use tempfile::TempDir;

use crate::program::{padlock, private, says};
use crate::settings::{env_file, folder_with};
use crate::tenant::{CLIENT_ID, CLIENT_SECRET, EMAIL, Tenant, USER_PASSWORD};

/// A configuration folder with these profiles, and a working directory in it.
struct Folders(TempDir);

impl Folders {
    fn new(profiles: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["padlock", "work"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let folders = Self(folder);
        for (name, text) in profiles {
            folders.write(&format!("padlock/{name}.env"), text);
        }
        folders
    }

    fn write(&self, name: &str, text: &str) {
        let file = self.0.path().join(name);
        fs::write(&file, text).unwrap();
        private(&file);
    }

    fn padlock(&self) -> Command {
        let mut command = padlock();
        command
            .env("XDG_CONFIG_HOME", self.0.path())
            .current_dir(self.0.path().join("work"));
        command
    }
}

/// The value that the tenant got in the only request for tokens.
fn sent(tenant: &Tenant, field: &str) -> Option<String> {
    let requests = tenant.requests_to("/oauth/token");
    assert_eq!(requests.len(), 1);
    tenant.clear_requests();
    requests[0].field(field)
}

/// The same settings with another password.
fn with_password(settings: &str, password: &str) -> String {
    settings.replace(USER_PASSWORD, password)
}

#[test]
fn each_source_overrides_those_below_it() {
    let tenant = Tenant::start();
    let file = |scope: &str| env_file(&tenant) + &format!("AUTH0_SCOPE='openid {scope}'\n");
    let folders = Folders::new(&[
        ("named", &file("profile")),
        ("variable", &file("variable")),
        ("default", &file("default")),
    ]);
    let env_file = folders.0.path().join("ci.env");
    folders.write("ci.env", &file("env-file"));
    let scope = |change: &dyn Fn(&mut Command)| {
        let mut login = folders.padlock();
        change(&mut login);
        login.assert().code(0);
        sent(&tenant, "scope").unwrap()
    };
    assert_eq!(scope(&|_| ()), "openid default");
    folders.write("work/.env", &file("dot-env"));
    assert_eq!(scope(&|_| ()), "openid dot-env");
    let variable = |login: &mut Command| {
        login.env("PADLOCK_PROFILE", "variable");
    };
    assert_eq!(scope(&variable), "openid variable");
    let environment = |login: &mut Command| {
        variable(login);
        login.env("AUTH0_SCOPE", "openid environment");
    };
    assert_eq!(scope(&environment), "openid environment");
    let profile = |login: &mut Command| {
        environment(login);
        login.args(["--profile", "named"]);
    };
    assert_eq!(scope(&profile), "openid profile");
    let named = |login: &mut Command| {
        environment(login);
        login.arg("--env-file").arg(&env_file);
    };
    assert_eq!(scope(&named), "openid env-file");
    let flag = |login: &mut Command| {
        named(login);
        login.args(["--scope", "openid flag"]);
    };
    assert_eq!(scope(&flag), "openid flag");
}

#[test]
fn v_shows_where_each_setting_came_from_and_no_value() {
    let tenant = Tenant::start();
    let settings = format!(
        "AUTH0_DOMAIN={}\nAUTH0_CLIENT_ID={CLIENT_ID}\n",
        tenant.url()
    );
    let folders = Folders::new(&[("work", &settings)]);
    let mut login = folders.padlock();
    login
        .env("AUTH0_CLIENT_SECRET", CLIENT_SECRET)
        .env("PADLOCK_PROFILE", "work")
        .args(["--email", EMAIL, "--password-stdin", "-v"])
        .write_stdin(USER_PASSWORD);
    let output = login.assert().code(0).get_output().clone();
    let log = String::from_utf8(output.stderr).unwrap();
    for line in [
        "padlock: PADLOCK_PROFILE from the environment\n",
        "padlock: AUTH0_DOMAIN from profile work\n",
        "padlock: AUTH0_CLIENT_ID from profile work\n",
        "padlock: AUTH0_CLIENT_SECRET from the environment\n",
        "padlock: PADLOCK_EMAIL from --email\n",
        "padlock: PADLOCK_PASSWORD from --password-stdin\n",
    ] {
        assert!(log.contains(line), "{line} in {log}");
    }
    for secret in [CLIENT_SECRET, USER_PASSWORD] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[test]
fn v_shows_the_sources_even_where_a_setting_is_missing() {
    let mut login = padlock();
    login
        .args(["--email", EMAIL, "-v"])
        .env("AUTH0_CLIENT_ID", CLIENT_ID);
    login
        .assert()
        .code(2)
        .stderr(says("AUTH0_CLIENT_ID from the environment"));
}

#[test]
fn a_profile_is_used_as_a_whole_and_the_exported_settings_of_another_tenant_are_not() {
    let (work, other) = (Tenant::start(), Tenant::start());
    let folders = Folders::new(&[("work", &env_file(&work))]);
    let login = |arguments: &[&str]| {
        let mut login = folders.padlock();
        login
            .env("AUTH0_DOMAIN", other.url())
            .env("AUTH0_CLIENT_ID", "other-client")
            .env("AUTH0_CLIENT_SECRET", "other-secret")
            .env("AUTH0_AUDIENCE", "https://other.test/")
            .env("AUTH0_REALM", "other-realm")
            .args(arguments);
        login
    };
    login(&["--profile", "work"]).assert().code(0).stderr(says(
        "AUTH0_AUDIENCE, AUTH0_REALM in the environment are ignored, since the environment names \
         another tenant than profile work",
    ));
    let request = &work.requests_to("/oauth/token")[0];
    assert_eq!(request.field("client_id"), Some(CLIENT_ID.into()));
    assert_eq!(request.field("client_secret"), Some(CLIENT_SECRET.into()));
    assert_eq!(
        (request.field("audience"), request.field("realm")),
        (None, None)
    );
    assert_eq!(other.requests().len(), 0);
}

#[test]
fn an_exported_secret_goes_to_a_files_tenant_unless_the_environment_names_another() {
    let (tenant, other) = (Tenant::start(), Tenant::start());
    let settings = format!(
        "AUTH0_DOMAIN={}\nAUTH0_CLIENT_ID={CLIENT_ID}\n",
        tenant.url()
    );
    let folders = Folders::new(&[("work", &settings), ("default", &settings)]);
    folders.write("ci.env", &settings);
    let env_file = folders.0.path().join("ci.env");
    let login = |select: &dyn Fn(&mut Command)| {
        let mut login = folders.padlock();
        login
            .env("AUTH0_CLIENT_SECRET", CLIENT_SECRET)
            .env("PADLOCK_EMAIL", EMAIL)
            .env("PADLOCK_PASSWORD", USER_PASSWORD);
        select(&mut login);
        login
    };
    let profile = |login: &mut Command| {
        login.args(["--profile", "work"]);
    };
    let named = |login: &mut Command| {
        login.arg("--env-file").arg(&env_file);
    };
    let variable = |login: &mut Command| {
        login.env("PADLOCK_PROFILE", "work");
    };
    let selections: [&dyn Fn(&mut Command); 4] = [&profile, &named, &variable, &|_| ()];
    for select in selections {
        login(select).assert().code(0).stderr("");
    }
    for select in &selections[..3] {
        let mut login = login(select);
        login.env("AUTH0_ISSUER", tenant.issuer());
        login.assert().code(0).stderr("");
    }
    for select in [&profile as &dyn Fn(&mut Command), &named] {
        tenant.clear_requests();
        let mut login = login(select);
        login.env("AUTH0_DOMAIN", other.url());
        login
            .assert()
            .code(2)
            .stderr(says("no e-mail address is given"));
    }
    assert_eq!((tenant.requests().len(), other.requests().len()), (0, 0));
}

#[test]
fn a_file_that_names_another_tenant_is_left_as_a_whole_with_a_note() {
    let (tenant, other) = (Tenant::start(), Tenant::start());
    let lines = "AUTH0_SCOPE='openid other'\nAUTH0_REALM=other\nAUTH0_AUDIENCE=https://other.test/\n\
                 AUTH0_ALGORITHM=HS256\nPADLOCK_CA_FILE=/nowhere.pem\n";
    let file = with_password(&env_file(&other), "other-password") + lines;
    let folders = Folders::new(&[("work", &file)]);
    let note = |command: &mut Command, name: &str, tenant: &str| {
        let expected =
            format!("padlock: {name} is ignored, since it names another tenant than {tenant}\n");
        command.assert().code(0).stderr(expected);
    };
    let environment = || {
        let mut login = folders.padlock();
        login.envs(tenant.settings()).env("PADLOCK_EMAIL", EMAIL);
        login.env("PADLOCK_PASSWORD", USER_PASSWORD);
        login
    };
    let mut by_variable = environment();
    note(
        by_variable.env("PADLOCK_PROFILE", "work"),
        "profile work",
        "the environment",
    );
    assert_eq!(sent(&tenant, "scope"), Some("openid profile email".into()));
    folders.write("work/.env", &file);
    note(&mut environment(), "./.env", "the environment");
    assert_eq!(sent(&tenant, "realm"), None);
    folders.write("work/.env", "");
    let mut by_flag = folders.padlock();
    by_flag
        .args([
            "--profile",
            "work",
            "--domain",
            tenant.url(),
            "--email",
            EMAIL,
        ])
        .args(["--client-id", CLIENT_ID, "--password", USER_PASSWORD])
        .env("AUTH0_CLIENT_SECRET", CLIENT_SECRET);
    note(&mut by_flag, "profile work", "--domain");
    assert_eq!(sent(&tenant, "audience"), None);
    assert_eq!(other.requests().len(), 0);
}

#[test]
fn sources_that_spell_the_same_tenant_differently_belong_together() {
    let tenant = Tenant::start();
    let port = tenant.url().rsplit(':').next().unwrap().to_owned();
    let issuer = format!("http://127.0.0.1:{}", port.trim_end_matches('/'));
    let file = env_file(&tenant).replace(
        &format!("AUTH0_DOMAIN={}", tenant.url()),
        &format!("AUTH0_ISSUER={issuer}"),
    );
    let folders = Folders::new(&[]);
    folders.write("work/.env", &file);
    let mut login = folders.padlock();
    login
        .env("AUTH0_DOMAIN", tenant.url())
        .env("PADLOCK_PASSWORD", USER_PASSWORD);
    login.assert().code(0).stderr("");
}

#[test]
fn what_is_typed_or_piped_in_goes_to_any_tenant() {
    let tenant = Tenant::start();
    let settings = format!("AUTH0_DOMAIN={}\n", tenant.url());
    let folders = Folders::new(&[("work", &settings)]);
    let secrets = folder_with("secret", CLIENT_SECRET);
    folders.write("work/.env", &settings);
    let login = |arguments: &[&str]| {
        let mut login = folders.padlock();
        login
            .env("AUTH0_CLIENT_SECRET", "exported-secret")
            .env("PADLOCK_PASSWORD", "exported-password")
            .args(["--email", EMAIL, "--client-id", CLIENT_ID])
            .arg("--client-secret-file")
            .arg(secrets.path().join("secret"))
            .args(arguments);
        login
    };
    for profile in [&["--profile", "work"][..], &[]] {
        login(profile)
            .args(["--password", USER_PASSWORD])
            .assert()
            .code(0)
            .stderr("");
        login(profile)
            .arg("--password-stdin")
            .write_stdin(USER_PASSWORD)
            .assert()
            .code(0);
    }
}

#[test]
fn a_secret_of_the_environment_for_a_typed_tenant_is_reported_if_it_names_another() {
    let tenant = Tenant::start();
    let mut login = crate::program::login_at(&tenant);
    login
        .env("AUTH0_DOMAIN", "other.test")
        .args(["--domain", tenant.url()]);
    login.assert().code(0).stderr(says(
        "AUTH0_CLIENT_SECRET in the environment is used at the tenant of --domain, although the \
         environment names another tenant",
    ));
}

#[test]
fn the_default_file_is_read_only_if_no_other_source_names_a_tenant() {
    let tenant = Tenant::start();
    let folders = Folders::new(&[("default", &env_file(&tenant))]);
    folders.padlock().assert().code(0).stderr("");
    folders.write("padlock/default.env", "AUTH0_DOMAIN='\n");
    let mut login = folders.padlock();
    login
        .envs(tenant.settings())
        .args(["--email", EMAIL, "--password", USER_PASSWORD]);
    login.assert().code(0).stderr("");
    folders
        .padlock()
        .assert()
        .code(2)
        .stderr(says("default.env (line 1)"));
}

#[test]
fn an_empty_domain_in_the_environment_lets_no_other_source_name_the_tenant() {
    let tenant = Tenant::start();
    for line in [
        format!("AUTH0_ISSUER={}\n", tenant.issuer()),
        format!("AUTH0_DOMAIN={}\n", tenant.url()),
    ] {
        let folders = Folders::new(&[("default", &line)]);
        folders.write("work/.env", &line);
        let mut login = folders.padlock();
        login
            .env("AUTH0_DOMAIN", "")
            .args(["--email", EMAIL, "--password", USER_PASSWORD])
            .args(["--client-id", CLIENT_ID]);
        login
            .assert()
            .code(2)
            .stderr(says("no tenant is given").and(says("the tenant is empty in the environment")));
    }
    let mut login = padlock();
    login
        .envs(tenant.settings())
        .env("AUTH0_DOMAIN", "")
        .env("AUTH0_ISSUER", tenant.issuer())
        .args(["--email", EMAIL, "--password", USER_PASSWORD]);
    login.assert().code(0);
}

#[test]
fn the_files_of_secrets_may_be_named_by_variables() {
    let tenant = Tenant::start();
    let secrets = folder_with("secret", &format!("{CLIENT_SECRET}\n"));
    let password = folder_with("password", &format!("{USER_PASSWORD}\n"));
    let files = |login: &mut Command| {
        login
            .env("AUTH0_CLIENT_SECRET_FILE", secrets.path().join("secret"))
            .env("PADLOCK_PASSWORD_FILE", password.path().join("password"));
    };
    let mut login = crate::program::padlock_at(&tenant);
    files(
        login
            .env_remove("AUTH0_CLIENT_SECRET")
            .args(["--email", EMAIL]),
    );
    login.assert().code(0).stderr("");
    for (variable, both) in [
        (
            "AUTH0_CLIENT_SECRET",
            "AUTH0_CLIENT_SECRET and AUTH0_CLIENT_SECRET_FILE",
        ),
        (
            "PADLOCK_PASSWORD",
            "PADLOCK_PASSWORD and PADLOCK_PASSWORD_FILE",
        ),
    ] {
        let mut login = padlock();
        login
            .env("AUTH0_DOMAIN", tenant.url())
            .env("AUTH0_CLIENT_ID", CLIENT_ID)
            .args(["--email", EMAIL]);
        files(&mut login);
        let refused = login.env(variable, "hunter2").assert().code(2);
        refused.stderr(says(&format!("{both} are both set in the environment")));
    }
}

#[test]
fn an_env_file_that_is_the_dot_env_is_read_once_and_trusted() {
    let tenant = Tenant::start();
    let folders = Folders::new(&[]);
    folders.write("work/.env", &env_file(&tenant));
    for path in [Path::new(".env"), &folders.0.path().join("work/.env")] {
        let mut login = folders.padlock();
        login
            .env("PADLOCK_PASSWORD", USER_PASSWORD)
            .env("AUTH0_CLIENT_SECRET", CLIENT_SECRET)
            .arg("--env-file")
            .arg(path);
        login.assert().code(0).stderr("");
    }
}
