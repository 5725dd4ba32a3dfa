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
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn file(&self, profile: &str) -> PathBuf {
        self.0.path().join(format!("config/padlock/{profile}.env"))
    }

    /// Writes a profile by hand.
    fn write(&self, profile: &str, text: &str) {
        let file = self.file(profile);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
        crate::program::private(&file);
    }

    fn read(&self, profile: &str) -> String {
        fs::read_to_string(self.file(profile)).unwrap()
    }

    /// padlock without settings from elsewhere.
    fn padlock(&self, arguments: &[&str]) -> Command {
        let mut command = padlock();
        command
            .env("XDG_CONFIG_HOME", self.0.path().join("config"))
            .env("XDG_STATE_HOME", self.0.path().join("state"))
            .args(arguments);
        command
    }

    /// The same for setup, with the tenant's flags, and this secret on standard input.
    fn setup(&self, tenant: &Tenant, secret: &str, more: &[&str]) -> Command {
        let mut command = self.padlock(&["setup", "--domain", tenant.url(), "--client-id"]);
        command.args(["padlock-cli", "--client-secret-file", "-"]);
        command.args(more).write_stdin(secret);
        command
    }

    fn login(&self, more: &[&str]) -> Command {
        let login = ["--email", EMAIL, "--password", USER_PASSWORD];
        self.padlock(&[&login, more].concat())
    }

    /// setup at a terminal.
    fn at_terminal(&self, tenant: &Tenant, arguments: &[&str]) -> PtySession {
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
    assert!(!home.file("default").exists());
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
fn an_existing_profile_is_replaced_only_on_request_and_never_lost() {
    let (home, tenant) = (Home::new(), Tenant::start());
    home.write("default", "AUTH0_CLIENT_ID=old\n");
    let refused = says("exists already").and(says("--replace"));
    home.setup(&tenant, CLIENT_SECRET, &[])
        .assert()
        .code(2)
        .stderr(refused);
    home.setup(&tenant, "wrong", &["--replace"])
        .assert()
        .code(5);
    assert_eq!(home.read("default"), "AUTH0_CLIENT_ID=old\n");
    home.setup(&tenant, CLIENT_SECRET, &["--replace"])
        .assert()
        .code(0);
    home.login(&[]).assert().code(0);
}

#[test]
fn other_lines_stay_where_the_tenant_is_the_same_and_go_where_it_is_another() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let other = "# mine\nAUTH0_SCOPE='openid email'\nFOO=\"bar\n";
    let url = tenant.url();
    home.write(
        "default",
        &format!("AUTH0_DOMAIN={url}\n{other}AUTH0_CLIENT_ID=x\n"),
    );
    home.setup(&tenant, CLIENT_SECRET, &["--replace"])
        .assert()
        .code(0);
    let text = home.read("default");
    assert!(text.ends_with(other) && !text.contains("=x\n"), "{text}");
    let old = format!("AUTH0_DOMAIN=old.test\nPADLOCK_PASSWORD=hunter2\n{other}");
    home.write("default", &old);
    let lost = says("PADLOCK_PASSWORD, AUTH0_SCOPE").and(says("hunter2").not());
    home.setup(&tenant, CLIENT_SECRET, &["--replace"])
        .assert()
        .code(0)
        .stderr(lost);
    let text = home.read("default");
    assert!(
        text.contains("# mine\n") && !text.contains("hunter2"),
        "{text}"
    );
}

#[test]
fn nothing_of_a_profile_whose_tenant_is_not_valid_goes_to_another_tenant() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let old =
        "AUTH0_DOMAIN=old.test/path\nAUTH0_CLIENT_SECRET=old-secret\nPADLOCK_PASSWORD=hunter2\n";
    for more in [&[][..], &["--no-check"]] {
        home.write("default", old);
        let flags = ["setup", "--replace", "--client-id", "padlock-cli"];
        let mut setup = home.padlock(&[&flags, more].concat());
        setup.args(["--domain", tenant.url()]).output().unwrap();
        let tokens = tenant.requests_to(TOKEN);
        let sent = |secret: &str| Some(secret.to_owned());
        assert!(
            tokens
                .iter()
                .all(|one| one.field("client_secret") != sent("old-secret"))
        );
    }
    let text = home.read("default");
    assert!(
        !text.contains("old-secret") && !text.contains("hunter2"),
        "{text}"
    );
}

