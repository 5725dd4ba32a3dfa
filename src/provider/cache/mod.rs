//! Issuers' public documents on disk, each for as long as the issuer allows.

mod files;
mod max_age;
mod lock;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::header::HeaderMap;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::folders;
use crate::http::Http;
use files::{create_own_folder, open_own, replace};
pub(super) use lock::{FetchLock, FetchRecord, Lock};

/// Bytes of the largest file that is read: the longest response, and its header line.
const MAX_FILE: u64 = (1 << 20) + (8 << 10);

/// The user's cache folder; none if there is no such folder.
///
/// An error costs one request and no more: a file that is damaged, from the future, or writable by
/// other users is ignored, and replaced after the next fetch.
#[derive(Clone, Debug)]
pub(super) struct Cache {
    folder: Option<PathBuf>,
    now: i64,
    /// Whether nothing is read or stored. A stored document that turns out to be outdated is removed.
    is_bypassed: bool,
}

/// Identifies a document. One issuer's document is never used for another issuer, nor one that was
/// fetched under other roots.
#[derive(Clone, Copy, Debug)]
pub(super) struct CacheKey<'a> {
    /// Where it is fetched from.
    pub(super) url: &'a Url,
    /// `None` for a key set that is configured by its URL alone.
    pub(super) issuer: Option<&'a str>,
    /// The fingerprint of the roots trusted; empty if there are none.
    pub(super) roots: &'a str,
}

/// A document that may still be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CachedDocument {
    pub(super) document: Vec<u8>,
    /// Seconds since 1970.
    pub(super) fetched_at: i64,
    /// For how many seconds.
    pub(super) max_age: i64,
}

/// The first line of a file; the document follows it, byte for byte.
#[derive(Deserialize, Serialize)]
struct FileHeader {
    url: String,
    issuer: Option<String>,
    roots: String,
    /// Seconds since 1970.
    fetched_at: i64,
    /// Seconds.
    max_age: i64,
}

impl Cache {
    /// The user's cache folder; `now` in seconds since 1970.
    pub(super) fn open(now: i64) -> Self {
        Self {
            folder: folders::cache(),
            now,
            is_bypassed: false,
        }
    }

    /// The same folder, from which nothing is read.
    pub(super) fn bypassed(now: i64) -> Self {
        Self {
            is_bypassed: true,
            ..Self::open(now)
        }
    }

    /// A cache in another folder.
    #[cfg(test)]
    pub(super) fn at(folder: &Path, now: i64) -> Self {
        Self {
            folder: Some(folder.join("padlock")),
            now,
            is_bypassed: false,
        }
    }

    /// A document that may still be used.
    pub(super) fn get(&self, key: CacheKey<'_>) -> Option<CachedDocument> {
        if self.is_bypassed {
            return None;
        }
        let (header, document) = self.read(key)?;
        let age = self.now.checked_sub(header.fetched_at)?;
        let max_age = header.max_age.min(max_age::LONGEST);
        (0..max_age).contains(&age).then(|| CachedDocument {
            document,
            fetched_at: header.fetched_at,
            max_age: max_age - age,
        })
    }

    /// Stores a document as the response's headers allow, or removes the previous one if they do
    /// not. Returns for how many seconds the document may be used: not at all if 0 or less.
    pub(super) fn put(&self, key: CacheKey<'_>, headers: &HeaderMap, document: &[u8]) -> i64 {
        let max_age = self.allowed(headers);
        self.store(key, max_age, document);
        max_age
    }

    /// For how many seconds a response's headers allow to keep it: not at all if 0 or less.
    pub(super) fn allowed(&self, headers: &HeaderMap) -> i64 {
        max_age::max_age(headers, self.now)
    }

    /// Stores a document for that many seconds, or removes the previous one if that is 0 or less.
    pub(super) fn store(&self, key: CacheKey<'_>, max_age: i64, document: &[u8]) {
        let Some(folder) = &self.folder else {
            return;
        };
        let is_outdated = || self.read(key).is_some_and(|(_, known)| known != document);
        if !self.is_bypassed && max_age > 0 {
            self.write(folder, key, max_age, document);
        } else if !self.is_bypassed || is_outdated() {
            drop(fs::remove_file(folder.join(key.file_name())));
        }
    }

    /// Locks what the key stands for, and waits for that as long as `patience` allows.
    pub(super) fn lock(&self, key: CacheKey<'_>, patience: Duration) -> Lock {
        let folder = self.folder.as_ref().filter(|_| !self.is_bypassed);
        match folder.filter(|folder| create_own_folder(folder)) {
            Some(folder) => {
                let path = folder.join(key.file_name()).with_extension("lock");
                lock::lock(&path, self.now, patience)
            }
            None => Lock::Impossible,
        }
    }

    /// The header and the document of the key's own file, however old.
    fn read(&self, key: CacheKey<'_>) -> Option<(FileHeader, Vec<u8>)> {
        let path = self.folder.as_ref()?.join(key.file_name());
        let mut content = Vec::new();
        let file = open_own(&path)?;
        file.take(MAX_FILE).read_to_end(&mut content).ok()?;
        let end = content.iter().position(|byte| *byte == b'\n')?;
        let header: FileHeader = serde_json::from_slice(&content[..end]).ok()?;
        let is_same = header.url == key.url.as_str()
            && header.issuer.as_deref() == key.issuer
            && header.roots == key.roots;
        is_same.then(|| (header, content.split_off(end + 1)))
    }

    fn write(&self, folder: &Path, key: CacheKey<'_>, max_age: i64, document: &[u8]) {
        let header = FileHeader {
            url: key.url.to_string(),
            issuer: key.issuer.map(str::to_owned),
            roots: key.roots.to_owned(),
            fetched_at: self.now,
            max_age,
        };
        let Ok(header) = serde_json::to_vec(&header) else {
            return;
        };
        if create_own_folder(folder) {
            let path = folder.join(key.file_name());
            drop(replace(&path, &[&*header, b"\n", document].concat()));
        }
    }
}

impl<'a> CacheKey<'a> {
    /// Of a document that `http` fetches. Plain HTTP, which is for this machine alone, does not
    /// depend on roots.
    pub(super) fn new(http: &'a Http, url: &'a Url, issuer: Option<&'a str>) -> Self {
        let needs_roots = url.scheme() != "http";
        Self {
            url,
            issuer,
            roots: if needs_roots {
                http.roots_fingerprint()
            } else {
                ""
            },
        }
    }

    /// A digest, since a URL or an issuer could lead out of the folder.
    fn file_name(&self) -> String {
        let issuer = self.issuer.unwrap_or_default();
        let name = format!("{issuer}\n{}\n{}", self.url, self.roots);
        URL_SAFE_NO_PAD.encode(digest(&SHA256, name.as_bytes())) + ".json"
    }
}

#[cfg(test)]
mod tests;
