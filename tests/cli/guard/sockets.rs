//! Sockets in the file system, ports, and what systemd passes.

use std::net::TcpListener;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::json;
use tempfile::TempDir;

use super::harness::{Guard, all_of, command, get, guard_at, token_of};
use crate::program::{error_of, output_if_installed, padlock, program};
use crate::tenant::{AUDIENCE, Fault, JWKS, Tenant};

/// A folder, and the address and path of a socket in it.
fn place() -> (TempDir, String, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("guard.sock");
    (folder, format!("--listen=unix:{}", path.display()), path)
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// The error of a guard that cannot start.
fn start_error(listen: &str) -> serde_json::Value {
    let mut command = padlock();
    command.args([
        "guard",
        "--issuer=http://127.0.0.1:1/",
        "--audience",
        AUDIENCE,
        listen,
    ]);
    error_of(&mut command)
}

#[test]
fn a_socket_in_the_file_system_is_for_its_owner_and_group_and_is_removed_in_the_end() {
    let (_folder, listen, path) = place();
    let tenant = Tenant::start();
    let guard = guard_at(&tenant, &[&listen]);
    assert_eq!(mode(&path), 0o660);
    assert_eq!(guard.addresses, [format!("unix:{}", path.display())]);
    assert_eq!(guard.status("/", &token_of(&tenant, json!({}))), 200);
    guard.signal(Signal::TERM);
    assert!(guard.end().0.success());
    assert!(!path.exists());
}

#[test]
fn the_permissions_of_a_socket_can_be_chosen() {
    let (_folder, listen, path) = place();
    let _guard = guard_at(&Tenant::start(), &[&listen, "--socket-mode=0600"]);
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn a_socket_that_a_program_left_is_replaced() {
    let (_folder, listen, path) = place();
    drop(UnixListener::bind(&path).unwrap());
    let guard = guard_at(&Tenant::start(), &[&listen]);
    assert_eq!(guard.ask(&get("/", &[])).status, 401);
}

#[test]
fn a_socket_of_a_killed_guard_is_replaced() {
    let (_folder, listen, path) = place();
    let tenant = Tenant::start();
    drop(guard_at(&tenant, &[&listen]));
    assert!(path.exists());
    let guard = guard_at(&tenant, &[&listen]);
    assert_eq!(guard.ask(&get("/", &[])).status, 401);
}

#[test]
fn a_socket_that_is_in_use_is_left_alone() {
    let (_folder, listen, path) = place();
    let other = UnixListener::bind(&path).unwrap();
    let error = start_error(&listen);
    assert_eq!(error["exit"], 2, "{error}");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("another program listens"),
        "{error}"
    );
    assert!(path.exists());
    drop(other);
}

#[test]
fn a_file_that_is_no_socket_is_left_alone() {
    let (_folder, listen, path) = place();
    std::fs::write(&path, "text").unwrap();
    assert_eq!(start_error(&listen)["exit"], 2);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "text");
}

#[test]
fn the_socket_of_another_program_is_not_removed_in_the_end() {
    let (_folder, listen, path) = place();
    let guard = guard_at(&Tenant::start(), &[&listen]);
    std::fs::remove_file(&path).unwrap();
    let _other = UnixListener::bind(&path).unwrap();
    guard.signal(Signal::TERM);
    assert!(guard.end().0.success());
    assert!(std::fs::metadata(&path).unwrap().file_type().is_socket());
}

#[test]
fn a_port_that_is_in_use_is_named() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    let error = start_error(&format!("--listen={address}"));
    assert_eq!(error["exit"], 2, "{error}");
    assert!(
        error["message"].as_str().unwrap().contains(&address),
        "{error}"
    );
    assert!(error["hint"].is_string(), "{error}");
}

#[test]
fn an_address_of_another_machine_is_named() {
    let error = start_error("--listen=192.0.2.1:9000");
    assert_eq!(error["exit"], 2, "{error}");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("192.0.2.1:9000"),
        "{error}"
    );
}

#[test]
fn without_a_socket_from_systemd_it_says_so() {
    let error = start_error("--listen=systemd");
    assert_eq!(error["exit"], 2, "{error}");
    assert!(
        error["message"].as_str().unwrap().contains("systemd"),
        "{error}"
    );
}

/// Starts a guard as systemd does: the socket is file 3, and the variables name this process.
const ACTIVATION: &str = r#"
import os, socket, sys
sockets = [socket.socket() for _ in range(int(sys.argv[1]))]
for one in sockets:
    one.bind(("127.0.0.1", 0))
    one.listen()
copies = [os.dup(one.fileno()) for one in sockets]
for number, copy in enumerate(copies):
    os.dup2(copy, 3 + number, inheritable=True)
