//! `padlock setup` with a profile that exists: what stays, what is repaired, what is never lost.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use std::thread;

use predicates::prelude::PredicateBooleanExt;

use crate::program::says;
use crate::setup::Home;
use crate::tenant::{CLIENT_SECRET, TOKEN, Tenant};
use crate::terminal::assert_exit;

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
    assert!(text.contains(other) && !text.contains("=x\n"), "{text}");
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
fn of_many_setups_at_once_one_writes_and_the_others_say_so() {
    let home = Home::new();
    let ids: Vec<String> = (0..8).map(|number| format!("client-{number}")).collect();
    let runs = ids.iter().map(|id| {
        let flags = ["setup", "--domain", "acme.test", "--client-id", id];
        let command = home.padlock(&[&flags[..], &["--no-check"]].concat());
        let mut process = Command::new(command.get_program());
        process.args(command.get_args()).env_clear();
        process.env("XDG_CONFIG_HOME", home.0.path().join("config"));
        process.stderr(Stdio::piped()).stdout(Stdio::null());
        (id, process.spawn().unwrap())
    });
    let runs: Vec<_> = runs.collect();
    let mut written = Vec::new();
    for (id, run) in runs {
        let output = run.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        match output.status.code() {
            Some(0) => written.push(id),
            code => assert!(
                code == Some(2) && stderr.contains("exists already"),
                "{stderr}"
            ),
        }
    }
    assert_eq!(written.len(), 1, "{written:?}");
    let line = format!("AUTH0_CLIENT_ID={}\n", written[0]);
    assert!(home.read("default").contains(&line));
    let folder = fs::read_dir(home.file("default").parent().unwrap()).unwrap();
    assert_eq!(folder.count(), 1, "nothing else is left in the folder");
}

#[test]
fn a_profile_that_changes_during_a_run_is_kept() {
    for (before, message) in [
        (None, "exists already"),
        (Some("AUTH0_CLIENT_ID=old\n"), "has changed"),
    ] {
        let (home, tenant) = (Home::new(), Tenant::start());
        if let Some(text) = before {
            home.write("default", text);
        }
        let pipe = home.0.path().join("pipe");
        let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        let mut setup = home.padlock(&["setup", "--replace", "--domain", tenant.url()]);
        setup.args(["--client-id", "padlock-cli", "--client-secret-file"]);
        setup.arg(&pipe);
        thread::scope(|scope| {
            let run = scope.spawn(|| setup.output().unwrap());
            // Open once padlock reads it, which it does after the profile.
            let mut pipe = fs::File::options().write(true).open(&pipe).unwrap();
            home.write("default", "AUTH0_CLIENT_ID=another\n");
            pipe.write_all(CLIENT_SECRET.as_bytes()).unwrap();
            drop(pipe);
            let output = run.join().unwrap();
            let stderr = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{stderr}");
            assert!(stderr.contains(message), "{stderr}");
        });
        assert_eq!(home.read("default"), "AUTH0_CLIENT_ID=another\n");
    }
}

#[test]
fn a_person_decides_about_a_profile_that_appears_during_the_dialogue() {
    let tenant = Tenant::start();
    for (answer, exit) in [("n", 2), ("y", 0)] {
        let home = Home::new();
        let mut session = home.at_terminal(&tenant, &["--no-check", "--audience", ""]);
        session.exp_string("Domain or issuer: ").unwrap();
        let other = format!("AUTH0_ISSUER={}\nAUTH0_SCOPE=openid # mine\n", tenant.url());
        home.write("default", &other);
        session.send_line(tenant.url()).unwrap();
        for text in ["Client ID: ", "Client secret: "] {
            session.exp_string(text).unwrap();
            session
                .send_line(if text == "Client ID: " { "app" } else { "" })
                .unwrap();
        }
        session.exp_string("in the meantime").unwrap();
        session.exp_string("[y/N] ").unwrap();
        session.send_line(answer).unwrap();
        session.exp_eof().unwrap();
        assert_exit(&session, exit);
        let text = home.read("default");
        let lines: Vec<_> = other.lines().collect();
        assert!(lines.iter().all(|line| text.contains(line)), "{text}");
        assert_eq!(text.contains("AUTH0_CLIENT_ID=app\n"), exit == 0, "{text}");
    }
}

