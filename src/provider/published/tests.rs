//! Which requests it takes to have an issuer's keys, cold, warm, refreshed, and with what somebody left on the disk.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{fs, thread};

use tempfile::TempDir;

use super::*;
use crate::config::Network;
use crate::http::{Detail, Log};
use crate::{Screen, Surroundings};

const NOW: i64 = 1_767_225_600;
const DISCOVERY: &str = "/.well-known/openid-configuration";
const JWKS: &str = "/keys";

/// An issuer that says nothing about how long its documents may be kept, and writes down what it is asked for.
struct Issuer {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Issuer {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let (issuer, written) = (url.clone(), Arc::clone(&asked));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                written.lock().unwrap().push(answer(stream, &issuer));
            }
        });
        Self { url, asked }
    }

    /// The paths that were asked for since the last time.
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    fn keys(&self, folder: &TempDir, now: i64, freshness: Freshness) -> PublishedKeys {
        keys_for_issuer(
            &http(),
            &Cache::at(folder.path(), now),
            &self.url,
            freshness,
        )
        .unwrap()
    }
}

fn answer(mut stream: TcpStream, issuer: &str) -> String {
    let mut request = [0; 4096];
    let read = stream.read(&mut request).unwrap();
    let path = String::from_utf8_lossy(&request[..read])
        .split(' ')
        .nth(1)
        .unwrap()
        .to_owned();
    let body = match path.as_str() {
        DISCOVERY => {
            format!(
                r#"{{"issuer":"{issuer}","token_endpoint":"{issuer}/token","jwks_uri":"{issuer}{JWKS}"}}"#
            )
        }
        _ => r#"{"keys":[]}"#.to_owned(),
    };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    path
}

fn http() -> Http {
    let network = Network {
        ca_file: None,
        timeout: Duration::from_secs(5),
    };
    let log = Log {
        detail: Detail::Nothing,
        write: |_| {},
    };
    let stdout = Screen {
        terminal: false,
        width: None,
    };
    let surroundings = Surroundings {
        variables: &|_| None,
        may_ask: false,
        stdout,
        write: &|_| Ok(()),
        clock: || NOW,
        log,
        note: &|_| (),
        keep_recovery_code: &|_| {},
    };
    Http::new(&network, &surroundings).unwrap()
}

#[test]
fn a_warm_cache_needs_no_request_until_an_hour_has_passed() {
    let (issuer, folder) = (Issuer::start(), tempfile::tempdir().unwrap());
    assert!(!issuer.keys(&folder, NOW, Freshness::Kept).kept);
    assert_eq!(issuer.asked(), [DISCOVERY, JWKS]);
    assert!(issuer.keys(&folder, NOW + 3599, Freshness::Kept).kept);
    assert_eq!(issuer.asked(), Vec::<String>::new());
    assert!(!issuer.keys(&folder, NOW + 3600, Freshness::Kept).kept);
    assert_eq!(issuer.asked(), [DISCOVERY, JWKS]);
}

#[test]
fn keys_are_good_for_what_is_left_of_their_time() {
    let (issuer, folder) = (Issuer::start(), tempfile::tempdir().unwrap());
    assert_eq!(issuer.keys(&folder, NOW, Freshness::Kept).life, 3600);
    assert_eq!(issuer.keys(&folder, NOW + 3000, Freshness::Kept).life, 600);
    assert_eq!(
        keys_for_issuer(&http(), &Cache::none(), &issuer.url, Freshness::Kept)
            .unwrap()
            .life,
        3600
    );
}

#[test]
fn keys_that_must_be_fresh_take_one_request() {
    let (issuer, folder) = (Issuer::start(), tempfile::tempdir().unwrap());
    issuer.keys(&folder, NOW, Freshness::Kept);
    issuer.asked();
    assert!(!issuer.keys(&folder, NOW + 1, Freshness::Fetched).kept);
    assert_eq!(issuer.asked(), [JWKS]);
    assert!(
        issuer.keys(&folder, NOW + 2, Freshness::Kept).kept,
        "what was fetched is kept in turn"
    );
}

#[test]
fn without_a_cache_every_run_asks() {
    let issuer = Issuer::start();
    for _ in 0..2 {
        let keys = keys_for_issuer(&http(), &Cache::none(), &issuer.url, Freshness::Kept).unwrap();
        assert!(!keys.kept);
        assert_eq!(issuer.asked(), [DISCOVERY, JWKS]);
    }
}

#[test]
fn a_kept_document_that_is_no_key_set_is_fetched_again() {
    let (issuer, folder) = (Issuer::start(), tempfile::tempdir().unwrap());
    let url = format!("{}{JWKS}", issuer.url).parse().unwrap();
    let keys = |now| {
        keys_at_url(
            &http(),
            &Cache::at(folder.path(), now),
            &url,
            Freshness::Kept,
        )
        .unwrap()
    };
    keys(NOW);
    for file in fs::read_dir(folder.path().join("padlock"))
        .unwrap()
        .flatten()
    {
        let text = fs::read_to_string(file.path()).unwrap();
        fs::write(file.path(), text.replace("keys\":[", "keys\":7")).unwrap();
    }
    assert!(!keys(NOW).kept);
    assert!(keys(NOW).kept, "and replaced");
    assert_eq!(issuer.asked(), [JWKS, JWKS]);
}

#[test]
fn keys_of_one_issuer_never_serve_for_another() {
    let (one, folder) = (Issuer::start(), tempfile::tempdir().unwrap());
    one.keys(&folder, NOW, Freshness::Kept);
    let url = format!("{}{JWKS}", one.url).parse().unwrap();
    one.asked();
    let keys = keys_at_url(
        &http(),
        &Cache::at(folder.path(), NOW),
        &url,
        Freshness::Kept,
    )
    .unwrap();
    assert!(!keys.kept, "the same address, but nobody's in particular");
    assert_eq!(one.asked(), [JWKS]);
}
