//! What a flag reads from standard input, where that is a terminal: typed without echo.

use crate::program::access_token_of;
use crate::prompts::in_shell;
use crate::tenant::{AUDIENCE, CLIENT_SECRET, EMAIL, Factor, TOKEN, Tenant, USER_PASSWORD};

const CODE: &str = "123456";

/// Runs the program, answers its questions, and returns all that the terminal shows.
fn shown(tenant: &Tenant, arguments: &[&str], answers: &[(&str, &str)]) -> String {
    let script = "\"$0\" \"$@\"; echo \"exit $?\"; stty -a";
    let mut session = in_shell(tenant, script, arguments);
    let mut shown = String::new();
    for (question, answer) in answers {
        shown += &session.exp_string(question).unwrap();
        session.send_line(answer).unwrap();
    }
    shown + &session.exp_eof().unwrap()
}

/// Asserts that the run succeeded, and left a terminal that echoes.
fn assert_done(shown: &str, secret: &str) {
    assert!(!shown.contains(secret), "{shown}");
    assert!(shown.contains("exit 0"), "{shown}");
    assert!(
        shown.split_whitespace().any(|word| word == "echo"),
        "{shown}"
    );
}

#[test]
fn a_password_is_not_echoed() {
    let tenant = Tenant::start();
    let login = ["--email", EMAIL, "--password-stdin"];
    let shown = shown(&tenant, &login, &[("Password for", USER_PASSWORD)]);
    assert_done(&shown, USER_PASSWORD);
}

#[test]
fn a_password_and_a_code_are_asked_for_one_after_the_other() {
    let tenant = Tenant::builder().factor(Factor::otp(CODE)).start();
    let login = ["--email", EMAIL, "--password-stdin", "--otp-stdin"];
    let answers = [("Password for", USER_PASSWORD), ("One-time code: ", CODE)];
    let shown = shown(&tenant, &login, &answers);
    assert_done(&shown, USER_PASSWORD);
}

#[test]
fn a_client_secret_is_not_echoed() {
    let tenant = Tenant::start();
    let login = [
        "client-credentials",
        "--audience",
        AUDIENCE,
        "--client-secret-file",
        "-",
    ];
    let shown = shown(&tenant, &login, &[("Client secret: ", CLIENT_SECRET)]);
    assert_done(&shown, CLIENT_SECRET);
    let sent = tenant.requests_to(TOKEN)[0].field("client_secret");
    assert_eq!(sent.as_deref(), Some(CLIENT_SECRET));
}

#[test]
fn the_client_secret_of_setup_is_not_echoed() {
    let tenant = Tenant::start();
    let folder = tempfile::TempDir::new().unwrap();
    let script = format!(
        "XDG_CONFIG_HOME={} \"$0\" \"$@\"; echo \"exit $?\"; stty -a",
        folder.path().display()
    );
    let setup = [
        "setup",
        "--domain",
        "acme.test",
        "--client-id",
        "x",
        "--no-check",
    ];
    let more = ["--client-secret-file", "-", "--audience=", "--realm="];
    let mut session = in_shell(&tenant, &script, &[&setup[..], &more].concat());
    session.exp_string("Client secret: ").unwrap();
    session.send_line("pa$$ word").unwrap();
    assert_done(&session.exp_eof().unwrap(), "pa$$ word");
    let text = std::fs::read_to_string(folder.path().join("padlock/default.env")).unwrap();
    assert!(text.contains("AUTH0_CLIENT_SECRET='pa$$ word'\n"), "{text}");
}

#[test]
fn a_shared_secret_is_not_echoed() {
    let tenant = Tenant::start();
    let token = access_token_of(&tenant);
    let verify = [
        "verify",
        "--secret-file",
        "-",
        "--algorithm",
        "HS256",
        &token,
        "--any-audience",
    ];
    let shown = shown(&tenant, &verify, &[("Shared secret: ", CLIENT_SECRET)]);
    assert!(!shown.contains(CLIENT_SECRET), "{shown}");
}
