//! Which certificates are trusted to begin a chain: the system's, read once, or those that the environment names.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use memchr::memchr_iter;
use rustls::pki_types::CertificateDer;

use crate::config::Variables;
use crate::text;

pub(super) type Certificates = Vec<CertificateDer<'static>>;

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
const END: &[u8] = b"-----END CERTIFICATE-----";

/// Where the environment says that trusted certificates are (`SSL_CERT_FILE`, `SSL_CERT_DIR`).
#[derive(Clone, Debug)]
pub(super) struct Places {
    file: Option<PathBuf>,
    folders: Vec<PathBuf>,
}

/// Why the certificates could not be had.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{path}: {problem}")]
pub(super) struct Unusable {
    pub(super) path: String,
    pub(super) problem: String,
}

impl Places {
    pub(super) fn from(variables: Variables<'_>) -> Self {
        let value = |name| variables(name).filter(|value| !value.is_empty());
        let folders = value("SSL_CERT_DIR").map(|folders| std::env::split_paths(&folders).collect());
        Self { file: value("SSL_CERT_FILE").map(PathBuf::from), folders: folders.unwrap_or_default() }
    }

    /// Whether the operating system checks certificates itself, and nothing else was asked for.
    pub(super) fn are_the_platforms(&self) -> bool {
        let checks = cfg!(any(windows, target_vendor = "apple", target_os = "android"));
        checks && self.file.is_none() && self.folders.is_empty()
    }

    /// What is looked at first: the file that is named, else the system's bundle unless only folders are named.
    pub(super) fn first(&self) -> Result<Certificates, Unusable> {
        if let Some(path) = &self.file {
            return read(path);
        }
        if !self.folders.is_empty() {
            return Ok(Vec::new());
        }
        openssl_probe::probe().cert_file.map_or(Ok(Vec::new()), |path| read(&path))
    }

    /// What is looked at where the first does not lead to a root: the folders that are named, else the system's folder
    /// if it has no bundle. (On Debian the folder holds what the bundle holds, in 144 files.)
    pub(super) fn second(&self) -> Certificates {
        if !self.folders.is_empty() {
            return self.folders.iter().flat_map(|path| read_folder(path)).collect();
        }
        let found = openssl_probe::probe();
        if self.file.is_some() || found.cert_file.is_some() {
            return Vec::new();
        }
        found.cert_dir.iter().flat_map(|path| read_folder(path)).collect()
    }
}

fn read(path: &Path) -> Result<Certificates, Unusable> {
    let unusable = |problem: String| Unusable { path: text::path(path), problem };
    let pem = fs::read(path).map_err(|error| unusable(error.to_string()))?;
    from_pem(&pem).map_err(|problem| unusable(problem.to_owned()))
}

/// Every certificate in the files of a folder; what cannot be read is no root. The same certificate often lies there
/// under two names.
fn read_folder(path: &Path) -> Certificates {
    let files = fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut certificates: Certificates = files.filter_map(|path| read(&path).ok()).flatten().collect();
    certificates.sort_by(|one, other| one.as_ref().cmp(other.as_ref()));
    certificates.dedup();
    certificates
}

/// The certificates in a file of PEM blocks (RFC 7468); everything else in it is passed over.
///
/// Certificates are public, so that a decoder will do that takes its time from its input: it is ten times as fast.
pub(super) fn from_pem(pem: &[u8]) -> Result<Certificates, &'static str> {
    let mut certificates = Vec::new();
    let mut base64: Option<Vec<u8>> = None;
    let mut start = 0;
    for end in memchr_iter(b'\n', pem).chain([pem.len()]) {
        let line = pem[start..end].trim_ascii();
        start = end + 1;
        match &mut base64 {
            None if line == BEGIN => base64 = Some(Vec::with_capacity(4096)),
            None => {}
            Some(block) if line == END => {
                let der = STANDARD.decode(block).map_err(|_| "a certificate in it is not base64")?;
                certificates.push(der.into());
                base64 = None;
            }
            Some(block) => block.extend_from_slice(line),
        }
    }
    if base64.is_some() { Err("a certificate in it has no end") } else { Ok(certificates) }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    fn pem(content: &[u8]) -> String {
        let (begin, end) = (String::from_utf8_lossy(BEGIN), String::from_utf8_lossy(END));
        format!("{begin}\n{}\n{end}\n", STANDARD.encode(content))
    }

    fn places(file: Option<&Path>, folder: Option<&Path>) -> Places {
        let value = |path: Option<&Path>| path.map(OsString::from);
        Places::from(&|name| if name == "SSL_CERT_FILE" { value(file) } else { value(folder) })
    }

    #[test]
    fn certificates_are_found_among_other_text() {
        let text = format!("# A root\r\n{}junk\n{}", pem(b"one").replace('\n', "\r\n"), pem(b"two"));
        let found = from_pem(text.as_bytes()).unwrap();
        assert_eq!(found.iter().map(AsRef::as_ref).collect::<Vec<&[u8]>>(), [b"one", b"two"]);
        assert!(from_pem(b"no certificate").unwrap().is_empty());
        assert!(from_pem(BEGIN).is_err());
        assert!(from_pem(&[BEGIN, b"\n*\n", END].concat()).is_err());
    }

    #[test]
    fn a_file_that_is_named_stands_in_for_the_system_and_must_be_there() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), pem(b"one")).unwrap();
        let named = places(Some(file.path()), None);
        assert_eq!((named.first().unwrap().len(), named.second().len()), (1, 0));
        let missing = places(Some(Path::new("/nowhere.pem")), None).first().unwrap_err();
        assert!(missing.to_string().starts_with("/nowhere.pem: "), "{missing}");
    }

    #[test]
    fn a_folder_that_is_named_is_looked_at_second_and_each_certificate_counts_once() {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in [("a.pem", pem(b"one")), ("1234.0", pem(b"one")), ("b.pem", "no".into())] {
            fs::write(folder.path().join(name), content).unwrap();
        }
        let named = places(None, Some(folder.path()));
        assert_eq!((named.first().unwrap().len(), named.second().len()), (0, 1));
    }
}