#[test]
fn replace_repairs_a_profile_that_cannot_be_read() {
    let tenant = Tenant::start();
    let url = tenant.url();
    let broken: [(&[u8], &str); 6] = [
        (b"AUTH0_DOMAIN='open\n", "AUTH0_DOMAIN (line 1, removed)"),
        (
            b"# mine\nAUTH0_CLIENT_SECRET=pa$$word\n",
            "AUTH0_CLIENT_SECRET (line 2, removed)",
        ),
        (
            b"AUTH0_CLIENTID=x\n",
            "AUTH0_CLIENTID (line 1, a comment now)",
        ),
        (
            b"PADLOCK_PASSWORD=a b\n",
            "PADLOCK_PASSWORD (line 1, a comment now)",
        ),
        (b"AUTH0_DOMAIN=\xff\n", "it is not UTF-8"),
        (b"\xff\xfeA\0", "it is UTF-16"),
    ];
    for (old, repaired) in broken {
        let home = Home::new();
        home.write("default", "");
        fs::write(home.file("default"), old).unwrap();
        home.setup(&tenant, CLIENT_SECRET, &[]).assert().code(2);
        home.setup(&tenant, CLIENT_SECRET, &["--replace"])
            .assert()
            .code(0)
            .stderr(says(repaired).and(says("pa$$word").not()));
        let text = home.read("default");
        assert!(text.contains(url) && !text.contains("pa$$word"), "{text}");
        assert_eq!(text.contains("# mine"), old.starts_with(b"# mine"));
        home.login(&[]).assert().code(0).stderr("");
    }
}

#[test]
fn a_person_may_repair_a_profile_that_cannot_be_read() {
    let (home, tenant) = (Home::new(), Tenant::start());
    home.write("default", "AUTH0_DOMAIN='open\nAUTH0_CLIENT_ID=old\n");
    let flags = ["--no-check", "--domain", tenant.url(), "--client-id", "new"];
    let more = ["--client-secret-file=", "--audience=", "--realm="];
    let mut session = home.at_terminal(&tenant, &[&flags[..], &more].concat());
    session
        .exp_string("AUTH0_DOMAIN (line 1, removed)")
        .unwrap();
    session.exp_string("[y/N] ").unwrap();
    session.send_line("y").unwrap();
    session.exp_eof().unwrap();
    assert_exit(&session, 0);
    let text = home.read("default");
    let domain = format!("AUTH0_DOMAIN={}\n", tenant.url());
    assert!(
        text.contains(&domain) && text.contains("AUTH0_CLIENT_ID=new\n"),
        "{text}"
    );
    assert!(!text.contains("open") && !text.contains("old"), "{text}");
}

#[test]
fn comments_and_the_order_of_lines_stay() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let url = tenant.url();
    let old = format!(
        "# ours\nexport AUTH0_DOMAIN = \"{url}\"\n\n# the application\nAUTH0_CLIENT_ID=old # of 2024\n\
         FOO='\nAUTH0_AUDIENCE=\nAUTH0_CLIENT_ID=twice\n"
    );
    home.write("default", &old);
    home.setup(&tenant, CLIENT_SECRET, &["--replace"])
        .assert()
        .code(0);
    let expected = format!(
        "# ours\nexport AUTH0_DOMAIN = \"{url}\"\n\n# the application\nAUTH0_CLIENT_ID=padlock-cli # of \
         2024\nFOO='\nAUTH0_AUDIENCE=\nAUTH0_CLIENT_SECRET={CLIENT_SECRET}\n"
    );
    // A domain that is given is written as given.
    let expected = expected.replace(&format!("export AUTH0_DOMAIN = \"{url}\""), "");
    let text = home.read("default");
    let text = text.replace(&format!("export AUTH0_DOMAIN = \"{url}\""), "");
    assert_eq!(text, expected);
}

