//! `padlock setup` and `padlock profiles`: what is written is what a bare padlock reads.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use rexpect::session::PtySession;
use serde_json::Value;
use tempfile::TempDir;

use crate::program::{padlock, printed, process_at, says};
use crate::tenant::{CLIENT_SECRET, EMAIL, TOKEN, Tenant, USER_PASSWORD};
use crate::terminal::{assert_exit, at_terminal};

/// A home with folders of its own.
pub(crate) struct Home(pub(crate) TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn file(&self, profile: &str) -> PathBuf {
        self.0.path().join(format!("config/padlock/{profile}.env"))
    }

    /// Writes a profile by hand.
    pub(crate) fn write(&self, profile: &str, text: &str) {
        let file = self.file(profile);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
        crate::program::private(&file);
    }

    pub(crate) fn read(&self, profile: &str) -> String {
        fs::read_to_string(self.file(profile)).unwrap()
    }

    /// padlock without settings from elsewhere.
    pub(crate) fn padlock(&self, arguments: &[&str]) -> Command {
        let mut command = padlock();
        command
            .env("XDG_CONFIG_HOME", self.0.path().join("config"))
            .env("XDG_STATE_HOME", self.0.path().join("state"))
            .args(arguments);
        command
    }

    /// The same for setup, with the tenant's flags, and this secret on standard input.
    pub(crate) fn setup(&self, tenant: &Tenant, secret: &str, more: &[&str]) -> Command {
        let mut command = self.padlock(&["setup", "--domain", tenant.url(), "--client-id"]);
        command.args(["padlock-cli", "--client-secret-file", "-"]);
        command.args(more).write_stdin(secret);
        command
    }

    pub(crate) fn login(&self, more: &[&str]) -> Command {
        let login = ["--email", EMAIL, "--password", USER_PASSWORD];
        self.padlock(&[&login, more].concat())
    }

    /// setup at a terminal.
    pub(crate) fn at_terminal(&self, tenant: &Tenant, arguments: &[&str]) -> PtySession {
        let mut process = process_at(tenant, &[&["setup"], arguments].concat());
        process
            .env_clear()
            .env("XDG_CONFIG_HOME", self.0.path().join("config"));
        at_terminal(process)
    }
}

fn is_private(file: &Path) -> bool {
    fs::metadata(file).unwrap().permissions().mode() & 0o777 == 0o600
}

#[test]
fn a_bare_padlock_works_after_setup() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let mut setup = home.setup(&tenant, CLIENT_SECRET, &[]);
    let file = home.file("default");
    assert_eq!(printed(&mut setup), format!("{}\n", file.display()));
    assert!(is_private(&file));
    home.login(&[]).assert().code(0).stdout(says("Robin Percy"));
    let folder = fs::read_dir(file.parent().unwrap()).unwrap();
    assert_eq!(folder.count(), 1, "nothing else is left in the folder");
}

#[test]
fn a_named_profile_is_its_own_file() {
    let (home, tenant) = (Home::new(), Tenant::builder().tls().start());
    let ca_file = tenant.ca_file().to_str().unwrap();
    let more = ["--profile", "staging", "--ca-file", ca_file];
    home.setup(&tenant, CLIENT_SECRET, &more).assert().code(0);
    assert!(is_private(&home.file("staging")) && !home.file("default").exists());
    home.login(&["--profile", "staging"]).assert().code(0);
    home.padlock(&["setup", "--profile", "../x"])
        .assert()
        .code(2)
        .stderr(says("not a path"));
}

#[test]
fn every_character_of_a_secret_survives_the_file() {
    let printable: String = (' '..='~').collect();
    let secrets = [
        printable.as_str(),
        "a'b$c",
        "$HOME",
        "${A}\\n\\",
        "#x",
        "x #y",
        " a ",
        "\"",
        "'",
        "\ta\t",
        "ä\u{a0}\u{2028}€\u{301}🔑",
        "`id`",
        "a=b",
        "!x!",
        "-x",
        "=",
        "\\",
        "\u{feff}x",
    ];
    for secret in secrets {
        // UTF-8's byte order mark before a secret is none of it.
        let kept = secret.trim_start_matches('\u{feff}');
        let tenant = Tenant::builder().client_secret(kept).start();
        let home = Home::new();
        let file = home.0.path().join("secret");
        fs::write(&file, secret).unwrap();
        let file = file.to_str().unwrap();
        let flags = ["--domain", tenant.url(), "--client-id", "padlock-cli"];
        let setup = [&["setup", "--client-secret-file", file], &flags[..]].concat();
        home.padlock(&setup).assert().code(0);
        home.login(&[]).assert().code(0);
        let sent = tenant
            .requests_to(TOKEN)
            .last()
            .unwrap()
            .field("client_secret");
        assert_eq!(sent.as_deref(), Some(kept));
    }
}

