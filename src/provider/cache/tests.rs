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
    found.is_some_and(|found| found.document == DOCUMENT)
}

#[test]
fn a_document_is_cached_for_as_long_as_the_issuer_says() {
    for (value, age) in [
        ("max-age=15", 15),
        ("no-store", 0),
        ("max-age=99999999", 86_400),
    ] {
        let (folder, _) = cached(&[("cache-control", value)]);
        assert_eq!(
            (found(&folder, NOW + age - 1), found(&folder, NOW + age)),
            (age > 0, false),
            "{value}"
        );
    }
}

#[test]
fn a_bypassed_cache_only_removes_what_is_outdated() {
    let (folder, file) = cached(&[]);
    let bypassed = Cache {
        is_bypassed: true,
        ..at(&folder, NOW)
    };
    assert_eq!(bypassed.get(key(&url())), None);
    bypassed.put(key(&url()), &headers(&[]), DOCUMENT);
    assert!(found(&folder, NOW), "it is still what the issuer publishes");
    bypassed.put(key(&url()), &headers(&[]), b"{}");
    assert!(!file.exists());
}

#[test]
fn one_process_fetches_at_a_time_and_the_next_learns_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let lock = |now| at(&folder, now).lock(key(&url()), Duration::ZERO);
    let Lock::Held(mut first) = lock(NOW) else {
        panic!("it is free");
    };
    assert!(matches!(lock(NOW), Lock::Busy));
    assert_eq!(first.fetched_within(60, NOW), None);
    let record = FetchRecord {
        fetched_at: NOW,
        for_token: true,
        failed: true,
    };
    assert!(first.write(record));
    drop(first);
    for (now, expected) in [
        (NOW, Some(record)),
        (NOW + 59, Some(record)),
        (NOW + 60, None),
        (NOW - 1, None),
        (i64::MAX, None),
        (i64::MIN, None),
    ] {
        let Lock::Held(mut lock) = lock(now) else {
            panic!("it is free again");
        };
        assert_eq!(lock.fetched_within(60, now), expected, "{now}");
    }
    assert!(matches!(
        Cache {
            folder: None,
            ..at(&folder, NOW)
        }
        .lock(key(&url()), Duration::ZERO),
        Lock::Impossible
    ));
}

#[test]
fn a_document_may_be_used_for_what_is_left_of_its_max_age() {
    let (folder, _) = cached(&[]);
    let found = at(&folder, NOW + 3000).get(key(&url())).unwrap();
    assert_eq!((found.max_age, found.fetched_at), (600, NOW));
    let none = Cache {
        folder: None,
        ..at(&folder, NOW)
    };
    let uncached = none.put(key(&url()), &headers(&[]), DOCUMENT);
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
