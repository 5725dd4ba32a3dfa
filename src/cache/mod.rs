//! What is kept on disk between runs: public documents of an issuer, each for as long as the issuer allows.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::header::HeaderMap;
use serde::{Deserialize, Serialize};
use url::Url;

/// Seconds that a document is kept where the issuer does not say.
const USUAL_AGE: i64 = 3600;

/// Seconds after which every document is fetched again, whatever the issuer says.
const LONGEST_AGE: i64 = 86_400;

/// Bytes of the largest file that is read: the longest answer, and room for what stands before it.
const LIMIT: u64 = (1 << 20) + (8 << 10);

/// A folder of the user's own, or nothing where there is none or none is wanted.
///
/// Whatever goes wrong with it costs a request and no more: a file that is damaged, from the future, or that somebody
/// else could have written is passed over, and replaced after the next fetch.
#[derive(Clone, Debug)]
pub(crate) struct Cache {
    folder: Option<PathBuf>,
    now: i64,
}

/// A document, to be kept and found again. The issuer is part of its name: what one issuer's address gave never serves
/// for another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    /// Where it is fetched from.
    pub(crate) url: &'a Url,
    /// Whose it is; `None` for a key set that was named by its address alone.
    pub(crate) issuer: Option<&'a str>,
    /// Whose certificates are trusted besides the system's, or empty: what came by their word serves nobody without it.
    pub(crate) roots: &'a str,
}

/// The first line of a file; the document follows it, byte for byte.
#[derive(Deserialize, Serialize)]
struct Head {
    url: String,
    issuer: Option<String>,
    roots: String,
    /// Seconds since 1970.
    fetched_at: i64,
    /// Seconds.
    max_age: i64,
}

impl Cache {
    /// The user's cache folder, at the time `now` in seconds since 1970.
    pub(crate) fn open(now: i64) -> Self {
        let folders = directories::ProjectDirs::from("", "", "padlock");
        Self {
            folder: folders.map(|folders| folders.cache_dir().to_owned()),
            now,
        }
    }

    /// A folder of the caller's choice.
    #[cfg(test)]
    pub(crate) fn at(folder: &Path, now: i64) -> Self {
        Self {
            folder: Some(folder.join("padlock")),
            now,
        }
    }

    /// Keeps nothing and finds nothing.
    pub(crate) fn none() -> Self {
        Self {
            folder: None,
            now: 0,
        }
    }

    /// A document that is there and may still be used, and for how many seconds.
    pub(crate) fn find(&self, entry: Entry<'_>) -> Option<(Vec<u8>, i64)> {
        let path = self.folder.as_ref()?.join(entry.file_name());
        let mut text = Vec::new();
        let file = own_file(&path)?;
        file.take(LIMIT).read_to_end(&mut text).ok()?;
        let end = text.iter().position(|byte| *byte == b'\n')?;
        let head: Head = serde_json::from_slice(&text[..end]).ok()?;
        let is_it = head.url == entry.url.as_str()
            && head.issuer.as_deref() == entry.issuer
            && head.roots == entry.roots;
        let age = self.now.checked_sub(head.fetched_at)?;
        let max_age = head.max_age.min(LONGEST_AGE);
        (is_it && (0..max_age).contains(&age)).then(|| (text.split_off(end + 1), max_age - age))
    }

    /// Keeps a document as its answer's headers allow, in the place of the one before. The seconds for which they allow it
    /// come back, whether it could be kept or not; 0 or less: not at all.
    pub(crate) fn keep(&self, entry: Entry<'_>, headers: &HeaderMap, document: &[u8]) -> i64 {
        let max_age = max_age(headers);
        if let Some(folder) = &self.folder {
            self.write(folder, entry, max_age, document);
        }
        max_age
    }

    fn write(&self, folder: &Path, entry: Entry<'_>, max_age: i64, document: &[u8]) {
        let path = folder.join(entry.file_name());
        if max_age <= 0 {
            drop(fs::remove_file(path));
            return;
        }
        let head = Head {
            url: entry.url.to_string(),
            issuer: entry.issuer.map(str::to_owned),
            roots: entry.roots.to_owned(),
            fetched_at: self.now,
            max_age,
        };
        let Ok(head) = serde_json::to_vec(&head) else {
            return;
        };
        if own_folder(folder) {
            drop(replace(&path, &[head.as_slice(), b"\n", document].concat()));
        }
    }
}

impl Entry<'_> {
    /// No part of an address or an issuer can lead out of the folder.
    fn file_name(&self) -> String {
        let name = format!(
            "{}\n{}\n{}",
            self.issuer.unwrap_or_default(),
            self.url,
            self.roots
        );
        URL_SAFE_NO_PAD.encode(digest(&SHA256, name.as_bytes())) + ".json"
    }
}

/// Seconds for which an answer may be kept (RFC 9111 §5.2.2, without what concerns shared caches).
fn max_age(headers: &HeaderMap) -> i64 {
    let values = headers
        .get_all("cache-control")
        .iter()
        .filter_map(|value| value.to_str().ok());
    let directives: Vec<String> = values
        .flat_map(|value| value.split(','))
        .map(|text| text.trim().to_ascii_lowercase())
        .collect();
    if directives
        .iter()
        .any(|text| text == "no-store" || text.starts_with("no-cache"))
    {
        return 0;
    }
    let said = directives
        .iter()
        .find_map(|text| text.strip_prefix("max-age="));
    let said = said.map(|seconds| seconds.trim_matches('"').parse().unwrap_or(0));
    let age = headers
        .get("age")
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .unwrap_or(0);
    said.map_or(USUAL_AGE, |seconds: i64| seconds.saturating_sub(age))
        .min(LONGEST_AGE)
}

/// Written aside and put in place at once: nobody ever reads half a file.
fn replace(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let aside = path.with_extension(std::process::id().to_string());
    let written = create(&aside)
        .and_then(|mut file| file.write_all(content))
        .and_then(|()| fs::rename(&aside, path));
    written.inspect_err(|_| drop(fs::remove_file(&aside)))
}

#[cfg(unix)]
fn create(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    // What an earlier process of this number left behind.
    drop(fs::remove_file(path));
    File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

/// Opens a file that is the user's, and that nobody else can write.
#[cfg(unix)]
fn own_file(path: &Path) -> Option<File> {
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

/// Makes the folder, for the user alone; says whether it is the user's.
#[cfg(unix)]
fn own_folder(path: &Path) -> bool {
    use std::os::unix::fs::DirBuilderExt;
    let made = fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path);
    made.and_then(|()| File::open(path))
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
fn own_file(path: &Path) -> Option<File> {
    File::open(path).ok()
}

#[cfg(not(unix))]
fn own_folder(path: &Path) -> bool {
    fs::create_dir_all(path).is_ok()
}

#[cfg(test)]
mod tests;