#[test]
fn audience_and_realm_are_written_too_and_an_empty_one_removes_it() {
    let (home, tenant) = (
        Home::new(),
        Tenant::builder().connection("it's #1 $x").start(),
    );
    let more = [
        "--audience",
        "https://api/?a=b c#d",
        "--realm",
        "it's #1 $x",
    ];
    home.setup(&tenant, CLIENT_SECRET, &more).assert().code(0);
    let mut doctor = home.padlock(&["doctor", "-o", "json"]);
    let diagnosis: Value = serde_json::from_str(&printed(&mut doctor)).unwrap();
    let settings = diagnosis["settings"].as_array().unwrap();
    let value = |name: &str| {
        let setting = settings.iter().find(|one| one["name"] == name);
        setting.unwrap()["value"].as_str().unwrap().to_owned()
    };
    assert_eq!(value("AUTH0_AUDIENCE"), "https://api/?a=b c#d");
    assert_eq!(value("AUTH0_REALM"), "it's #1 $x");
    let more = ["--audience", "", "--realm=", "--replace"];
    home.setup(&tenant, CLIENT_SECRET, &more).assert().code(0);
    assert!(!home.read("default").contains("AUDIENCE"));
}

#[test]
fn what_is_missing_without_a_terminal_is_named_at_once() {
    let home = Home::new();
    let missing = says("no tenant is given; also missing: client ID");
    home.padlock(&["setup", "--no-input"])
        .assert()
        .code(2)
        .stderr(missing);
    home.padlock(&["setup"]).write_stdin("x").assert().code(2);
    assert!(!home.file("default").parent().unwrap().exists());
}

#[test]
fn what_is_bad_at_the_tenant_is_not_written_unless_asked_for() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let refused = says("nothing was written").and(says("--no-check"));
    home.setup(&tenant, "wrong", &[])
        .assert()
        .code(5)
        .stdout("")
        .stderr(refused);
    assert!(!home.file("default").exists());
    home.setup(&tenant, "wrong", &["--no-check"])
        .assert()
        .code(0);
    assert!(home.read("default").contains("AUTH0_CLIENT_SECRET=wrong"));
}

#[test]
fn a_profile_for_sign_ins_without_a_password_is_written_too() {
    let (home, tenant) = (
        Home::new(),
        Tenant::builder().grants(&["authorization_code"]).start(),
    );
    let note = says("may not use the password grant").and(says("--browser"));
    home.setup(&tenant, CLIENT_SECRET, &[])
        .assert()
        .code(0)
        .stderr(note);
    assert!(home.file("default").exists());
}

#[test]
fn a_folder_that_cannot_be_written_to_is_exit_1() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let mut setup = home.setup(&tenant, CLIENT_SECRET, &[]);
    setup
        .env("XDG_CONFIG_HOME", "/dev/null/none")
        .assert()
        .code(1)
        .stderr(says("could not be"));
}

#[test]
fn a_person_is_asked_for_each_setting_with_where_it_is_found() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let mut session = home.at_terminal(&tenant, &[]);
    session.exp_string("Basic Information").unwrap();
    session.exp_string("Domain or issuer: ").unwrap();
    session.send_line("not a domain").unwrap();
    session.exp_string("enter it again").unwrap();
    session.exp_string("Domain or issuer: ").unwrap();
    session.send_line(tenant.url()).unwrap();
    session.exp_string("Client ID: ").unwrap();
    session.send_line(" padlock-cli ").unwrap();
    session.exp_string("Client secret: ").unwrap();
    session.send_line(CLIENT_SECRET).unwrap();
    session.exp_string("Audience: ").unwrap();
    session.send_line("").unwrap();
    let shown = session.exp_eof().unwrap();
    assert!(!shown.contains(CLIENT_SECRET), "{shown}");
    for words in [
        "client",
        "known to the tenant",
        "padlock --email you@example.com",
    ] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    assert_exit(&session, 0);
    assert!(is_private(&home.file("default")));
    home.login(&[]).assert().code(0);
}

