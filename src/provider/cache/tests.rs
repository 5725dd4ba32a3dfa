//! What is cached, for how long, and which files are ignored.

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

fn key(url: &Url) -> CacheKey<'_> {
    CacheKey {
        url,
        issuer: ISSUER,
        roots: "",
    }
}

/// A folder in which the document was cached at `NOW`, and its file.
fn cached(pairs: &[(&'static str, &'static str)]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    at(&folder, NOW).put(key(&url()), &headers(pairs), DOCUMENT);
    let file = key(&url()).file_name();
    let path = folder.path().join("padlock").join(file);
    (folder, path)
}

fn found(folder: &TempDir, now: i64) -> bool {
    let found = at(folder, now).get(key(&url()));
    found.is_some_and(|(document, _)| document == DOCUMENT)
}

#[test]
fn a_document_is_cached_for_as_long_as_the_issuer_says_and_at_most_a_day() {
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
        let (folder, _) = cached(pairs);
        assert_eq!(
            (found(&folder, NOW + age - 1), found(&folder, NOW + age)),
            (age > 0, false),
            "{pairs:?}"
        );
    }
}

#[test]
fn a_document_may_be_used_for_what_is_left_of_its_max_age() {
    let (folder, _) = cached(&[]);
    let (_, seconds) = at(&folder, NOW + 3000).get(key(&url())).unwrap();
    assert_eq!(seconds, 600);
    let uncached = Cache::none().put(key(&url()), &headers(&[]), DOCUMENT);
    assert_eq!(uncached, 3600, "in this run, without a cache too");
}

#[test]
fn a_response_that_must_not_be_stored_removes_the_previous_one() {
    let (folder, file) = cached(&[]);
    let no_store = headers(&[("cache-control", "no-store")]);
    at(&folder, NOW).put(key(&url()), &no_store, b"");
    assert!(!file.exists());
}

#[test]
fn other_users_cannot_read_the_files() {
    let (_folder, file) = cached(&[]);
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
    assert_eq!(
        fs::read_dir(file.parent().unwrap()).unwrap().count(),
        1,
        "no temporary file is left"
    );
}

#[test]
fn a_document_of_another_issuer_url_or_root_is_not_used() {
    let (folder, file) = cached(&[]);
    let other: Url = "https://other.test/.well-known/jwks.json".parse().unwrap();
    let url = url();
    for changed in [
        CacheKey {
            issuer: Some("https://other.test/"),
            ..key(&url)
        },
        CacheKey {
            issuer: None,
            ..key(&url)
        },
        key(&other),
        CacheKey {
            roots: "another authority",
            ..key(&url)
        },
    ] {
        fs::copy(&file, file.with_file_name(changed.file_name())).unwrap();
        assert_eq!(at(&folder, NOW).get(changed), None);
    }
}

#[test]
fn a_file_from_the_future_is_ignored() {
    let (folder, _) = cached(&[]);
    assert!(!found(&folder, NOW - 1));
}

#[test]
fn a_damaged_file_is_ignored_and_replaced() {
    for damage in ["", "{", "\n", "null\n{}", "{\"url\":1}\n{}", "\u{0}\u{1}"] {
        let (folder, file) = cached(&[]);
        fs::write(&file, damage).unwrap();
        assert!(!found(&folder, NOW), "{damage:?}");
        at(&folder, NOW).put(key(&url()), &HeaderMap::new(), DOCUMENT);
        assert!(found(&folder, NOW));
    }
}

#[test]
fn a_file_that_other_users_can_write_is_not_used() {
    for mode in [0o620, 0o602] {
        let (folder, file) = cached(&[]);
        fs::set_permissions(&file, PermissionsExt::from_mode(mode)).unwrap();
        assert!(!found(&folder, NOW));
    }
    let (folder, file) = cached(&[]);
    fs::set_permissions(file.parent().unwrap(), PermissionsExt::from_mode(0o777)).unwrap();
    assert!(!found(&folder, NOW));
}

#[test]
fn a_link_to_a_file_elsewhere_is_not_followed() {
    let (folder, file) = cached(&[]);
    let elsewhere = folder.path().join("elsewhere");
    fs::rename(&file, &elsewhere).unwrap();
    symlink(&elsewhere, &file).unwrap();
    assert!(!found(&folder, NOW));
}
