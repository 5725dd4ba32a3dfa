//! The root certificates to trust: the system's, or those that the environment names.
//!
//! Reads PEM itself: a login waits for it, and rustls' `pem_file_iter` took 0.50 ms instead of
//! 0.16 ms for 144 certificates.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::mem;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use memchr::memchr;
use rustls::pki_types::CertificateDer;

use super::error::HttpError;
use crate::config::Variables;
use crate::escape;

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
const END: &[u8] = b"-----END CERTIFICATE-----";

/// In bytes; a usual bundle has a few hundred thousand.
pub(super) const MAX_FILE: usize = 64 << 20;

/// Where the environment says that root certificates are (`SSL_CERT_FILE`, `SSL_CERT_DIR`).
#[derive(Clone, Debug)]
pub(super) struct RootLocations {
    file: Option<PathBuf>,
    folders: Vec<PathBuf>,
}

/// Why root certificates could not be read.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{path}: {problem}")]
pub(super) struct UnusableRoots {
    pub(super) path: String,
    pub(super) problem: String,
}

impl From<UnusableRoots> for HttpError {
    fn from(UnusableRoots { path, problem }: UnusableRoots) -> Self {
        Self::CaFile { path, problem }
    }
}

impl RootLocations {
    pub(super) fn from(variables: Variables<'_>) -> Self {
        let value = |name| variables(name).filter(|value| !value.is_empty());
        let folders =
            value("SSL_CERT_DIR").map(|folders| std::env::split_paths(&folders).collect());
        Self {
            file: value("SSL_CERT_FILE").map(PathBuf::from),
            folders: folders.unwrap_or_default(),
        }
    }

    /// Whether the operating system verifies certificates, since the environment names no roots.
    pub(super) fn is_platform_verifier(&self) -> bool {
        let has_verifier = cfg!(any(windows, target_vendor = "apple", target_os = "android"));
        has_verifier && self.file.is_none() && self.folders.is_empty()
    }

    /// The roots to try first: from the file that is named, else from the system's bundle unless
    /// only folders are named.
    pub(super) fn primary(
        &self,
    ) -> impl Iterator<Item = Result<CertificateDer<'static>, UnusableRoots>> {
        let file = self.primary_file();
        file.into_iter().flat_map(|path| read_file(&path))
    }

    /// The file with the primary roots.
    pub(super) fn primary_file(&self) -> Option<PathBuf> {
        let bundle = || match self.folders[..] {
            [] => openssl_probe::probe().cert_file,
            _ => None,
        };
        self.file.clone().or_else(bundle)
    }

    /// The file and the folders that roots are read from.
    pub(super) fn places(&self) -> Vec<PathBuf> {
        if self.is_platform_verifier() {
            return Vec::new();
        }
        let file = self.primary_file().into_iter();
        file.chain(self.fallback_folders()).collect()
    }

    /// The roots to try if no chain ends in a primary one: from the folders that are named, else
    /// from the system's folder if it has no bundle. (Debian's folder has the same 144 certificates
    /// as its bundle, in as many files.)
    pub(super) fn fallback(&self) -> Vec<CertificateDer<'static>> {
        let folders = self.fallback_folders();
        folders.iter().flat_map(|path| read_folder(path)).collect()
    }

    fn fallback_folders(&self) -> Vec<PathBuf> {
        if !self.folders.is_empty() {
            return self.folders.clone();
        }
        let system = openssl_probe::probe();
        if self.file.is_some() || system.cert_file.is_some() {
            return Vec::new();
        }
        system.cert_dir
    }
}

/// The certificates in a PEM file (RFC 7468), up to the first error. Other text is ignored.
fn read_file(
    path: &Path,
) -> impl Iterator<Item = Result<CertificateDer<'static>, UnusableRoots>> + use<> {
    read(path, File::open(path))
}

/// The same of a file that is open.
pub(super) fn read<R: Read>(
    path: &Path,
    file: io::Result<R>,
) -> impl Iterator<Item = Result<CertificateDer<'static>, UnusableRoots>> + use<R> {
    let (error, certificates) = match file {
        Ok(file) => (
            None,
            Some(PemReader::new(BufReader::new(file.take(MAX_FILE as u64)))),
        ),
        Err(error) => (Some(Err(error)), None),
    };
    let path = escape::path(path);
    let unusable = move |error: io::Error| UnusableRoots {
        path: path.clone(),
        problem: error.to_string(),
    };
    let certificates = certificates.into_iter().flatten();
    let results = error.into_iter().chain(certificates);
    results.map(move |result| result.map_err(&unusable))
}

/// The certificates in the files of a folder, without those that cannot be read. Folders often have
/// the same certificate under two names.
fn read_folder(path: &Path) -> Vec<CertificateDer<'static>> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let mut certificates: Vec<_> = entries
        .flat_map(|entry| read_file(&entry.path()).map_while(Result::ok))
        .collect();
    certificates.sort_by(|one, other| one.as_ref().cmp(other.as_ref()));
    certificates.dedup();
    certificates
}

