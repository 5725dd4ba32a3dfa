//! What becomes of every key at a prompt: none is dropped in silence.

use std::io::Write;

use crate::program::process_at;
use crate::prompts::{in_shell, prompted};
use crate::tenant::{EMAIL, Tenant, USER_PASSWORD};
use crate::terminal::{assert_exit, at_terminal};

fn sent_password(tenant: &Tenant) -> Option<String> {
    tenant.requests_to("/oauth/token")[0].field("password")
}

fn tenant_with(password: &str) -> Tenant {
    Tenant::builder()
        .first_user(|user| password.clone_into(&mut user.password))
        .start()
}

#[test]
fn a_typed_password_may_contain_any_unicode() {
    let password = "pä55 'wörd\" $\u{1F512}";
    let tenant = Tenant::builder()
        .first_user(|user| password.clone_into(&mut user.password))
        .start();
    let mut session = at_terminal(process_at(&tenant, &["--email", EMAIL]));
    session.exp_string("Password for").unwrap();
    session.send_line(password).unwrap();
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));
}

#[test]
fn ctrl_d_at_the_prompt_is_reported_on_its_own_line() {
    let tenant = Tenant::start();
    let mut session = at_terminal(process_at(&tenant, &["--email", EMAIL]));
    session.exp_string("Password for").unwrap();
    session.exp_string(": ").unwrap();
    session.send_control('d').unwrap();
    assert!(
        session
            .exp_eof()
            .unwrap()
            .starts_with("\r\npadlock: the input ended before anything was entered")
    );
    assert_exit(&session, 2);
}

#[test]
fn a_tab_is_part_of_a_password() {
    let tenant = tenant_with("pa55\tword\t");
    let mut session = prompted(&tenant);
    session.send_line("pa55\tword\t").unwrap();
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));
    assert_eq!(sent_password(&tenant), Some("pa55\tword\t".into()));
}

#[test]
fn other_control_characters_in_a_password_are_refused_and_it_is_asked_for_again() {
    let tenant = Tenant::start();
    let mut session = prompted(&tenant);
    for typed in [
        "pa55\u{1b}[Dword",
        "a\0b",
        "a\u{13}b\u{11}",
        "a\u{16}",
        "a\u{4}b",
    ] {
        session.send_line(typed).unwrap();
        session.exp_string("contains a control character").unwrap();
        session.exp_string("Password for").unwrap();
        session.exp_string(": ").unwrap();
    }
    session.send_line(USER_PASSWORD).unwrap();
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));
    assert_eq!(tenant.passwords_received(), 1);
}

#[test]
fn answers_can_be_edited_and_an_arrow_key_is_no_part_of_an_email_address() {
    let tenant = Tenant::start();
    let mut session = at_terminal(process_at(&tenant, &[]));
    session.exp_string("Email: ").unwrap();
    session.send_line("robin\u{1b}[D").unwrap();
    session.exp_string("robin^[[D").unwrap();
    session.exp_string("contains a control character").unwrap();
    session.exp_string("Email: ").unwrap();
    session
        .send_line("someone else\u{15}robim\u{7f}n@percy.test x\u{17}")
        .unwrap();
    session
        .exp_string("Password for robin@percy.test at")
        .unwrap();
    session
        .send_line("x\u{15}pa55wörx\u{7f}\u{7f}\u{8}ord")
        .unwrap();
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));
}

#[test]
fn latin_1_is_refused_and_does_not_swallow_enter() {
    let tenant = Tenant::start();
    let mut session = prompted(&tenant);
    let mut keyboard = session.process().get_file_handle().unwrap();
    keyboard.write_all(b"caf\xe9\n").unwrap();
    session.exp_string("is not UTF-8").unwrap();
    session.exp_string("Password for").unwrap();
    session.send_line(USER_PASSWORD).unwrap();
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));
    assert_eq!(tenant.passwords_received(), 1);
}

#[test]
fn a_long_password_is_read_whole() {
    let password = "pä5".repeat(3000);
    let tenant = tenant_with(&password);
    let mut session = prompted(&tenant);
    session.send_line(&password).unwrap();
    assert!(session.exp_eof().unwrap().contains("Robin Percy"));
    assert_eq!(sent_password(&tenant), Some(password));
}

#[test]
fn a_password_that_is_pasted_with_the_email_address_is_not_shown() {
    let tenant = Tenant::start();
    let mut session = in_shell(&tenant, "\"$0\" \"$@\"; stty -a", &[]);
    session.exp_string("Email: ").unwrap();
    session
        .send_line(&format!("{EMAIL}\n{USER_PASSWORD}"))
        .unwrap();
    let shown = session.exp_eof().unwrap();
    assert!(
        shown.contains(EMAIL) && shown.contains("Robin Percy"),
        "{shown}"
    );
    assert!(!shown.contains(USER_PASSWORD), "{shown}");
    assert!(
        shown.split_whitespace().any(|word| word == "echo"),
        "{shown}"
    );
}

#[test]
fn what_is_typed_after_the_password_is_left_to_the_shell() {
    let tenant = Tenant::start();
    let script = "\"$0\" \"$@\"; read next; echo \"next: $next\"";
    let mut session = in_shell(&tenant, script, &["--email", EMAIL]);
    session.exp_string("Password for").unwrap();
    session
        .send_line(&format!("{USER_PASSWORD}\nls -l"))
        .unwrap();
    let shown = session.exp_eof().unwrap();
    assert!(shown.contains("next: ls -l"), "{shown}");
}