#[test]
fn what_flags_give_outlives_a_change_of_the_tenant_in_the_dialogue() {
    let (home, tenant) = (Home::new(), Tenant::start());
    home.write(
        "default",
        "AUTH0_DOMAIN=old.test\nAUTH0_CLIENT_ID=old\nAUTH0_CLIENT_SECRET=old-secret\n",
    );
    let flags = ["--client-id", "padlock-cli", "--audience", "https://a/"];
    let mut session = home.at_terminal(&tenant, &[&flags[..], &["--no-check"]].concat());
    session.exp_string("Domain or issuer [old.test]: ").unwrap();
    session.send_line(tenant.url()).unwrap();
    session.exp_string("Client secret: ").unwrap();
    session.send_line(CLIENT_SECRET).unwrap();
    session.exp_string("[y/N] ").unwrap();
    session.send_line("y").unwrap();
    session.exp_eof().unwrap();
    assert_exit(&session, 0);
    let text = home.read("default");
    for kept in ["padlock-cli", "https://a/", CLIENT_SECRET] {
        assert!(text.contains(kept), "{kept}: {text}");
    }
    assert!(!text.contains("old-secret"), "{text}");
}

#[test]
fn a_profile_that_is_a_link_stays_one() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let target = home.0.path().join("dotfiles.env");
    fs::write(&target, "AUTH0_CLIENT_ID=old\n").unwrap();
    crate::program::private(&target);
    let file = home.file("default");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(&target, &file).unwrap();
    home.setup(&tenant, CLIENT_SECRET, &["--replace"])
        .assert()
        .code(0);
    assert!(file.is_symlink() && fs::read_to_string(&target).unwrap().contains("padlock-cli"));
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
fn a_person_sees_what_an_existing_profile_has_and_may_keep_it() {
    let (home, tenant) = (Home::new(), Tenant::start());
    home.setup(&tenant, CLIENT_SECRET, &["--audience", "https://a/"])
        .assert()
        .code(0);
    let before = home.read("default");
    for (answer, exit) in [("n", 2), ("y", 0)] {
        let mut session = home.at_terminal(&tenant, &[]);
        session
            .exp_string(&format!("Domain or issuer [{}]: ", tenant.url()))
            .unwrap();
        session.send_line("").unwrap();
        session.exp_string("Client ID [padlock-cli]: ").unwrap();
        session.send_line("").unwrap();
        session.exp_string("Client secret [saved]: ").unwrap();
        session.send_line("").unwrap();
        session.exp_string("Audience [https://a/]: ").unwrap();
        session.send_line("-").unwrap();
        session.exp_string("Realm: ").unwrap();
        session.send_line("").unwrap();
        session.exp_string("[y/N] ").unwrap();
        session.send_line(answer).unwrap();
        session.exp_eof().unwrap();
        assert_exit(&session, exit);
        assert_eq!(home.read("default") == before, exit == 2);
    }
    assert!(!home.read("default").contains("AUDIENCE"));
    assert!(home.read("default").contains(CLIENT_SECRET));
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
fn profiles_are_listed_with_tenant_and_session_and_without_the_network() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let none = printed(&mut home.padlock(&["profiles", "-o", "json"]));
    assert_eq!(none, "{\"profiles\":[]}\n");
    home.setup(&tenant, CLIENT_SECRET, &[]).assert().code(0);
    home.write("staging", "AUTH0_ISSUER=https://staging.test/realms/a\n");
    home.write("broken", "AUTH0_DOMAIN='x\n");
    home.login(&["--save", "--store", "file"]).assert().code(0);
    tenant.clear_requests();
    let table = printed(&mut home.padlock(&["profiles"]));
    for words in [
        "default",
        EMAIL,
        "staging",
        "https://staging.test/realms/a",
        "none",
        "line 1",
    ] {
        assert!(table.contains(words), "{words} in {table}");
    }
    let list = printed(&mut home.padlock(&["profiles", "-o", "json"]));
    let list: Value = serde_json::from_str(&list).unwrap();
    let names: Vec<_> = (0..3)
        .map(|index| &list["profiles"][index]["name"])
        .collect();
    assert_eq!(names, ["broken", "default", "staging"]);
    assert_eq!(list["profiles"][1]["sessions"], serde_json::json!([EMAIL]));
    assert_eq!(list["profiles"][2]["sessions"], serde_json::json!([]));
    assert!(!list.to_string().contains(CLIENT_SECRET) && !table.contains(CLIENT_SECRET));
    assert_eq!(tenant.requests().len(), 0);
}
