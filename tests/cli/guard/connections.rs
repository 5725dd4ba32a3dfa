//! Clients that keep a guard busy without asking anything, or ask too fast: others are served.

use serde_json::json;

use super::harness::{Guard, all_of, command, guard_at, token_of, with_token};
use crate::program::program;
use crate::tenant::{AUDIENCE, Tenant};

/// A guard that may open a hundred files.
fn with_few_files(tenant: &Tenant) -> Guard {
    let issuer = tenant.issuer();
    let mut shell = command("sh");
    shell.args(["-c", "ulimit -n 100; exec \"$0\" \"$@\"", &program()]);
    shell.args(all_of(&["--issuer", &issuer, "--audience", AUDIENCE]));
    let guard = Guard::of(&mut shell);
    guard.until("{\"ready\":true}");
    guard
}

#[test]
fn more_idle_connections_than_files_leave_room_for_the_next() {
    let tenant = Tenant::start();
    let guard = with_few_files(&tenant);
    let token = token_of(&tenant, json!({}));
    let idle: Vec<_> = (0..300).map(|_| guard.connect()).collect();
    for _ in 0..20 {
        assert_eq!(guard.status("/", &token), 200);
    }
    drop(idle);
    assert_eq!(guard.status("/", &token), 200);
}

#[test]
fn more_half_requests_than_files_leave_room_for_the_next() {
    let tenant = Tenant::start();
    let guard = with_few_files(&tenant);
    let token = token_of(&tenant, json!({}));
    let mut slow = Vec::new();
    for number in 0..300 {
        let mut connection = guard.connect();
        connection.write(&with_token("/", &token)[..=number % 40]);
        slow.push(connection);
    }
    for _ in 0..20 {
        assert_eq!(guard.status("/", &token), 200);
    }
}

#[test]
fn a_client_that_reads_no_response_keeps_nothing_from_the_others() {
    let tenant = Tenant::start();
    let guard = guard_at(&tenant, &["--explain"]);
    let token = token_of(&tenant, json!({}));
    let address = guard.addresses[0].clone();
    let deaf = std::net::TcpStream::connect(address).unwrap();
    deaf.set_nonblocking(true).unwrap();
    let request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(1000);
    let mut refusals = 0;
    // Until neither side takes more.
    while refusals < 20 {
        if std::io::Write::write(&mut &deaf, &request).is_err() {
            refusals += 1;
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }
    for _ in 0..20 {
        assert_eq!(guard.status("/", &token), 200);
    }
}

#[test]
fn a_long_pipeline_gets_a_response_to_each_request() {
    let tenant = Tenant::start();
    let guard = guard_at(&tenant, &[]);
    let mut connection = guard.connect();
    connection.write(&b"GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(500));
    for _ in 0..500 {
        assert_eq!(connection.answer().status, 401);
    }
}

#[test]
fn frames_of_http_2_get_no_decision_and_the_end_of_the_connection() {
    let tenant = Tenant::start();
    let guard = guard_at(&tenant, &[]);
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec();
    // HEADERS and RST_STREAM, again and again.
    for stream in (1_u32..4000).step_by(2) {
        bytes.extend(b"\0\0\x01\x01\x04");
        bytes.extend(stream.to_be_bytes());
        bytes.push(0x82);
        bytes.extend(b"\0\0\x04\x03\0");
        bytes.extend(stream.to_be_bytes());
        bytes.extend(b"\0\0\0\x08");
    }
    let answers = guard.send(&bytes);
    assert!(
        answers.iter().all(|answer| answer.status == 400),
        "{answers:?}"
    );
    assert_eq!(guard.status("/", &token_of(&tenant, json!({}))), 200);
}