#[test]
fn what_stays_as_it_is_is_named() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let old = format!("AUTH0_DOMAIN={}\nAUTH0_SCOPE=openid\n", tenant.url());
    home.write("default", &old);
    home.setup(&tenant, CLIENT_SECRET, &["--replace"])
        .assert()
        .code(0)
        .stderr(says("default.env keeps AUTH0_SCOPE"));
    let mut session = home.at_terminal(&tenant, &[]);
    session
        .exp_string("unless you edit the file: AUTH0_SCOPE.")
        .unwrap();
}

#[test]
fn a_secret_takes_the_place_of_a_private_key_and_both_can_be_removed() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let old = format!(
        "AUTH0_DOMAIN={}\nAUTH0_CLIENT_ID=padlock-cli\nAUTH0_CLIENT_AUTH=private_key_jwt\n\
         AUTH0_CLIENT_KEY_FILE=/no/key.pem\nAUTH0_CLIENT_KEY_ID=k1\n",
        tenant.url()
    );
    let names = "AUTH0_CLIENT_AUTH, AUTH0_CLIENT_KEY_FILE, AUTH0_CLIENT_KEY_ID";
    home.write("default", &old);
    home.setup(&tenant, CLIENT_SECRET, &["--replace"])
        .assert()
        .code(0)
        .stderr(says(&format!("client authentication: {names}")));
    home.login(&[]).assert().code(0).stderr("");
    let remove = [
        "setup",
        "--replace",
        "--no-check",
        "--client-secret-file",
        "",
    ];
    for before in [old, home.read("default")] {
        home.write("default", &before);
        home.padlock(&remove).assert().code(0);
        let text = home.read("default");
        assert!(!text.contains("SECRET") && !text.contains("KEY"), "{text}");
    }
    let basic = format!(
        "AUTH0_DOMAIN={}\nAUTH0_CLIENT_AUTH=client_secret_basic\n",
        tenant.url()
    );
    home.write("default", &basic);
    home.setup(&tenant, CLIENT_SECRET, &["--replace"])
        .assert()
        .code(0);
    assert!(home.read("default").contains("client_secret_basic"));
}

#[test]
fn a_person_sees_that_a_private_key_is_used() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let old = format!(
        "AUTH0_DOMAIN={}\nAUTH0_CLIENT_KEY_FILE=/no/key.pem\n",
        tenant.url()
    );
    home.write("default", &old);
    let flags = [
        "--client-id",
        "padlock-cli",
        "--no-check",
        "--audience=",
        "--realm=",
    ];
    let mut session = home.at_terminal(&tenant, &flags);
    session.exp_string("Domain or issuer [").unwrap();
    session.send_line("").unwrap();
    session.exp_string("enter - to remove it").unwrap();
    session
        .exp_string("Client secret [private key in /no/key.pem]: ")
        .unwrap();
    session.send_line("").unwrap();
    session.exp_string("[y/N] ").unwrap();
    session.send_line("y").unwrap();
    session.exp_eof().unwrap();
    assert!(home.read("default").contains("/no/key.pem"));
}

#[test]
fn a_warning_about_the_old_file_is_printed_once() {
    use std::os::unix::fs::PermissionsExt;
    let (home, tenant) = (Home::new(), Tenant::start());
    home.write("default", "AUTH0_CLIENT_ID=old\n");
    fs::set_permissions(home.file("default"), fs::Permissions::from_mode(0o644)).unwrap();
    let output = home
        .setup(&tenant, CLIENT_SECRET, &["--replace"])
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        stderr.matches("every user of this machine").count(),
        1,
        "{stderr}"
    );
}
