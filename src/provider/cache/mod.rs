//! Issuers' public documents on disk, each for as long as the issuer allows.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::header::HeaderMap;
use serde::{Deserialize, Serialize};
use url::Url;

/// Seconds for which a document is cached if the issuer does not say.
const DEFAULT_MAX_AGE: i64 = 3600;

/// Seconds after which a document is fetched again, whatever the issuer says.
const LONGEST_MAX_AGE: i64 = 86_400;

/// Bytes of the largest file that is read: the longest response, and its header line.
const MAX_FILE: u64 = (1 << 20) + (8 << 10);

/// The user's cache folder; none if there is no such folder, or with `--no-cache`.
///
/// An error costs one request and no more: a file that is damaged, from the future, or writable by
/// other users is ignored, and replaced after the next fetch.
#[derive(Clone, Debug)]
pub(super) struct Cache {
    folder: Option<PathBuf>,
    now: i64,
}

/// Identifies a document. One issuer's document is never used for another issuer, nor one fetched
/// with extra root certificates without them.
#[derive(Clone, Copy, Debug)]
pub(super) struct CacheKey<'a> {
    /// Where it is fetched from.
    pub(super) url: &'a Url,
    /// `None` for a key set that is configured by its URL alone.
    pub(super) issuer: Option<&'a str>,
    /// The fingerprint of the roots trusted besides the system's; empty if there are none.
    pub(super) roots: &'a str,
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
        let folders = directories::ProjectDirs::from("", "", "padlock");
        Self {
            folder: folders.map(|folders| folders.cache_dir().to_owned()),
            now,
        }
    }

    /// A cache in another folder.
    #[cfg(test)]
    pub(super) fn at(folder: &Path, now: i64) -> Self {
        Self {
            folder: Some(folder.join("padlock")),
            now,
        }
    }

    /// A cache that stores nothing.
    pub(super) fn none() -> Self {
        Self {
            folder: None,
            now: 0,
        }
    }

    /// A document that may still be used, and for how many seconds.
    pub(super) fn get(&self, key: CacheKey<'_>) -> Option<(Vec<u8>, i64)> {
        let path = self.folder.as_ref()?.join(key.file_name());
        let mut content = Vec::new();
        let file = open_own_file(&path)?;
        file.take(MAX_FILE).read_to_end(&mut content).ok()?;
        let end = content.iter().position(|byte| *byte == b'\n')?;
        let header: FileHeader = serde_json::from_slice(&content[..end]).ok()?;
        let is_same = header.url == key.url.as_str()
            && header.issuer.as_deref() == key.issuer
            && header.roots == key.roots;
        let age = self.now.checked_sub(header.fetched_at)?;
        let max_age = header.max_age.min(LONGEST_MAX_AGE);
        let is_fresh = (0..max_age).contains(&age);
        (is_same && is_fresh).then(|| (content.split_off(end + 1), max_age - age))
    }

    /// Stores a document as the response's headers allow, or removes the previous one if they do
    /// not. Returns for how many seconds the document may be used: not at all if 0 or less.
    pub(super) fn put(&self, key: CacheKey<'_>, headers: &HeaderMap, document: &[u8]) -> i64 {
        let max_age = max_age(headers);
        if let Some(folder) = &self.folder {
            self.write(folder, key, max_age, document);
        }
        max_age
    }

    fn write(&self, folder: &Path, key: CacheKey<'_>, max_age: i64, document: &[u8]) {
        let path = folder.join(key.file_name());
        if max_age <= 0 {
            drop(fs::remove_file(path));
            return;
        }
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
            drop(replace(&path, &[&*header, b"\n", document].concat()));
        }
    }
}

impl CacheKey<'_> {
    /// A digest, since a URL or an issuer could lead out of the folder.
    fn file_name(&self) -> String {
        let issuer = self.issuer.unwrap_or_default();
        let name = format!("{issuer}\n{}\n{}", self.url, self.roots);
        URL_SAFE_NO_PAD.encode(digest(&SHA256, name.as_bytes())) + ".json"
    }
}

/// Seconds for which a response may be cached (RFC 9111 §5.2.2, without the rules for shared
/// caches).
fn max_age(headers: &HeaderMap) -> i64 {
    let values = headers.get_all("cache-control").iter();
    let directives: Vec<String> = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|text| text.trim().to_ascii_lowercase())
        .collect();
    let forbids = |text: &String| text == "no-store" || text.starts_with("no-cache");
    if directives.iter().any(forbids) {
        return 0;
    }
    let max_age = directives
        .iter()
        .find_map(|text| text.strip_prefix("max-age="))
        .map(|seconds| seconds.trim_matches('"').parse().unwrap_or(0));
    let age = headers.get("age");
    let age = age.and_then(|value| value.to_str().ok()?.parse().ok());
    max_age
        .map_or(DEFAULT_MAX_AGE, |seconds: i64| {
            seconds.saturating_sub(age.unwrap_or(0))
        })
        .min(LONGEST_MAX_AGE)
}

/// Writes a temporary file and renames it, so that no reader sees half a file.
fn replace(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let temporary = path.with_extension(std::process::id().to_string());
    let written = create(&temporary)
        .and_then(|mut file| file.write_all(content))
        .and_then(|()| fs::rename(&temporary, path));
    written.inspect_err(|_| drop(fs::remove_file(&temporary)))
}

#[cfg(unix)]
fn create(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    // An earlier process with this ID may have left one.
    drop(fs::remove_file(path));
    File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

/// Opens a file, if it is the user's and no other user can write to it or its folder.
#[cfg(unix)]
fn open_own_file(path: &Path) -> Option<File> {
    let folder = File::open(path.parent()?).ok()?;
    let file = rustix::fs::open(
        path,
        rustix::fs::OFlags::RDONLY
            | rustix::fs::OFlags::NOFOLLOW
            | rustix::fs::OFlags::NONBLOCK
            | rustix::fs::OFlags::CLOEXEC,
        rustix::fs::Mode::empty(),
    )
    .ok()?;
    let file = File::from(file);
    (is_own(&folder) && is_own(&file) && file.metadata().is_ok_and(|found| found.is_file()))
        .then_some(file)
}

/// Creates the folder, for the user alone; false if it is not.
#[cfg(unix)]
fn create_own_folder(path: &Path) -> bool {
    use std::os::unix::fs::DirBuilderExt;
    let created = fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path);
    created
        .and_then(|()| File::open(path))
        .is_ok_and(|folder| is_own(&folder))
}

#[cfg(unix)]
fn is_own(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt;
    let user = rustix::process::geteuid().as_raw();
    file.metadata()
        .is_ok_and(|found| found.uid() == user && found.mode() & 0o022 == 0)
}

#[cfg(not(unix))]
fn create(path: &Path) -> std::io::Result<File> {
    File::create(path)
}

#[cfg(not(unix))]
fn open_own_file(path: &Path) -> Option<File> {
    File::open(path).ok()
}

#[cfg(not(unix))]
fn create_own_folder(path: &Path) -> bool {
    fs::create_dir_all(path).is_ok()
}

#[cfg(test)]
mod tests;
