//! A keyring that does not work: reported within its time, before anything is sent, and replaced by
//! files where no store is named.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::thread;

use predicates::prelude::PredicateBooleanExt;
use tempfile::TempDir;

use super::{Home, rotating};
use crate::program::{error_of, login_at, printed, says};

/// A session bus that does something with each connection.
struct FakeBus {
    _folder: TempDir,
    address: String,
}

impl FakeBus {
    fn start(behave: Behavior) -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("bus");
        let listener = UnixListener::bind(&path).unwrap();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                thread::spawn(move || behave(&mut stream));
            }
        });
        Self {
            _folder: folder,
            address: format!("unix:path={},guid=0", path.display()),
        }
    }
}

/// Until the other side closes the connection.
fn wait(stream: &mut UnixStream) {
    let mut buffer = [0; 1024];
    while stream.read(&mut buffer).is_ok_and(|length| length > 0) {}
}

fn silent(stream: &mut UnixStream) {
    wait(stream);
}

fn closes(_: &mut UnixStream) {}

fn refuses(stream: &mut UnixStream) {
    let _ = stream.write_all(b"REJECTED EXTERNAL\r\n");
    wait(stream);
}

fn accepts(stream: &mut UnixStream) {
    let _ = stream.write_all(b"OK 0123456789abcdef0123456789abcdef\r\n");
}

fn silent_after_authentication(stream: &mut UnixStream) {
    accepts(stream);
    wait(stream);
}

fn sends_garbage(stream: &mut UnixStream) {
    accepts(stream);
    let _ = stream.write_all(&[0xff; 64]);
    wait(stream);
}

/// A reply that is said to be of 4 GiB.
fn sends_too_much(stream: &mut UnixStream) {
    accepts(stream);
    let end = if cfg!(target_endian = "little") {
        b'l'
    } else {
        b'B'
    };
    let _ = stream.write_all(&[end, 2, 1, 1, 255, 255, 255, 255, 1, 0, 0, 0, 0, 0, 0, 0]);
    wait(stream);
}

/// Signals without an end, and no reply.
fn floods(stream: &mut UnixStream) {
    accepts(stream);
    let mut signal = vec![b'l', 4, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0];
    if cfg!(target_endian = "big") {
        signal[0] = b'B';
    }
    while stream.write_all(&signal).is_ok() {}
}

/// What a bus does with a connection.
type Behavior = fn(&mut UnixStream);

/// Buses that do not work, and what is said of each.
const BEHAVIORS: [(Behavior, &str); 7] = [
    (silent, "did not respond within 1s"),
    (closes, "cannot be reached"),
    (refuses, "invalid response"),
    (silent_after_authentication, "did not respond within"),
    (sends_garbage, "invalid response"),
    (sends_too_much, "invalid response"),
    (floods, "did not respond within"),
];

#[test]
fn a_keyring_that_does_not_work_is_reported_before_the_password_is_sent() {
    let tenant = rotating().start();
    for (behave, problem) in BEHAVIORS {
        let bus = FakeBus::start(behave);
        let home = Home::with_bus(&bus.address);
        let mut login = home.with(login_at(&tenant));
        login.args(["--save", "--store", "keyring", "--timeout", "1"]);
        let error = error_of(&mut login);
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(problem), "{message}");
        assert_eq!(error["exit"], 1, "{error}");
        let hint = error["hint"].as_str().unwrap();
        assert!(hint.contains("--store file"), "{hint}");
    }
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn without_a_named_store_files_take_its_place_and_the_note_says_why() {
    let tenant = rotating().start();
    for (behave, problem) in [BEHAVIORS[1], BEHAVIORS[2], BEHAVIORS[4]] {
        let bus = FakeBus::start(behave);
        let home = Home::with_bus(&bus.address);
        let mut login = home.with(login_at(&tenant));
        let run = login.arg("--save").assert().code(0);
        run.stderr(says("is saved in").and(says(problem)));
        assert_eq!(home.session()["account"], crate::tenant::EMAIL);
        let status = printed(&mut home.run_alone(&["status"]));
        assert!(status.contains("| file "), "{status}");
    }
}

#[test]
fn a_bus_at_an_address_that_leads_nowhere_is_reported() {
    let tenant = rotating().start();
    for (address, problem) in [
        ("", "DBUS_SESSION_BUS_ADDRESS is not set"),
        ("unix:path=/nonexistent/bus", "No such file"),
        ("unix:abstract=padlock-test-nowhere", "refused"),
        ("tcp:host=localhost,port=1", "unsupported"),
        ("unix:path=/a%00b", "NUL"),
        ("nonsense;unix:path=/nonexistent/%62us", "No such file"),
    ] {
        let home = Home::with_bus(address);
        let mut login = home.with(login_at(&tenant));
        login.args(["--save", "--store", "keyring"]);
        let error = error_of(&mut login);
        let message = error["message"].as_str().unwrap();
        let is_named = message.to_lowercase().contains(&problem.to_lowercase());
        assert!(is_named, "{address}: {message}");
    }
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn a_bus_that_takes_no_connections_is_reported_within_the_time_limit() {
    use rustix::net::{AddressFamily, SocketAddrUnix, SocketType, bind, listen, socket};
    let (tenant, folder) = (rotating().start(), TempDir::new().unwrap());
    let path = folder.path().join("bus");
    let bus = socket(AddressFamily::UNIX, SocketType::STREAM, None).unwrap();
    bind(&bus, &SocketAddrUnix::new(&path).unwrap()).unwrap();
    listen(&bus, 0).unwrap();
    let _waits = UnixStream::connect(&path).unwrap();
    let home = Home::with_bus(&format!("unix:path={}", path.display()));
    let mut login = home.with(login_at(&tenant));
    login.args(["--save", "--store", "keyring", "--timeout", "1"]);
    let error = error_of(&mut login);
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("did not respond within 1s"), "{message}");
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn a_session_in_a_file_never_waits_for_the_keyring() {
    let tenant = rotating().start();
    // A connection to it would end in an error.
    let bus = FakeBus::start(closes);
    let home = Home::with_bus(&bus.address);
    home.sign_in_with(&tenant, &["--store", "file"]);
    for arguments in [
        &["token"][..],
        &["status"],
        &["token", "--min-ttl", "86400"],
    ] {
        home.run(&tenant, arguments).assert().code(0).stderr("");
    }
    home.run(&tenant, &["logout"]).assert().code(0);
}

#[test]
fn the_note_of_a_save_without_a_bus_says_that_there_is_none() {
    let (tenant, home) = (rotating().start(), Home::new());
    let mut login = home.with(login_at(&tenant));
    let run = login.arg("--save").assert().code(0);
    run.stderr(says("DBUS_SESSION_BUS_ADDRESS is not set"));
    let mut login = home.with(login_at(&tenant));
    login.args(["--save", "--store", "file"]);
    let run = login.assert().code(0);
    run.stderr(says("is saved in").and(says("keyring").not()));
}