#[test]
fn a_person_decides_whether_settings_that_are_bad_are_written() {
    let tenant = Tenant::start();
    for (answer, exit) in [("", 5), ("y", 0)] {
        let home = Home::new();
        let flags = ["--domain", tenant.url(), "--client-id", "other"];
        let more = ["--audience", "", "--realm", ""];
        let mut session = home.at_terminal(&tenant, &[flags, more].concat());
        session.exp_string("Client secret: ").unwrap();
        session.send_line(CLIENT_SECRET).unwrap();
        session.exp_string("bad").unwrap();
        session
            .exp_string("Write the settings anyway? [y/N] ")
            .unwrap();
        session.send_line(answer).unwrap();
        session.exp_eof().unwrap();
        assert_exit(&session, exit);
        assert_eq!(home.file("default").exists(), exit == 0);
    }
}

#[test]
fn a_folder_that_cannot_be_written_to_is_reported_before_the_first_question() {
    let tenant = Tenant::start();
    let mut process = process_at(&tenant, &["setup"]);
    process.env_clear().env("XDG_CONFIG_HOME", "/dev/null/none");
    let mut session = at_terminal(process);
    let shown = session.exp_eof().unwrap();
    assert!(
        shown.contains("could not be") && !shown.contains("Domain or issuer"),
        "{shown}"
    );
    assert_exit(&session, 1);
}

#[test]
fn what_is_missing_is_named_with_the_flags_of_setup_alone() {
    let home = Home::new();
    for flag in ["--no-input", "--no-check"] {
        let output = home.padlock(&["setup", flag]).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2));
        let step = "give --domain or --issuer and --client-id, or run padlock setup on a terminal";
        assert!(stderr.contains(step), "{stderr}");
        assert!(
            !stderr.contains("AUTH0_") && !stderr.contains(".env"),
            "{stderr}"
        );
    }
}

#[test]
fn the_next_step_is_a_sign_in_that_the_tenant_allows() {
    for (grants, step) in [
        (&["password"][..], "padlock --email you@example.com"),
        (&["authorization_code"], "Sign in with: padlock --browser"),
        (&["client_credentials"], "may not sign in users yet"),
    ] {
        let (home, tenant) = (Home::new(), Tenant::builder().grants(grants).start());
        let flags = ["--domain", tenant.url(), "--client-id", "padlock-cli"];
        let more = ["--audience", "", "--realm", ""];
        let mut session = home.at_terminal(&tenant, &[flags, more].concat());
        session.exp_string("Client secret: ").unwrap();
        session.send_line(CLIENT_SECRET).unwrap();
        let shown = session.exp_eof().unwrap();
        assert!(shown.contains(step), "{grants:?}: {shown}");
        assert_exit(&session, 0);
    }
}

#[test]
fn a_space_around_a_secret_is_kept_and_pointed_out() {
    let home = Home::new();
    let note = "the client secret begins or ends with a space";
    let flags = [
        "setup",
        "--no-check",
        "--replace",
        "--domain",
        "acme.test",
        "--client-id",
        "x",
    ];
    for (secret, is_noted) in [(" ab", true), ("ab\t\n", true), ("a b\n", false)] {
        let mut setup = home.padlock(&[&flags[..], &["--client-secret-file", "-"]].concat());
        let output = setup.write_stdin(secret).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(stderr.contains(note), is_noted, "{secret:?}: {stderr}");
    }
    let tenant = Tenant::start();
    let home = Home::new();
    let mut session = home.at_terminal(
        &tenant,
        &[&flags[1..], &["--audience=", "--realm="]].concat(),
    );
    session.exp_string("Client secret: ").unwrap();
    session.send_line("abcd ").unwrap();
    session.exp_string(note).unwrap();
    session.exp_eof().unwrap();
    assert!(home.read("default").contains("'abcd '"));
}
