//! What is kept, for how long, and which files are passed over.

#![cfg(unix)]

use std::os::unix::fs::{PermissionsExt, symlink};

use reqwest::header::{HeaderName, HeaderValue};
use tempfile::TempDir;

use super::*;

const NOW: i64 = 1_767_225_600;
const DOCUMENT: &[u8] = b"{\"keys\":[]}\n";
const ISSUER: Option<&str> = Some("https://acme.test/");

fn url() -> Url {
    "https://acme.test/.well-known/jwks.json".parse().unwrap()
}

fn at(folder: &TempDir, now: i64) -> Cache {
    Cache::at(folder.path(), now)
}

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        })
        .collect()
}

/// A folder in which the document was kept at `NOW`, and its file.
fn kept(pairs: &[(&'static str, &'static str)]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let entry = Entry {
        url: &url(),
        issuer: ISSUER,
        roots: "",
    };
    at(&folder, NOW).keep(entry, &headers(pairs), DOCUMENT);
    let file = folder.path().join("padlock").join(entry.file_name());
    (folder, file)
}

fn found(folder: &TempDir, now: i64) -> bool {
    at(folder, now)
        .find(Entry {
            url: &url(),
            issuer: ISSUER,
            roots: "",
        })
        .is_some_and(|(document, _)| document == DOCUMENT)
}

#[test]
fn a_document_is_kept_as_long_as_the_issuer_says_and_a_day_at_most() {
    let cases: [(&[(&str, &str)], i64); 10] = [
        (&[], 3600),
        (&[("cache-control", "max-age=15")], 15),
        (
            &[(
                "cache-control",
                "public, Max-Age=15, stale-while-revalidate=15",
            )],
            15,
        ),
        (
            &[("cache-control", "public"), ("cache-control", "max-age=20")],
            20,
        ),
        (&[("cache-control", "max-age=20"), ("age", "5")], 15),
        (&[("cache-control", "max-age=20, no-store")], 0),
        (&[("cache-control", "no-cache")], 0),
        (&[("cache-control", "max-age=0")], 0),
        (&[("cache-control", "max-age=nonsense")], 0),
        (&[("cache-control", "max-age=99999999")], 86_400),
    ];
    for (pairs, age) in cases {
        let (folder, _) = kept(pairs);
        assert_eq!(
            (found(&folder, NOW + age - 1), found(&folder, NOW + age)),
            (age > 0, false),
            "{pairs:?}"
        );
    }
}

#[test]
fn an_answer_that_must_not_be_kept_takes_away_the_one_before() {
    let (folder, file) = kept(&[]);
    at(&folder, NOW).keep(
        Entry {
            url: &url(),
            issuer: ISSUER,
            roots: "",
        },
        &headers(&[("cache-control", "no-store")]),
        b"",
    );
    assert!(!file.exists());
}

#[test]
fn nobody_else_can_read_the_files() {
    let (_folder, file) = kept(&[]);
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
    assert_eq!(
        fs::read_dir(file.parent().unwrap()).unwrap().count(),
        1,
        "nothing is left beside it"
    );
}

#[test]
fn what_belongs_to_another_issuer_or_address_is_not_believed() {
    let (folder, file) = kept(&[]);
    let other: Url = "https://other.test/.well-known/jwks.json".parse().unwrap();
    for entry in [
        Entry {
            url: &url(),
            issuer: Some("https://other.test/"),
            roots: "",
        },
        Entry {
            url: &other,
            issuer: ISSUER,
            roots: "",
        },
        Entry {
            url: &url(),
            issuer: ISSUER,
            roots: "another authority",
        },
    ] {
        fs::copy(&file, file.with_file_name(entry.file_name())).unwrap();
        assert_eq!(at(&folder, NOW).find(entry), None);
    }
}

#[test]
fn a_file_from_the_future_is_passed_over() {
    let (folder, _) = kept(&[]);
    assert!(!found(&folder, NOW - 1));
}

#[test]
fn a_damaged_file_is_passed_over_and_replaced() {
    for damage in ["", "{", "\n", "null\n{}", "{\"url\":1}\n{}", "\u{0}\u{1}"] {
        let (folder, file) = kept(&[]);
        fs::write(&file, damage).unwrap();
        assert!(!found(&folder, NOW), "{damage:?}");
        at(&folder, NOW).keep(
            Entry {
                url: &url(),
                issuer: ISSUER,
                roots: "",
            },
            &HeaderMap::new(),
            DOCUMENT,
        );
        assert!(found(&folder, NOW));
    }
}

#[test]
fn what_others_can_write_is_not_believed() {
    for mode in [0o620, 0o602] {
        let (folder, file) = kept(&[]);
        fs::set_permissions(&file, PermissionsExt::from_mode(mode)).unwrap();
        assert!(!found(&folder, NOW));
    }
    let (folder, file) = kept(&[]);
    fs::set_permissions(file.parent().unwrap(), PermissionsExt::from_mode(0o777)).unwrap();
    assert!(!found(&folder, NOW));
}

#[test]
fn a_link_to_a_file_elsewhere_is_not_followed() {
    let (folder, file) = kept(&[]);
    let elsewhere = folder.path().join("elsewhere");
    fs::rename(&file, &elsewhere).unwrap();
    symlink(&elsewhere, &file).unwrap();
    assert!(!found(&folder, NOW));
}