os.environ["LISTEN_PID"] = str(os.getpid())
os.environ["LISTEN_FDS"] = sys.argv[1]
os.environ["LISTEN_FDNAMES"] = "api:admin"
os.execv(sys.argv[2], sys.argv[2:])
"#;

const PYTHON: &str = "/usr/bin/python3";

fn activation(issuer: &str, sockets: &str, flags: &[&str]) -> Option<Command> {
    output_if_installed(command(PYTHON).arg("-V"))?;
    let trust = ["--issuer", issuer, "--audience", AUDIENCE];
    let mut python = command(PYTHON);
    python.args(["-c", ACTIVATION, sockets, &program()]);
    python.args(all_of(&[&trust, flags].concat()));
    Some(python)
}

fn activated(tenant: &Tenant, sockets: &str, flags: &[&str]) -> Option<Guard> {
    let guard = Guard::of(&mut activation(&tenant.issuer(), sockets, flags)?);
    guard.until("{\"ready\":true}");
    Some(guard)
}

/// What each socket of a guard responds to a valid token, where the one named admin needs a
/// permission that the token lacks; `None` where that cannot be tried.
fn statuses(sockets: &str, listen: &str) -> Option<Vec<u16>> {
    let tenant = Tenant::start();
    let admin = [
        "--listen-for=admin=systemd:admin",
        "--check=admin",
        "--require-permission=admin",
    ];
    let flags = [&[listen], &admin[..]].concat();
    let guard = activated(&tenant, sockets, &flags)?;
    let token = token_of(&tenant, json!({}));
    let statuses = guard.addresses.iter().map(|address| {
        let mut connection = super::harness::connect(address);
        connection.write(&super::harness::with_token("/", &token));
        connection.answer().status
    });
    Some(statuses.collect())
}

#[test]
fn a_socket_that_systemd_passes_is_served() {
    let tenant = Tenant::start();
    let Some(guard) = activated(&tenant, "1", &["--listen=systemd"]) else {
        return;
    };
    assert_eq!(guard.status("/", &token_of(&tenant, json!({}))), 200);
    assert_eq!(guard.status("/", "x"), 401);
}

#[test]
fn sockets_that_systemd_passes_are_distinguished_by_their_names() {
    if let Some(statuses) = statuses("2", "--listen=systemd:api") {
        assert_eq!(statuses, [200, 403]);
    }
}

#[test]
fn a_named_socket_is_not_among_the_others_wherever_its_address_comes() {
    if let Some(statuses) = statuses("3", "--listen=systemd") {
        assert_eq!(statuses, [200, 200, 403]);
    }
}

#[test]
fn several_sockets_for_health_are_an_error() {
    let flags = ["--listen=127.0.0.1:0", "--health-listen=systemd"];
    let Some(guard) = activation("http://127.0.0.1:1/", "2", &flags) else {
        return;
    };
    let mut guard = assert_cmd::Command::from_std(guard);
    let error = error_of(guard.timeout(Duration::from_secs(20)));
    assert_eq!(error["exit"], 2, "{error}");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("2 sockets for --health-listen"), "{error}");
}

/// A guard that reports to this service manager.
fn notifying(address: &str, tenant: &Tenant) -> Guard {
    let issuer = tenant.issuer();
    let arguments = all_of(&["--issuer", &issuer, "--audience", AUDIENCE]);
    Guard::of(
        command(&program())
            .env("NOTIFY_SOCKET", address)
            .args(arguments),
    )
}

fn received(manager: &UnixDatagram) -> String {
    let mut buffer = [0; 100];
    manager
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    let length = manager.recv(&mut buffer).expect("a message");
    String::from_utf8(buffer[..length].to_vec()).unwrap()
}

#[test]
fn the_service_manager_learns_when_the_keys_are_there_and_when_it_stops() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    let tenant = Tenant::start();
    let guard = notifying(path.to_str().unwrap(), &tenant);
    assert_eq!(received(&manager), "READY=1");
    assert_eq!(tenant.requests_to(JWKS).len(), 1);
    guard.signal(Signal::TERM);
    assert_eq!(received(&manager), "STOPPING=1");
    assert!(guard.end().0.success());
}

#[test]
fn it_is_not_ready_for_the_service_manager_before_the_keys_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    let tenant = Tenant::builder().fault(JWKS, Fault::NoResponse).start();
    let guard = notifying(path.to_str().unwrap(), &tenant);
    assert_eq!(guard.ask(&get("/", &[])).status, 401);
    guard.signal(Signal::TERM);
    assert_eq!(received(&manager), "STOPPING=1");
}