/// Iterates over the certificates of a PEM text, one in memory at a time.
///
/// Certificates are public, so a decoder will do that is not constant-time, and ten times as fast.
struct PemReader<R> {
    input: R,
    line: Vec<u8>,
    base64: Vec<u8>,
}

impl<R: BufRead> PemReader<R> {
    fn new(input: R) -> Self {
        Self {
            input,
            line: Vec::new(),
            base64: Vec::new(),
        }
    }

    /// Reads the next line, trimmed; `None` at the end. It is read where it is, if it is whole there:
    /// a usual bundle has three thousand.
    fn line<T>(&mut self, read: impl FnOnce(&[u8]) -> T) -> io::Result<Option<T>> {
        let available = match self.input.fill_buf() {
            Err(error) if error.kind() == ErrorKind::Interrupted => &[],
            available => available?,
        };
        if let Some(end) = memchr(b'\n', available) {
            let result = read(available[..end].trim_ascii());
            self.input.consume(end + 1);
            return Ok(Some(result));
        }
        self.line.clear();
        let length = self.input.read_until(b'\n', &mut self.line)?;
        Ok((length > 0).then(|| read(self.line.trim_ascii())))
    }

    fn certificate(&mut self) -> io::Result<Option<CertificateDer<'static>>> {
        loop {
            match self.line(|line| line == BEGIN)? {
                None => return Ok(None),
                Some(true) => break,
                Some(false) => {}
            }
        }
        let mut base64 = mem::take(&mut self.base64);
        base64.clear();
        let mut take = |line: &[u8]| {
            let is_end = line == END;
            if !is_end {
                base64.extend_from_slice(line);
            }
            is_end
        };
        while !self
            .line(&mut take)?
            .ok_or_else(|| malformed("has no end"))?
        {}
        let der = STANDARD.decode(&base64);
        self.base64 = base64;
        let der = der.map_err(|_| malformed("is not base64"))?;
        Ok(Some(der.into()))
    }
}

impl<R: BufRead> Iterator for PemReader<R> {
    type Item = io::Result<CertificateDer<'static>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.certificate().transpose()
    }
}

fn malformed(problem: &str) -> io::Error {
    let message = format!("a certificate in it {problem}");
    io::Error::new(io::ErrorKind::InvalidData, message)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    fn pem(content: &[u8]) -> String {
        let (begin, end) = (String::from_utf8_lossy(BEGIN), String::from_utf8_lossy(END));
        format!("{begin}\n{}\n{end}\n", STANDARD.encode(content))
    }

    fn locations(file: Option<&Path>, folder: Option<&Path>) -> RootLocations {
        let value = |path: Option<&Path>| path.map(OsString::from);
        RootLocations::from(&|name| {
            if name == "SSL_CERT_FILE" {
                value(file)
            } else {
                value(folder)
            }
        })
    }

    #[test]
    fn certificates_are_found_among_other_text() {
        let text = format!(
            "# A root\r\n{}junk\n{}",
            pem(b"one").replace('\n', "\r\n"),
            pem(b"two")
        );
        let found = |text: &[u8]| PemReader::new(text).collect::<io::Result<Vec<_>>>();
        assert_eq!(
            found(text.as_bytes()).unwrap(),
            [b"one", b"two"].map(|content| CertificateDer::from(&content[..]))
        );
        for capacity in [1, 5, 30, 60] {
            let input = BufReader::with_capacity(capacity, text.as_bytes());
            let found = PemReader::new(input).collect::<io::Result<Vec<_>>>();
            assert_eq!(found.unwrap().len(), 2, "{capacity}");
        }
        assert_eq!(found(b"no certificate").unwrap(), []);
        assert!(
            found(BEGIN)
                .unwrap_err()
                .to_string()
                .ends_with("has no end")
        );
        let garbled = [BEGIN, b"\n*\n", END].concat();
        assert!(
            found(&garbled)
                .unwrap_err()
                .to_string()
                .ends_with("is not base64")
        );
    }

    #[test]
    fn a_named_file_replaces_the_systems_roots_and_must_exist() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), pem(b"one")).unwrap();
        let named = locations(Some(file.path()), None);
        assert_eq!(
            (named.primary().flatten().count(), named.fallback().len()),
            (1, 0)
        );
        let missing = locations(Some(Path::new("/nowhere.pem")), None)
            .primary()
            .next()
            .unwrap()
            .unwrap_err();
        assert!(
            missing.to_string().starts_with("/nowhere.pem: "),
            "{missing}"
        );
    }

    #[test]
    fn a_named_folder_is_the_fallback_without_duplicates() {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in [
            ("a.pem", pem(b"one")),
            ("1234.0", pem(b"one")),
            ("b.pem", "no".into()),
        ] {
            fs::write(folder.path().join(name), content).unwrap();
        }
        let named = locations(None, Some(folder.path()));
        assert_eq!((named.primary().count(), named.fallback().len()), (0, 1));
    }
}
